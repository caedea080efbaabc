"""What the screens look like on a frozen warehouse; `pytest --snapshot-update` takes changes in."""

import shutil
from pathlib import Path

import pytest

from relcli.tui.app import RelcliApp
from tests.tiers import quick_where
from tests.tui.tui_driver import SMALL, WIDE, Driver

LARGE = (200, 60)
SHOTS = {
    "runs": (WIDE, ()),
    "overview": (WIDE, ("2", "down", "down", "down", "down")),
    "overview_small": (SMALL, ("2",)),
    "overview_beside": (WIDE, ("2", "c", "enter")),
    "questions": (WIDE, ("3", "w", "down", "right", "right")),
    "questions_small": (SMALL, ("3", "w")),
    "questions_large": (LARGE, ("3", "w", "down", "right", "right", "c", "enter")),
    "question": (WIDE, ("4", "n", "n", "n", "right", "right", "right", "right")),
    "question_small": (SMALL, ("4",)),
    "layers": (WIDE, ("5", "right", "down")),
    "layers_small": (SMALL, ("5",)),
    "overview_large": (LARGE, ("2",)),
    "layers_sheet": (WIDE, ("5", "d", "n", "right", "right")),
    "layers_sheet_small": (SMALL, ("5", "d", "n", "right", "equals_sign")),
    "probes": (WIDE, ("6", "w", "p")),
    "probes_small": (SMALL, ("6", "w")),
    "launch": (WIDE, ("7",)),
    "launch_small": (SMALL, ("7",)),
    "sql": (WIDE, ("8", "f2", "down")),
    "help": (WIDE, ("4", "f1")),
}
QUICK = ("questions", "layers_small")


# what the terminal can show, by the environment; the screens where colours carry most
COLORS = {
    "light": {"COLORTERM": "truecolor"},
    "grey": {"COLORTERM": "truecolor", "NO_COLOR": "1"},
    "few": {"TERM": "xterm"},
}
COLORED = {name: SHOTS[name] for name in ("question", "layers", "layers_sheet")}


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same terminal wherever the tests run."""
    for name in ("COLORTERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "colors"), [(name, colors) for name in COLORED for colors in COLORS])
def test_snapshot_in_other_colors(
    name: str, colors: str, probed: Path, snap_compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLORTERM")
    for variable, value in COLORS[colors].items():
        monkeypatch.setenv(variable, value)
    size, keys = COLORED[name]

    async def drive(pilot) -> None:
        if colors == "light":
            pilot.app.theme = "relcli-light"
        driver = Driver(pilot.app, pilot)
        await driver.settle()
        await driver.press(*keys)

    assert snap_compare(RelcliApp(probed), terminal_size=size, run_before=drive)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in SHOTS]
)
def test_snapshot(name: str, probed: Path, snap_compare) -> None:
    size, keys = SHOTS[name]

    async def drive(pilot) -> None:
        driver = Driver(pilot.app, pilot)
        await driver.settle()
        await driver.press(*keys)

    assert snap_compare(RelcliApp(probed), terminal_size=size, run_before=drive)


def test_snapshot_of_the_greeting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snap_compare) -> None:
    monkeypatch.chdir(tmp_path)
    assert snap_compare(RelcliApp(Path("warehouse/relcli.duckdb")), terminal_size=SMALL)


HEADS = {
    "heads": (WIDE, ("9", "down", "down", "down", "right")),
    "heads_small": (SMALL, ("9", "t", "m")),
    "tokens": (WIDE, ("4", "right", "right", "right", "right", "P")),
    "layers_row": (WIDE, ("5", "W", "m", "right")),
}


@pytest.mark.parametrize("name", quick_where(HEADS, lambda name: name == "heads"))
def test_snapshot_of_heads_and_tokens(
    name: str, heads_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snap_compare
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELCLI_CONFIG", str(tmp_path / "config.toml"))
    size, keys = HEADS[name]

    async def drive(pilot) -> None:
        driver = Driver(pilot.app, pilot)
        await driver.settle()
        await driver.press(*keys)

    shutil.copy(heads_once, "heads.duckdb")
    assert snap_compare(RelcliApp(Path("heads.duckdb")), terminal_size=size, run_before=drive)
