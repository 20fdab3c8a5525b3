"""Alerts in Elasticsearch: the saved searches (`book`) and what was told of them (`log`). For API and notifier.

Nothing here turns the client's errors into others: the API answers them with 503, the notifier waits.
"""
