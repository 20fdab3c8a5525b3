"""The notifier: matches what has changed against the alerts, and tells their receivers.

notes of changed incidents (Redis) ─match─▶ deliveries (Elasticsearch, pending) ─deliver─▶ webhook, e-mail
"""
