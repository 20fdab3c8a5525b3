"""Tests of how the weights are made, as far as they need no network."""
