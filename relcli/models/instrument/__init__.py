"""Editing a model while it answers: attention knock-out."""
