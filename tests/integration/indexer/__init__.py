"""The indexer over real servers."""
