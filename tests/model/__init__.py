"""Model-based tests: what may happen, in any order, and what has to hold all the while."""
