"""What is read for a screen that nobody looks at any more is given up: it ends, and nothing is said of it."""

import asyncio
import logging
import time

import pytest

from relcli.hints import with_database
from relcli.tui.frame.awaited import GIVEN_UP_AFTER_S, Coming
from relcli.tui.frame.tabs import TabBar
from relcli.tui.layers.map import LayerMap
from relcli.warehouse.opening import connect, scalar

_FOR_HOURS = "(SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE (a.range + b.range) % 7 = 3)"
_SOON_S = 3.0  # a second, on a machine with other work


class Slow:
    """Makes reads of a view take hours, in the warehouse itself, and lets them be as they were."""

    def __init__(self, database, view):
        self.database, self.view = database, view
        with connect(database, read_only=False) as connection:
            self.made = scalar(connection, "SELECT sql FROM duckdb_views() WHERE view_name = ?", [view])
            select = self.made.partition(" AS ")[2].strip().rstrip(";")
            connection.execute(
                f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM ({select}) WHERE {_FOR_HOURS} >= 0"
            )

    def end(self):
        """Fails where somebody still holds the file."""
        with connect(self.database, read_only=False, timeout_s=2) as connection:
            connection.execute(self.made.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))


async def reading(driver, seconds=10.0):
    """Until the screen says that it reads."""
    end = time.monotonic() + seconds
    while not any(bar.reading for bar in driver.screen.query(TabBar)):
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


async def ended(driver, seconds=10.0):
    """How long reads still went on, in seconds."""
    began = time.monotonic()
    while driver.app.store.busy and time.monotonic() - began < seconds:
        await asyncio.sleep(0.01)
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("name", "view"), [("overview", "inference"), ("questions", "inference"), ("layers", "attention")]
)
async def test_leaving_a_screen_ends_its_read(drive, warehouse, caplog, name, view):
    caplog.set_level(logging.WARNING)
    async with drive(warehouse) as driver:
        await driver.settle()
        slow = Slow(warehouse, view)
        driver.app._stamp = driver.app.store.stamp()  # that it was written is no reason to read quietly
        driver.app.go(name)
        await reading(driver)
        left = driver.screen
        driver.app.go("sql")
        assert await ended(driver) < _SOON_S
        assert not driver.problem and not driver.notices and not left.has_class("-shown")
        slow.end()
        driver.app.go(name)
        await driver.settle()
        assert driver.screen is left and not driver.problem and "study-4b" in left.subtitle
    assert not caplog.records


async def test_another_measure_ends_the_read_of_the_one_before(drive, warehouse, caplog):
    async with drive(warehouse, "5") as driver:
        Slow(warehouse, "attention_shift_live")
        driver.screen.action_measure("l1")
        await reading(driver)
        await driver.press("M")
        assert await ended(driver) < _SOON_S
        assert driver.screen.query_one(LayerMap).has_figures and not driver.problem
    assert not caplog.records


async def test_a_window_over_the_screen_lets_it_read_on(drive, warehouse):
    async with drive(warehouse, "5") as driver:
        Slow(warehouse, "attention_shift_live")
        driver.screen.action_measure("l1")
        await reading(driver)
        await driver.pilot.press("question_mark")
        assert driver.app.is_covered
        await asyncio.sleep(2 * GIVEN_UP_AFTER_S)
        assert driver.app.store.busy and driver.screen.query_one(TabBar).reading


async def test_errors_of_reads_that_are_waited_for_stay(drive, warehouse):
    async with drive(warehouse) as driver:
        with connect(warehouse, read_only=False) as connection:
            connection.execute("CREATE OR REPLACE VIEW attention_shift_live AS SELECT error('broken') AS run")
        await driver.press("5")
        driver.screen.action_measure("l1")
        await driver.settle()
        assert driver.problem


async def test_who_asks_for_the_same_waits_for_the_same_and_the_last_to_leave_ends_it():
    begun, ends = [], []

    async def read():
        begun.append(None)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ends.append(None)
            raise

    coming: Coming[str, None] = Coming("test")
    first = asyncio.create_task(coming.get("a", read))
    second = asyncio.create_task(coming.get("a", read))
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.sleep(2 * GIVEN_UP_AFTER_S)
    assert (len(begun), len(ends)) == (1, 0)
    second.cancel()
    await asyncio.sleep(GIVEN_UP_AFTER_S / 2)
    third = asyncio.create_task(coming.get("a", read))  # back in time
    await asyncio.sleep(GIVEN_UP_AFTER_S)
    assert (len(begun), len(ends)) == (1, 0)
    third.cancel()
    await asyncio.sleep(2 * GIVEN_UP_AFTER_S)
    assert (len(begun), len(ends)) == (1, 1)
    fourth = asyncio.create_task(coming.get("a", read))
    await asyncio.sleep(0.01)
    assert len(begun) == 2
    fourth.cancel()


async def test_missing_fills_are_named_with_their_command(drive, warehouse):
    async with drive(warehouse) as driver:
        slow = Slow(warehouse, "attention")
        await driver.pilot.press("5")
        await reading(driver)
        end = time.monotonic() + 10
        while "relcli db fill" not in driver.screen.query_one(TabBar).reading and time.monotonic() < end:
            await asyncio.sleep(0.02)
        said = with_database("computed anew, relcli db fill makes it quick")
        assert said in driver.screen.query_one(TabBar).reading
        await driver.pilot.press("1")
        assert await ended(driver) < _SOON_S
        slow.end()
