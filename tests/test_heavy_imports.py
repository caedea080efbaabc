"""Garbage is not collected during heavy imports, and as ever before and after them."""

import gc
import sys

import pytest

from relcli import heavy_imports
from relcli.heavy_imports import own_process, without_collector


@pytest.fixture(autouse=True)
def thawed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(heavy_imports, "_process_is_own", False)
    was_frozen = gc.get_freeze_count() > 0
    gc.unfreeze()  # what is frozen can still go, and be counted no more
    yield gc.get_freeze_count()
    gc.unfreeze()
    if was_frozen:
        gc.freeze()


def test_nothing_is_collected_during_a_first_import() -> None:
    with without_collector("a_module_that_is_not_there"):
        assert not gc.isenabled()
    assert gc.isenabled()


def test_only_a_process_of_our_own_keeps_everything(thawed: int) -> None:
    with without_collector("a_module_that_is_not_there"):
        pass
    assert gc.get_freeze_count() == thawed
    own_process()
    with without_collector("a_module_that_is_not_there"):
        held = [[] for _ in range(1000)]
    assert gc.get_freeze_count() >= thawed + len(held)


def test_a_known_module_changes_nothing(thawed: int) -> None:
    own_process()
    with without_collector("sys"):
        assert gc.isenabled() and "sys" in sys.modules
    assert gc.get_freeze_count() == thawed


def test_a_failed_import_leaves_the_collector_on(thawed: int) -> None:
    own_process()
    with pytest.raises(ImportError), without_collector("a_module_that_is_not_there"):
        import a_module_that_is_not_there  # type: ignore[import-not-found]  # noqa: F401
    assert gc.isenabled() and gc.get_freeze_count() == thawed


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with without_collector("a_module_that_is_not_there"):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
