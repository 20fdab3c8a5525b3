"""Tests of what the API does without servers."""
