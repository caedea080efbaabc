"""Grading, probes and statistics: numpy and scikit-learn, no torch."""
