"""How long the terminal application takes, from a key to what it shows, in a real pseudo-terminal.

    python -m benchmarks.bench_tui [--scenes 2726] [--layers 36] [--rounds 5] [--keep FOLDER]

Builds an invented warehouse of the study's size (2,726 scenes, 27,260 questions, raw and masked, 36 layers;
1 GB and half a minute), or with --keep uses one that is there. Presses the keys of a round on the run with
attention, again and again, a second apart. Prints for each key, as medians, the milliseconds until anything
changes, until its effect is there, those of processor time until then (of all threads, in steps of 10),
which say more on a busy machine, and for keys that change the list, until the case beside it is that of the
question now under the cursor, where that is another. For keys that go to a question the effect is its case.
Then the 95th percentiles over all presses of all rounds, with and without the first visit to each screen, and
the share of a processor taken while nobody presses a key; the load of the machine stands at either end.
Aimed at on two free cores: first paint 400, 95th percentile 100, idle 1%.
"""

import argparse
import math
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.tui_warehouse import make
from relcli.scenes.generation import generate_scene
from relcli.scenes.rendering import png_bytes, render
from tests.tui.pseudo_terminal import Terminal, terminal

CASE = "circle?"  # the end of a question: a row of the list has no room for it, only the case has


class Press(NamedTuple):
    """A key, what is written when its effect is there, what it is, and whether the case beside follows."""

    key: str
    words: str
    name: str
    moves_case: bool = False


# Each leaves the list unfiltered, or the next one clears it.
ROUND = (
    Press("2", "explicit_arrow_direction", "2: overview of the run"),
    Press("3", "about scene 0, is", "3: questions, first page and case"),
    Press("\x1b[B", CASE, "down: next row"),
    Press("j", CASE, "j: next row"),
    Press("w", "match", "w: only wrong answers", True),
    Press("0", "{all} questions", "0: filter cleared", True),
    Press("f", "match", "f: only flipped ones"),
    Press("0", "{all} questions", "0: filter cleared"),
    Press("l", "match", "l: only flawed ones", True),
    Press("0", "{all} questions", "0: filter cleared", True),
    Press("s", "Sort by", "s: the orders"),
    Press("\x1b[B\r", "least sure first", "down, enter: least sure first", True),
    Press("s", "Sort by", "s: the orders"),
    Press("as asked\r", "by scene", "words, enter: by scene", True),
    Press("\x1b[F", "about scene {last}, is", "end: last page"),
    Press("\x1b[H", "about scene 0, is", "home: first page"),
    Press("n", CASE, "n: next failure"),
    Press("n", CASE, "n: next failure"),
    Press("N", CASE, "N: failure before"),
    Press(".", CASE, ".: next question"),
    Press("\x1b[C", "layer", "right: next layer"),
    Press("\x1b[C", "layer", "right: next layer"),
    Press("m", "layer", "m: other step"),
    Press("v", "said", "v: other picture"),
    Press("v", "said", "v: other picture"),
    Press("x", "\u2605", "x: marked"),
    Press("x", "said", "x: mark taken away"),
    Press("4", "\u2192 Layer", "4: the case alone"),
    Press("n", CASE, "n: next failure"),
    Press("\x1b", "Open", "esc: the list again"),
    Press("\x1b[H", "about scene 0, is", "home: first page"),
)
FIRST = ("2", "3", "4")  # a screen is imported and made when it is first gone to
IDLE_S = 20.0
_CASE_WITHIN_S = 3.0


class Spent(NamedTuple):
    """Milliseconds to the first reaction, to the effect, of processor time till then, and to the case."""

    reaction: float
    effect: float
    processor: float
    case: float | None = None


def first_paint(database: Path) -> tuple[Spent, Spent]:
    """From the start of the process to the first paint, and to the first row."""
    started = time.perf_counter()
    with terminal(database) as screen:
        screen.wait_for("4 Question")
        reacted = (screen.reacted - started) * 1000
        painted = Spent(reacted, (time.perf_counter() - started) * 1000, screen.cpu_s * 1000)
        screen.wait_for("big-0")
        filled = Spent(reacted, (time.perf_counter() - started) * 1000, screen.cpu_s * 1000)
        screen.press("q")
        screen.wait_for_end()
    return painted, filled


def timed(screen: Terminal, press: Press, words: str) -> Spent:
    screen.rest(1.0)  # a second to look: the neighbours are read meanwhile
    started, cpu = time.perf_counter(), screen.cpu_s
    screen.press(press.key)
    screen.wait_for(words)
    took, spent = (time.perf_counter() - started) * 1000, (screen.cpu_s - cpu) * 1000
    case = None
    if press.moves_case:
        try:
            screen.wait_for(CASE, _CASE_WITHIN_S)
            case = (time.perf_counter() - started) * 1000
        except AssertionError:
            pass  # the first question of the list was the one shown
    return Spent((screen.reacted - started) * 1000, took, spent, case)


def say(times: Sequence[Spent], name: str) -> None:
    shown = "".join(f"{statistics.median(each[place] or 0 for each in times):10.0f}" for place in range(3))
    cases = [each.case for each in times if each.case is not None]
    shown += f"{statistics.median(cases):10.0f}" if cases else " " * 10
    print(f"{shown}  {name}", flush=True)


def p95(times: Sequence[float]) -> float:
    """The least time that 95 of 100 presses don't exceed."""
    ordered = sorted(times)
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
        for press in ROUND:
            spent = timed(screen, press, press.words.format(last=scenes - 1, all=f"{scenes * 10:,}"))
            if number == 0 and press.key in FIRST:
                first.append(spent)
                say([spent], f"{press.name}, first visit")
            else:
                again.setdefault(press.name, []).append(spent)
    return first, again


def database_of(keep: Path | None, folder: Path, scenes: int, layers: int) -> Path:
    """The warehouse to be measured: the one that was kept, or a new one, whole once it has its name."""
    folder = keep if keep is not None else folder
    database = folder if folder.suffix == ".duckdb" else folder / "big.duckdb"
    if not database.exists():
        database.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=database.parent) as making:
            picture = png_bytes(render(generate_scene(1, 3)))
            os.replace(make(Path(making) / database.name, scenes, picture, layers=layers), database)
    return database


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenes", type=int, default=2726)
    parser.add_argument("--layers", type=int, default=36)
    parser.add_argument("--rounds", type=int, default=5, help="how often each key is pressed")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="build it in this folder, and use it if it is there"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = database_of(options.keep, Path(folder), options.scenes, options.layers)
        size = database.stat().st_size / 1e6
        print(f"warehouse of {size:,.0f} MB, {load()}")
        print("milliseconds to anything, to the effect, of processor, and to the case:")
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
                cases = [max(each.effect, each.case or 0) for each in times]
                print(
                    f"95th percentile of {len(times)} presses{what}: "
                    f"{p95([each.reaction for each in times]):.0f} ms to anything, "
                    f"{p95([each.effect for each in times]):.0f} to the effect, "
                    f"{p95([each.processor for each in times]):.0f} of processor, "
                    f"{p95(cases):.0f} with the case"
                )
            print(f"idle: {idle(screen):.2%} of a processor over {IDLE_S:.0f} s; {load()}")
            screen.press("q")
            screen.wait_for_end()


if __name__ == "__main__":
    main()
