"""Cutting the attention of the question on screen: what to cut, and what it does to the answer."""
