"""A language model behind an OpenAI-compatible URL codes an article again. Off unless a server is named."""
