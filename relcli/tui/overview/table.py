"""The cells of the overview: one run's accuracies, alone or beside another run's or published ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from relcli.analysis.statistics import holm
from relcli.tui.widgets.cells import (
    Tones,
    bar,
    cut,
    p_value,
    points,
)
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Column

Row = Mapping[str, Any]
_LEVEL = 0.05
_LANE = 22


@dataclass(slots=True)
class Beside:
    """What a run is laid beside: (category, variant) to accuracy, and a p-value where one can be had.

    Published figures are other questions of the same kind, so there is no paired test against them.
    """

    name: str
    paired: bool
    accuracy: dict[tuple[str | None, str], float | None] = field(default_factory=dict)
    difference: dict[tuple[str | None, str], float | None] = field(default_factory=dict)
    p: dict[tuple[str | None, str], float | None] = field(default_factory=dict)

    @classmethod
    def published(cls, source: str, rows: Sequence[Row]) -> "Beside":
        made = cls(source, paired=False)
        for row in rows:
            for variant in ("raw", "masked"):
                made.accuracy[row["category"], variant] = row[f"accuracy_{variant}"]
        return made

    @classmethod
    def run(cls, name: str, rows: Sequence[Row]) -> "Beside":
        made = cls(name, paired=True)
        for row in rows:
            key = row["category"], row["variant"]
            made.accuracy[key], made.difference[key] = row["other"], row["mine"] - row["other"]
            made.p[key] = row["mcnemar_p"]
        for variant in ("raw", "masked"):
            _correct({key: p for key, p in made.p.items() if key[1] == variant and key[0]}, made.p)
        return made


def _correct(raw: Mapping[Any, float | None], into: dict[Any, float | None]) -> None:
    """Holm's correction over the categories; the line over all of them is one test of its own."""
    known = {key: p for key, p in raw.items() if p is not None}
    into.update(zip(known, holm(list(known.values())), strict=True))


class OverviewTable:
    """Columns and lines for a width. If `tall`, a row is two lines: the number, and its interval below."""

    def __init__(
        self, rows: Sequence[Row], beside: Beside | None, tone: Tones, width: int, tall: bool
    ) -> None:
        self.tone, self.tall, self.beside = tone, tall, beside
        self.height = 2 if tall else 1
        self._p: dict[Any, float | None] = {row["category"]: row["mcnemar_p"] for row in rows}
        _correct({key: p for key, p in self._p.items() if key}, self._p)
        self._blank = any(row["n_blank"] for row in rows)
        self._names = 27 if width >= 100 else 20
        self._lane = tall and beside is None and width >= 112
        self.columns: list[Column] = self._columns()
        self.lines = [(row["category"] or "", self._cells(row)) for row in rows]

    def _columns(self) -> list[Column]:
        number = 6 if self.tall else 13
        columns: list[Column] = [("category", self._names), (">n", 6)]
        if self._lane:
            columns.append(("0 ○ masked  ● raw  100", _LANE))
        columns += [(">raw %", number), (">masked %", max(8, number))]
        if self.beside:
            gap = ">±, p" if self.tall and self.beside.paired else ">±"
            columns += [(">their raw", 9), (gap, 9), (">their masked", 12), (gap, 9)]
            return columns
        columns += [(">drop, p" if self.tall else ">drop", 9 if self.tall else 6)]
        if not self.tall:
            columns.append((">p (Holm)", 8))
        if self._blank:
            columns.append((">blank %", max(7, number)))
        return [*columns, (">retain", 6), (">fix", 5)]

    def _cells(self, row: Row) -> list[Text]:
        name = cut(row["category"] or "all", self._names)
        cells = [Text(name, style="" if row["category"] else "italic"), self._count(row)]
        if self._lane:
            cells.append(lane(row, self.tone))
        cells += [self._share(row, "raw"), self._share(row, "masked")]
        if self.beside:
            return cells + self._compared(row)
        p = self._p[row["category"]]
        drop = points(row["drop"], -1, self.tone, weak=p is None or p >= _LEVEL)
        cells.append(self._two(drop, p_value(p)) if self.tall else drop)
        if not self.tall:
            cells.append(p_value(p))
        if self._blank:
            cells.append(self._share(row, "blank"))
        return [*cells, _whole(row["retain_rate"]), _whole(row["fix_rate"])]

    def _count(self, row: Row) -> Text:
        raw, masked = row["n_raw"] or 0, row["n_masked"] or 0
        below = Text(f"{masked:,}", style="dim", justify="right") if masked and masked != raw else Text("")
        return (
            self._two(Text(f"{raw or masked:,}", justify="right"), below)
            if self.tall
            else Text(f"{raw or masked:,}", justify="right")
        )

    def _share(self, row: Row, variant: str) -> Text:
        value = row[variant]
        if value is None:
            return Text("")
        number = Text(f"{value * 100:.1f}", justify="right")
        interval = f"{row[f'{variant}_low'] * 100:.0f}\u2013{row[f'{variant}_high'] * 100:.0f}"
        if self.tall:
            return self._two(number, Text(interval, style="dim", justify="right"))
        return Text.assemble(f"{value * 100:5.1f} ", (f"{interval:>7}", "dim"), justify="right")

    def _compared(self, row: Row) -> list[Text]:
        assert self.beside is not None
        cells = []
        for variant in ("raw", "masked"):
            key = row["category"], variant
            theirs, p = self.beside.accuracy.get(key), self.beside.p.get(key)
            mine = row[variant]
            gap = self.beside.difference.get(key)
            if gap is None and None not in (theirs, mine):
                gap = mine - theirs  # type: ignore[operator]
            weak = self.beside.paired and (p is None or p >= _LEVEL)
            shown = points(gap, 1, self.tone, weak)
            cells.append(Text("" if theirs is None else f"{theirs * 100:.1f}", justify="right"))
            cells.append(self._two(shown, p_value(p)) if self.tall else shown)
        return cells

    @staticmethod
    def _two(above: Text, below: Text) -> Text:
        return Text.assemble(above, "\n", below, justify="right")


def _whole(value: float | None) -> Text:
    return Text("" if value is None else f"{value * 100:.0f}", justify="right")


def lane(row: Row, tone: Tones, width: int = _LANE) -> Text:
    """Raw (●) and masked (○) on one line from 0 to 100%, blank (□) too; the way between them drawn."""
    cells = ["·"] * width
    styles = ["dim"] * width
    at = {
        name: round(row[name] * (width - 1)) for name in ("blank", "masked", "raw") if row[name] is not None
    }
    if "raw" in at and "masked" in at:
        for place in range(min(at["raw"], at["masked"]), max(at["raw"], at["masked"])):
            cells[place], styles[place] = "─", tone["bad"] if at["raw"] > at["masked"] else tone["good"]
    for name, sign, style in (("blank", "□", "warn"), ("masked", "○", "accent"), ("raw", "●", "primary")):
        if name in at:
            cells[at[name]], styles[at[name]] = sign, tone[style]
    text = Text()
    for cell, style in zip(cells, styles, strict=True):
        text.append(cell, style=style)
    return text


def breakdown(category: str, rows: Sequence[Row], tone: Tones, width: int) -> Text:
    """A category by what the right answer is, the worst first."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{category}", style="bold").append(" by the right answer, the worst first\n", style="dim")
    label = max((len(cut(row["item"], 34)) for row in rows), default=0)
    for row in rows:
        text.append(f"  {cut(row['item'], 34):<{label}}  ")
        text.append_text(bar(row["raw"], 16 if width >= 100 else 8, tone["primary"]))
        if row["raw"] is None:
            text.append("   not asked on the raw picture\n", style="dim")
            continue
        text.append(f" {row['raw'] * 100:5.1f}%")
        text.append(f"  {row['raw_low'] * 100:.0f}\u2013{row['raw_high'] * 100:.0f}".ljust(9), style="dim")
        text.append(f" of {row['n_raw']:<5,}")
        if row["masked"] is not None:
            text.append(f" masked {row['masked'] * 100:5.1f}%", style="dim")
        if row["n_wrong"]:
            text.append(f"   wrong {row['n_wrong']:,}", style=tone["bad"])
            if row["instead"]:
                text.append(f", mostly \u201c{cut(row['instead'], 22)}\u201d", style="dim")
        text.append("\n")
    return text
