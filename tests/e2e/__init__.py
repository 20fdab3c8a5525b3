"""The whole of Tocsin, from the hook to the incident."""
