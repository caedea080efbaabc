"""Screen 8: ask the warehouse."""
