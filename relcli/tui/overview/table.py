"""The cells of the overview: one run's accuracies, alone or beside another run's or published ones."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from relcli.results.overview import CategoryResult, Comparison
from relcli.tui.widgets.cells import Tones, bar, cut, p_value, points
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Column

Row = Mapping[str, Any]
_NAME, _LONG_NAME = 20, 27  # columns of a category: at least, and the longest of the seven
_LANE, _SHORT_LANE = 22, 15
_HEADING, _HEADING_BLANK = "0 ○ masked  ● raw  100", "□ blank ○ masked ● raw"
_HEADING_BOTH, _HEADING_BOTH_SHORT = "0 ○● this ◇◆ other 100", "○●this ◇◆other"


class OverviewTable:
    """Columns and lines for a width. If `tall`, a row is two lines: the number, and its interval below."""

    def __init__(
        self,
        results: Sequence[CategoryResult],
        beside: Comparison | None,
        tone: Tones,
        width: int,
        tall: bool,
    ) -> None:
        self.tone, self.tall, self.beside = tone, tall, beside
        self.height = 2 if tall else 1
        self._blank = any(each.n("blank") for each in results)
        self._names = _LONG_NAME if width >= 100 and beside is None else _NAME
        self._lane = _LANE if tall and width >= (112 if beside is None else 120) else 0
        if beside is not None:
            self._make_room_for(max((len(each.category or "") for each in results), default=0), width)
        columns = self._columns()
        n = _fitting(columns, width)
        self.columns: list[Column] = columns[:n]
        cells = {each.category or "": self._cells(each) for each in results}
        self.lines = [(name, shown[:n]) for name, shown in cells.items()]
        self._rest = columns[n:]
        self._hidden = {name: shown[n:] for name, shown in cells.items()}

    def hidden(self, category: str) -> str:
        """What there was no room for, of a category on a line."""
        found = zip(self._rest, self._hidden.get(category, ()), strict=False)
        parts = [(heading.removeprefix(">"), " ".join(cell.plain.split())) for (heading, _), cell in found]
        return " · ".join(f"{heading} {value}" for heading, value in parts if value)

    def _make_room_for(self, name: int, width: int) -> None:
        """A long name takes what other columns leave, and then some of the plot's."""
        wanted = max(0, min(name, _LONG_NAME) - _NAME)
        spare = max(0, width - _ends(self._columns())[-1])
        from_plot = min(max(0, wanted - spare), max(0, self._lane - _SHORT_LANE))
        self._names += min(wanted, spare + from_plot)
        self._lane -= from_plot

    def _columns(self) -> list[Column]:
        number = 6 if self.tall else 13
        columns: list[Column] = [("category", self._names), (">n", 6)]
        if self._lane:
            alone = _HEADING_BLANK if self._blank else _HEADING
            both = _HEADING_BOTH if self._lane >= len(_HEADING_BOTH) else _HEADING_BOTH_SHORT
            columns.append((alone if self.beside is None else both, self._lane))
        columns += [(">raw %", number), (">masked %", max(8, number))]
        if self.beside:
            gap = ">±, p" if self.tall and self.beside.paired else ">±"
            columns += [(">their raw", 9), (gap, 9), (">their masked", 12), (gap, 9)]
            return columns
        columns += [(">drop, p" if self.tall else ">drop", 9 if self.tall else 6)]
        if not self.tall:
            columns.append((">p (Holm)", 8))
        columns += [(">clean %", 7), (">unread %", 8)]
        if self._blank:
            columns.append((">blank %", max(7, number)))
        return [*columns, (">retain", 6), (">fix", 5)]

    def _cells(self, result: CategoryResult) -> list[Text]:
        name = cut(result.category or "all", self._names)
        cells = [Text(name, style="" if result.category else "italic"), self._count(result)]
        if self._lane:
            cells.append(self._plot(result))
        cells += [self._share(result, "raw"), self._share(result, "masked")]
        if self.beside:
            return cells + self._compared(self.beside, result)
        drop = points(result.drop, -1, self.tone, weak=not result.significant)
        cells.append(self._two(drop, p_value(result.p)) if self.tall else drop)
        if not self.tall:
            cells.append(p_value(result.p))
        cells += [self._clean(result), _tenths(result.unreadable)]
        if self._blank:
            cells.append(self._share(result, "blank"))
        return [*cells, _whole(result.retain_rate), _whole(result.fix_rate)]

    def _plot(self, result: CategoryResult) -> Text:
        """This run, and on the second line the one beside it."""
        mine = {name: found.value for name, found in result.accuracies.items()}
        if self.beside is None:
            return lane(mine, self.tone)
        theirs = {name: self.beside.of(result, name).accuracy for name in ("raw", "masked")}
        known = {name: value for name, value in theirs.items() if value is not None}
        above = lane(mine, self.tone, self._lane)
        return Text.assemble(above, "\n", lane(known, self.tone, self._lane, signs="□◇◆"))

    def _count(self, result: CategoryResult) -> Text:
        raw, masked = result.n("raw"), result.n("masked")
        count = Text(f"{raw or masked:,}", justify="right")
        if not self.tall:
            return count
        below = Text(f"{masked:,}", style="dim", justify="right") if masked and masked != raw else Text("")
        return self._two(count, below)

    def _share(self, result: CategoryResult, variant: str) -> Text:
        if (found := result.accuracies.get(variant)) is None:
            return Text("")
        interval = f"{found.low * 100:.0f}\u2013{found.high * 100:.0f}"
        if self.tall:
            number = Text(f"{found.value * 100:.1f}", justify="right")
            return self._two(number, Text(interval, style="dim", justify="right"))
        return Text.assemble(f"{found.value * 100:5.1f} ", (f"{interval:>7}", "dim"), justify="right")

    def _clean(self, result: CategoryResult) -> Text:
        """Raw and, where there is room below it, masked, over the questions with one right answer."""
        raw, masked = (result.accuracies.get(variant) for variant in ("raw", "masked"))
        above = _tenths(raw and raw.clean)
        if not self.tall:
            return above
        below = Text(_tenths(masked and masked.clean).plain, style="dim", justify="right")
        return self._two(above, below)

    def _compared(self, comparison: Comparison, result: CategoryResult) -> list[Text]:
        cells = []
        for variant in ("raw", "masked"):
            found = comparison.of(result, variant)
            weak = comparison.paired and not found.significant
            shown = points(found.difference, 1, self.tone, weak)
            theirs = "" if found.accuracy is None else f"{found.accuracy * 100:.1f}"
            cells.append(Text(theirs, justify="right"))
            cells.append(self._two(shown, p_value(found.p)) if self.tall else shown)
        return cells

    @staticmethod
    def _two(above: Text, below: Text) -> Text:
        return Text.assemble(above, "\n", below, justify="right")


def _fitting(columns: Sequence[Column], width: int) -> int:
    """How many columns there is room for; the first matter most."""
    return sum(end <= width for end in _ends(columns))


def _ends(columns: Sequence[Column]) -> list[int]:
    """Where each ends: a cell has a space on either side, and the table a scrollbar."""
    return [*accumulate(((wide or 0) + 2 for _, wide in columns), initial=1)][1:]


def _tenths(value: float | None) -> Text:
    return Text("" if value is None else f"{value * 100:.1f}", justify="right")


def _whole(value: float | None) -> Text:
    return Text("" if value is None else f"{value * 100:.0f}", justify="right")


def lane(shares: Mapping[str, float], tone: Tones, width: int = _LANE, signs: str = "□○●") -> Text:
    """Raw (●) and masked (○) on one line from 0 to 100%, blank (□) too; the way between them drawn."""
    cells = ["·"] * width
    styles = ["dim"] * width
    at = {name: round(share * (width - 1)) for name, share in shares.items()}
    if "raw" in at and "masked" in at:
        for place in range(min(at["raw"], at["masked"]), max(at["raw"], at["masked"])):
            cells[place], styles[place] = "─", tone["bad"] if at["raw"] > at["masked"] else tone["good"]
    tones_of = (("blank", "warn"), ("masked", "accent"), ("raw", "primary"))
    for (name, style), sign in zip(tones_of, signs, strict=True):
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
