"""What is counted and timed for Prometheus.

catalogue   every metric of articles, requests and decisions        slots     one file for each child of a pool
endpoint    where a worker, or beat, tells them                     backlog   what waits, told by beat alone
room        what is left of it, told by the API
"""
