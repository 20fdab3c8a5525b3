"""The way out: HTTP that reaches public addresses only. For pages that are fetched and for webhooks that are called.

addresses   which addresses are public      guard   which of them a URL may lead to
network     sockets that keep to it         transport   the same for httpx
"""
