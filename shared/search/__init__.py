"""Search: what may be asked, as Elasticsearch is asked it. One model for API, alerts and exports."""
