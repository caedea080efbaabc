"""Screen 9: where single heads look."""
