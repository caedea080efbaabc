"""Screen 5: attention by layer."""
