"""The API over real servers."""
