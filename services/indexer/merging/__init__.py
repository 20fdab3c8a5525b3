"""Which reports tell the same happening: candidates, how well a pair agrees, and the incident that each joins."""
