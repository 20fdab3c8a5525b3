"""What makes the merge model."""
