"""Tests of the embedded mode on real servers."""
