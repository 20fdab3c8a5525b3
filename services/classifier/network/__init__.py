"""What the encoder reads, and what the heads on it answer."""
