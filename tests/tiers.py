"""Cases of a test in two tiers: some of them in the quick one, the others in the slow one."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def quick_where(cases: Iterable[Any], quick: Callable[[Any], bool]) -> list[Any]:
    """Cases for `pytest.mark.parametrize`, tuples or single values; those not quick are slow tests."""
    return [case if quick(case) else pytest.param(*_values(case), marks=pytest.mark.slow) for case in cases]


def _values(case: Any) -> tuple[Any, ...]:
    return case if isinstance(case, tuple) else (case,)
