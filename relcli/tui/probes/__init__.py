"""Screen 6: what attention tells by itself."""
