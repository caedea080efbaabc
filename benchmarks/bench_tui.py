"""How long the terminal application takes, from a key to what it shows, in a real pseudo-terminal.

    python -m benchmarks.bench_tui [--scenes 2726] [--layers 36] [--keep FILE]

Builds an invented warehouse of the study's size (2,726 scenes, 27,260 questions, raw and masked, 36 layers;
some 2 GB and a few minutes), or with --keep uses one that is there. Prints, as the
median over five presses where a key can be pressed again, the milliseconds until anything changes, until the
effect is there, and those of processor time (in steps of 10), which say more on a busy machine. Expected on
two cores: first paint under 1,200, keys under 100.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.tui_warehouse import make
from relcli.scenes.generation import generate_scene
from relcli.scenes.rendering import png_bytes, render
from tests.tui.pseudo_terminal import Terminal, terminal

# key, what shows its effect, what it is; all on the run with attention
KEYS = (
    ("2", "explicit_arrow_direction", "2: overview of the run"),
    ("3", "about scene 0", "3: questions, first page and case"),
    ("\x1b[B", "Question", "down: next row, and its case"),
    ("w", "match", "w: only wrong answers"),
    ("0", "{all} questions", "0: filter cleared"),
    ("\x1b[F", "about scene {last}", "end: last page"),
    ("\x1b[H", "about scene 0", "home: first page"),
    ("4", "all layers · mean", "4: one question"),
    ("n", "Question", "n: next failure"),
    ("\x1b[C", "layer", "right: next layer"),
    ("m", "raw", "m: other step"),
    ("v", "layer", "v: other picture"),
)
AGAIN = ("\x1b[B", "n", "\x1b[C", "s", "v")


Spent = tuple[float, float, float]  # milliseconds to the first reaction, to the effect, of processor time


def first_paint(database: Path) -> tuple[Spent, Spent]:
    """From the start of the process to the first paint, and to the first row."""
    started = time.perf_counter()
    with terminal(database) as screen:
        screen.wait_for("4 Question")
        reacted = (screen.reacted - started) * 1000
        painted = reacted, (time.perf_counter() - started) * 1000, screen.cpu_s * 1000
        screen.wait_for("big-0")
        filled = reacted, (time.perf_counter() - started) * 1000, screen.cpu_s * 1000
        screen.press("q")
        screen.wait_for_end()
    return painted, filled


def timed(screen: Terminal, key: str, words: str) -> Spent:
    screen.drain(1.0)  # a second to look: the neighbours are read meanwhile
    started, cpu = time.perf_counter(), screen.cpu_s
    screen.press(key)
    screen.wait_for(words)
    took = time.perf_counter() - started
    return (screen.reacted - started) * 1000, took * 1000, (screen.cpu_s - cpu) * 1000


def say(times: Sequence[Spent], name: str) -> None:
    shown = "".join(f"{statistics.median(each[place] for each in times):10.0f}" for place in range(3))
    print(f"{shown}  {name}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenes", type=int, default=2726)
    parser.add_argument("--layers", type=int, default=36)
    parser.add_argument("--keep", type=Path, help="build it here, and use it if it is there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = options.keep or Path(folder) / "big.duckdb"
        if not database.exists():
            make(database, options.scenes, png_bytes(render(generate_scene(1, 3))), layers=options.layers)
        print(
            f"warehouse of {database.stat().st_size / 1e6:,.0f} MB; milliseconds on the clock, of processor:"
        )
        paints = [first_paint(database) for _ in range(3)]
        for place, name in enumerate(("first paint", "first rows")):
            say([paint[place] for paint in paints], name)
        with terminal(database) as screen:
            screen.wait_for("big-0")
            for key, words, name in KEYS:
                words = words.format(last=options.scenes - 1, all=f"{options.scenes * 10:,}")
                say([timed(screen, key, words) for _ in range(5 if key in AGAIN else 1)], name)
            screen.press("q")
            screen.wait_for_end()


if __name__ == "__main__":
    main()
