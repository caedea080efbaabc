"""Small marks for tables: bars, shares, signs. Each reads without colour too."""

from collections.abc import Mapping
from typing import Any

from relcli.tui.widgets.safe_text import Text
from relcli.visible import visible

_SPARKS = "▁▂▃▄▅▆▇"  # not the full block, which would reach the line above
_TOP = len(_SPARKS) - 1
_Z = {"good": "success", "bad": "error", "warn": "warning", "accent": "accent", "primary": "primary"}

Tones = Mapping[str, str]
"""Styles by meaning: good, bad, warn, accent, primary, dim."""


def tones(variables: Mapping[str, str]) -> dict[str, str]:
    """Rich styles by meaning from a theme's variables (`App.theme_variables`)."""
    found = {name: variables.get(key, "") for name, key in _Z.items()}
    return {**{name: value if value.startswith("#") else "" for name, value in found.items()}, "dim": "dim"}


def bar(share: float | None, width: int = 8, style: str = "") -> Text:
    """A share, 0 to 1, as a heavy line in half steps, on a light one that shows how long it could be."""
    if share is None:
        return Text(" " * width)
    full, half = divmod(round(max(0.0, min(1.0, share)) * width * 2), 2)
    drawn = "━" * full + ("╸" if half else "")
    return Text.assemble((drawn, style), ("─" * (width - len(drawn)), "dim"))


def share(value: float | None, style: str = "") -> Text:
    """0.123 as `12.3`: percent without the sign, the column says it."""
    return Text("" if value is None else f"{value * 100:.1f}", style=style, justify="right")


def points(value: float | None, good_when: int, tone: Tones, weak: bool = False) -> Text:
    """A difference of shares in percentage points, with its sign. `good_when` is 1 if more is better, -1 if
    less is; `weak` differences (not significant) stay uncoloured."""
    if value is None:
        return Text("")
    shown = f"{value * 100:+.1f}".replace("-", "\u2212")
    style = "" if weak or abs(value) < 5e-4 else tone["good"] if value * good_when > 0 else tone["bad"]
    return Text(shown, style=style, justify="right")


def p_value(value: float | None) -> Text:
    """An exact p as people write it, with stars for those who scan."""
    if value is None:
        return Text("")
    stars = "***" if value < 0.001 else "** " if value < 0.01 else "*  " if value < 0.05 else "   "
    shown = "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0") if value < 0.9995 else "1.00"
    return Text(f"{shown} {stars}", justify="right")


def verdict(correct: bool | None, tone: Tones) -> Text:
    """Right or wrong as a sign."""
    if correct is None:
        return Text("·", style="dim")
    return Text("✓", style=tone["good"]) if correct else Text("✗", style=tone["bad"])


def state_mark(state: str, tone: Tones) -> Text:
    """The state of a run or job with a sign in front."""
    sign, style = {
        "running": ("▶", tone["accent"]),
        "stopping": ("◼", tone["warn"]),
        "done": ("✓", tone["good"]),
        "stopped": ("◼", tone["warn"]),
        "failed": ("✗", tone["bad"]),
    }.get(state, (" ", ""))
    return Text(f"{sign} {state}", style=style)


def spark(values: list[float], low: float | None = None, high: float | None = None) -> str:
    """A line of values as blocks of seven heights."""
    if not values:
        return ""
    low = min(values) if low is None else low
    span = (max(values) if high is None else high) - low
    return "".join(
        _SPARKS[min(_TOP, max(0, int((value - low) / span * len(_SPARKS))))] if span > 0 else _SPARKS[3]
        for value in values
    )


def cut(text: Any, width: int) -> str:
    """One line of at most `width` characters, all of which can be seen."""
    line = visible(" ".join(str(text or "").split()))
    return line if len(line) <= width else line[: max(1, width - 1)] + "…"
