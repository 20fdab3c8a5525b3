"""When: expressions of time in a text, the days they mean, and which of them is the date of an event."""
