"""Documentation and outward forms: what is promised is what is there."""
