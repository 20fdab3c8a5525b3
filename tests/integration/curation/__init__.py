"""People correct incidents, through the API, while the indexer files."""
