"""Checkpoints that run in this process: loading, prompts, batching, the shared-prefix and padded paths."""
