"""How long the map of single heads takes at the size of a large model, from a key to what it shows.

    python -m benchmarks.bench_heads_map [--scenes 100] [--keep FILE]

Makes rows of head shares in the shape of 36 layers of 32 heads (four query rows, raw and masked, two
questions a scene; contents are invented) and opens the screen at 120x40 without a terminal. Printed: seconds
of the read and of the first map, and milliseconds of each key, by the clock and of the processor (median of
nine). Expected: moving under 100 ms of processor time, another map under 300.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from relcli.tui.app import RelcliApp
from relcli.tui.heads.screen import HeadsScreen
from relcli.tui.widgets.heat_table import HeatTable
from relcli.warehouse.opening import connect
from relcli.warehouse.reads import read
from tests.tui.heads_kit import N_HEADS, RUN, make_heads_warehouse
from tests.tui.tui_driver import WIDE, Driver
from tests.tui.warehouse_kit import N_LAYERS

LAYERS, HEADS = 36, 32
_LISTS = ("image_mass", "entropy", "target", "chance", "distractor", "removed", "sink", "rest")
KEYS = {
    "down": "next layer",
    "right": "next head",
    "W": "other row",
    "t": "other category",
    "v": "other picture",
}


def make(path: Path, scenes: int) -> Path:
    """The test's warehouse with its layers and heads repeated."""
    make_heads_warehouse(path, n_scenes=scenes)
    with connect(path, read_only=False) as connection:
        times = HEADS // N_HEADS
        wide = ", ".join(
            f"CASE WHEN {name} IS NOT NULL THEN flatten([{name} FOR i IN range({times})]) END AS {name}"
            for name in _LISTS
        )
        connection.execute(f"CREATE TEMP TABLE more AS SELECT * REPLACE ({wide}) FROM head_attention")
        connection.execute("DELETE FROM head_attention")
        connection.execute(
            "INSERT INTO head_attention BY NAME "
            f"SELECT m.* REPLACE ((m.layer + {N_LAYERS} * i)::SMALLINT AS layer) "
            f"FROM more AS m, range({LAYERS // N_LAYERS}) AS t(i)"
        )
        connection.execute("CHECKPOINT")
    return path


async def time_screen(path: Path) -> None:
    app = RelcliApp(path)
    async with app.run_test(size=WIDE) as pilot:
        driver = Driver(app, pilot)
        await driver.settle()
        started, cpu = time.perf_counter(), time.process_time()
        await pilot.press("9")
        while not (isinstance(driver.screen, HeadsScreen) and driver.screen.query_one(HeatTable).row_count):
            await pilot.pause(0.01)
        await driver.settle()
        took = time.perf_counter() - started, time.process_time() - cpu
        print(f"{took[0]:8.2f} s {took[1]:8.2f} s cpu  first map, its read included")
        for key, words in KEYS.items():
            spent = []
            for _ in range(9):
                started, cpu = time.perf_counter(), time.process_time()
                await pilot.press(key)
                await pilot.pause()
                spent.append((time.perf_counter() - started, time.process_time() - cpu))
            wall, cpu = (1000 * statistics.median(each[place] for each in spent) for place in (0, 1))
            print(f"{wall:8.0f} ms {cpu:7.0f} ms cpu  {key}: {words}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="build it here, and use it if it is there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.keep or Path(folder) / "heads.duckdb"
        if not path.exists():
            make(path, options.scenes)
        print(f"warehouse of {path.stat().st_size / 1e6:,.0f} MB, {LAYERS} layers of {HEADS} heads")
        started, cpu = time.perf_counter(), time.process_time()
        rows = read(path, "head_map", run=RUN).rows
        took = time.perf_counter() - started, time.process_time() - cpu
        print(f"{took[0]:8.2f} s {took[1]:8.2f} s cpu  read of {len(rows):,} heads in all maps")
        asyncio.run(time_screen(path))


if __name__ == "__main__":
    main()
