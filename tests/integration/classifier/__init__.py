"""The classifier and the servers that it may ask."""
