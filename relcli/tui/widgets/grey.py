"""Terminals without colours."""

import os


def is_grey() -> bool:
    """Whether colours end up as greys, as Textual draws them where NO_COLOR is set: two ends of a scale that
    differ in hue alone would look the same."""
    return "NO_COLOR" in os.environ
