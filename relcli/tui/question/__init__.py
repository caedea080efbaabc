"""Screen 4: one question, with pictures and attention."""
