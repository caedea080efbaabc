"""Screen 1: all runs."""
