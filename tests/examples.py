"""How many examples a rule is tried on that can't afford the profile's number."""

from hypothesis import settings

_USUAL = 100
"""What the numbers in the tests are meant beside."""


def examples(number: int) -> int:
    """``number`` in the quick tests, and as many times more as the profile looks for elsewhere: ten times in
    make test-slow."""
    return number * settings().max_examples // _USUAL
