"""Tests of the classifier's rules, on sentences of our own."""
