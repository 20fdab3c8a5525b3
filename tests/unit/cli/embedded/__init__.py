"""Tests of the embedded mode that start nothing."""
