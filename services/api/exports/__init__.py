"""Exports: any search as a file of any size, and as a feed.

    search ──▶ scan ──documents──▶ a format ──bytes──▶ the client

A format is a function from stored documents to bytes that holds no more than a chunk of them at a time.
"""
