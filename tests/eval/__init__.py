"""The floors of accuracy: the rulers of the steering repository over its development data."""
