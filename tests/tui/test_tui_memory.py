"""The collector of unused objects has its turn when no key is pressed."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from relcli.tui.app import RelcliApp
from relcli.tui.frame import memory


class _Circle:
    """Only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def alone(monkeypatch) -> Iterator[None]:
    monkeypatch.setattr(memory, "_alone", True)
    monkeypatch.setattr(memory, "_REST_S", 0.05)
    monkeypatch.setattr(memory, "_LONG_REST_S", 0.05)
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def test_what_a_key_made_is_collected_once_no_further_key_comes(alone):
    collecting, unused = memory.Collecting(), weakref.ref(_Circle())
    for _ in range(5):
        collecting.put_off()
        await asyncio.sleep(0)
        assert unused() is not None
    while unused() is not None:
        await asyncio.sleep(0.01)


async def test_what_is_older_is_collected_in_a_longer_rest(alone, monkeypatch):
    monkeypatch.setattr(memory, "_YOUNG", 0)
    collecting, circle = memory.Collecting(), _Circle()
    unused = weakref.ref(circle)
    gc.collect(0)  # it is older now
    del circle
    collecting.put_off()
    while unused() is not None:
        await asyncio.sleep(0.01)


async def test_it_is_left_alone_in_a_process_that_others_use(alone, monkeypatch):
    monkeypatch.setattr(memory, "_alone", False)
    collecting, unused = memory.Collecting(), weakref.ref(_Circle())
    collecting.put_off()
    await asyncio.sleep(0.2)
    assert unused() is not None


async def test_a_key_puts_it_off_in_the_application(alone, tmp_path, monkeypatch):
    app = RelcliApp(tmp_path / "none.duckdb")
    async with app.run_test() as pilot:
        await pilot.pause()
        unused = weakref.ref(_Circle())
        await pilot.press("j")
        while unused() is not None:
            await pilot.pause(0.02)
