"""How long the terminal application takes, from a key to what it shows, in a real pseudo-terminal.

    python -m benchmarks.bench_tui [--scenes 2726] [--layers 36] [--rounds 5] [--keep FILE]

Builds an invented warehouse of the study's size (2,726 scenes, 27,260 questions, raw and masked, 36 layers;
1 GB and half a minute), or with --keep uses one that is there. Presses the keys of a round on the run with
attention, again and again, a second apart. Prints for each key, as medians, the milliseconds until anything
changes, until the effect is there, and those of processor time until then (of all threads, in steps of 10),
which say more on a busy machine; then the 95th percentile over all presses of all rounds, with and without
the first visit to each screen; and the share of a processor taken while nobody presses a key.
Aimed at on two free cores: first paint 400, 95th percentile 100, idle 1%.
"""

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.tui_warehouse import make
from relcli.scenes.generation import generate_scene
from relcli.scenes.rendering import png_bytes, render
from tests.tui.pseudo_terminal import Terminal, terminal

# key, what shows its effect, what it is; each leaves the list unfiltered, or the next one clears it
ROUND = (
    ("2", "explicit_arrow_direction", "2: overview of the run"),
    ("3", "about scene 0", "3: questions, first page and case"),
    ("\x1b[B", "Question", "down: next row"),
    ("j", "Question", "j: next row"),
    ("w", "match", "w: only wrong answers"),
    ("0", "{all} questions", "0: filter cleared"),
    ("f", "match", "f: only flipped ones"),
    ("0", "{all} questions", "0: filter cleared"),
    ("l", "match", "l: only flawed ones"),
    ("0", "{all} questions", "0: filter cleared"),
    ("s", "Sort by", "s: the orders"),
    ("\x1b[B\r", "least sure first", "down, enter: least sure first"),
    ("s", "Sort by", "s: the orders"),
    ("as asked\r", "by scene", "words, enter: by scene"),
    ("\x1b[F", "about scene {last}", "end: last page"),
    ("\x1b[H", "about scene 0", "home: first page"),
    ("n", "Question", "n: next failure"),
    ("n", "Question", "n: next failure"),
    ("N", "Question", "N: failure before"),
    (".", "Question", ".: next question"),
    ("\x1b[C", "layer", "right: next layer"),
    ("\x1b[C", "layer", "right: next layer"),
    ("m", "raw", "m: other step"),
    ("v", "said", "v: other picture"),
    ("v", "said", "v: other picture"),
    ("x", "\u2605", "x: marked"),
    ("x", "said", "x: mark taken away"),
    ("4", "→ Layer", "4: the case alone"),
    ("n", "Question", "n: next failure"),
    ("\x1b", "Open", "esc: the list again"),
    ("\x1b[H", "about scene 0", "home: first page"),
)
FIRST = ("2", "3", "4")  # a screen is imported and made when it is first gone to
IDLE_S = 20.0


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
    screen.rest(1.0)  # a second to look: the neighbours are read meanwhile
    started, cpu = time.perf_counter(), screen.cpu_s
    screen.press(key)
    screen.wait_for(words)
    took = time.perf_counter() - started
    return (screen.reacted - started) * 1000, took * 1000, (screen.cpu_s - cpu) * 1000


def say(times: Sequence[Spent], name: str) -> None:
    shown = "".join(f"{statistics.median(each[place] for each in times):10.0f}" for place in range(3))
    print(f"{shown}  {name}", flush=True)


def p95(times: Sequence[Spent], place: int) -> float:
    """The least time that 95 of 100 presses don't exceed."""
    ordered = sorted(each[place] for each in times)
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


def idle(screen: Terminal) -> float:
    """The share of a processor taken while nobody presses a key."""
    screen.rest(3.0)
    began, cpu = time.perf_counter(), screen.cpu_s
    screen.rest(IDLE_S)
    return (screen.cpu_s - cpu) / (time.perf_counter() - began)


def rounds(screen: Terminal, scenes: int, n_rounds: int) -> tuple[list[Spent], dict[str, list[Spent]]]:
    """The first visit to each screen, and every other press by what it is."""
    first: list[Spent] = []
    again: dict[str, list[Spent]] = {}
    for number in range(n_rounds):
        for key, words, name in ROUND:
            words = words.format(last=scenes - 1, all=f"{scenes * 10:,}")
            spent = timed(screen, key, words)
            if number == 0 and key in FIRST:
                first.append(spent)
                say([spent], f"{name}, first visit")
            else:
                again.setdefault(name, []).append(spent)
    return first, again


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenes", type=int, default=2726)
    parser.add_argument("--layers", type=int, default=36)
    parser.add_argument("--rounds", type=int, default=5, help="how often each key is pressed")
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
            first, again = rounds(screen, options.scenes, options.rounds)
            for name, times in again.items():
                say(times, name)
            presses = [each for times in again.values() for each in times]
            for what, times in (("", presses), (" and first visits", presses + first)):
                print(
                    f"95th percentile of {len(times)} presses{what}: {p95(times, 0):.0f} ms to anything, "
                    f"{p95(times, 1):.0f} to the effect, {p95(times, 2):.0f} of processor"
                )
            print(f"idle: {idle(screen):.2%} of a processor over {IDLE_S:.0f} s")
            screen.press("q")
            screen.wait_for_end()


if __name__ == "__main__":
    main()
