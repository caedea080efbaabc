"""Screen 7: start a run."""
