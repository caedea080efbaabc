"""Garbage is not collected during heavy imports, and as ever before and after them."""

import gc
import sys

import pytest

from relcli.heavy_imports import without_collector


@pytest.fixture(autouse=True)
def thawed():
    yield
    gc.unfreeze()


def test_nothing_is_collected_during_a_first_import() -> None:
    with without_collector("a_module_that_is_not_there"):
        assert not gc.isenabled()
        held = [[] for _ in range(1000)]
    assert gc.isenabled() and gc.get_freeze_count() >= len(held)


def test_garbage_from_before_is_not_kept() -> None:
    gone = []

    class Circle:
        def __del__(self) -> None:
            gone.append(True)

    circle = Circle()
    circle.itself = circle  # type: ignore[attr-defined]
    del circle
    with without_collector("a_module_that_is_not_there"):
        assert gone


def test_a_known_module_changes_nothing() -> None:
    frozen = gc.get_freeze_count()
    with without_collector("sys"):
        assert gc.isenabled() and "sys" in sys.modules
    assert gc.get_freeze_count() == frozen


def test_a_failed_import_leaves_the_collector_on() -> None:
    with pytest.raises(ImportError), without_collector("a_module_that_is_not_there"):
        import a_module_that_is_not_there  # type: ignore[import-not-found]  # noqa: F401
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with without_collector("a_module_that_is_not_there"):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
