"""Tests of `services/setup` without servers."""
