"""How many: counts of the killed and the injured in a text, and the toll of an event that they add up to."""
