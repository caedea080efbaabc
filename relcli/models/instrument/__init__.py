"""Observing and editing a model while it answers: attention rows, summaries, knock-out."""
