"""Screen 3: a run's questions."""
