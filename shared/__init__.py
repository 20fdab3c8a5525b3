"""What every Tocsin process shares: the nouns, the flow, the task policy, the stores. Imports no service."""

__version__ = "0.1.0"
