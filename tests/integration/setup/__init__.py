"""Tests of `services/setup` on real servers."""
