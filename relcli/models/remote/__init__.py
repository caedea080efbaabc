"""Models behind a server that speaks OpenAI's chat completions. No torch: a laptop can ask a cluster."""
