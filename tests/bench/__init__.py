"""Benchmarks: `make bench` prints them. Each figure is a ratio of two costs taken in the same run."""
