"""Who did it, to whom, at what and with what: names, the mentions of one party, and which parties are coded."""
