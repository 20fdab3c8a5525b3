"""The indexer: files articles, assigns their events to incidents, and records how submissions ended."""
