"""Search: what may be asked of incidents and articles, as Elasticsearch is asked it. One model for API, alerts and exports."""
