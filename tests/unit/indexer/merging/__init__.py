"""Unit tests of merging."""
