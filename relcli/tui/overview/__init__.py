"""Screen 2: one run by category."""
