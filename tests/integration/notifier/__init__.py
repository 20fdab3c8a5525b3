"""The notifier over real servers and real receivers."""
