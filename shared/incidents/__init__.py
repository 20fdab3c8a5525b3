"""Incidents: the fold of reports into the record people search, and their safe reading and writing."""
