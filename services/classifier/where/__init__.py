"""Where: names of places in a text, what they stand for, and which of them is the place of an event."""
