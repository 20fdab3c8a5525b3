"""Tests of what may be searched for."""
