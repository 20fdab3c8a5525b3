"""Backup, restore and upgrade on real servers."""
