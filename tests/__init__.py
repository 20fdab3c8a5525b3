"""The tests. Servers are real; what is ours is never patched."""
