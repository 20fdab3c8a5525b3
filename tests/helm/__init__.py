"""The Helm chart: rendered by Helm's own engine, held against Kubernetes' schemas and against the code."""
