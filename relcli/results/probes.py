"""Earlier probes of a run: the ways it was probed, the probes of one way, published figures beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from relcli.analysis.probing.labels import LABELS

Row = Mapping[str, Any]
_ORDER = {
    name: at
    for at, name in enumerate((category, label) for category, labels in LABELS.items() for label in labels)
}


def key_of(row: Row) -> str:
    return f"{row['category']}.{row['label']}"


def beats_controls(row: Row) -> bool:
    """Whether a probe of the read `probe_list` is above its controls, tested over all layers and labels.
    False for older probes and those of the study's protocol, which have no such test."""
    return row["beats_controls"] is True


@dataclass(slots=True)
class ProbeRecords:
    """rows: of the read `probe_list`; published: of `probe_published`; way: the name of the way looked at;
    source: of the published figures laid beside, empty for none."""

    rows: Sequence[Row] = ()
    published: Sequence[Row] = ()
    way: str = ""
    source: str = ""
    _ways: dict[str, Row] = field(default_factory=dict)

    def take(self, rows: Sequence[Row], published: Sequence[Row]) -> None:
        """What the warehouse has now. The way looked at stays if it is still there; else it is the latest."""
        self.rows, self.published = rows, published
        latest = sorted(rows, key=lambda row: row["started_at"], reverse=True)
        self._ways = {row["probe"]: row for row in latest}
        if self.way not in self._ways:
            self.way = next(iter(self._ways), "")

    @property
    def ways(self) -> dict[str, Row]:
        """The ways this run was probed, the latest first, each with one of its rows."""
        return self._ways

    @property
    def listed(self) -> dict[str, Row]:
        """The probes of the way looked at, in the order of categories and labels."""
        mine = (row for row in self.rows if row["probe"] == self.way)
        ordered = sorted(
            mine, key=lambda row: (_ORDER.get((row["category"], row["label"]), len(_ORDER)), key_of(row))
        )
        return {key_of(row): row for row in ordered}

    def next_way(self) -> bool:
        """Go to the next way; False if there is no other."""
        ways = list(self._ways)
        if len(ways) < 2:
            return False
        self.way = ways[(ways.index(self.way) + 1) % len(ways)]
        return True

    def next_source(self) -> bool:
        """Lay the next published source beside, after the last none; False if none has figures for these."""
        sources = list(dict.fromkeys(row["source"] for row in self.published if row["probe"] == self.way))
        at = sources.index(self.source) + 1 if self.source in sources else 0
        self.source = sources[at] if at < len(sources) else ""
        return bool(sources)

    def beside(self, row: Row) -> Row | None:
        """The published figure to lay beside a probe."""
        same = ("probe", "category", "label")
        found = (
            each
            for each in self.published
            if each["source"] == self.source and all(each[name] == row[name] for name in same)
        )
        return next(found, None)
