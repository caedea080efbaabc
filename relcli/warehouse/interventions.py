"""Interventions: what was done to a model while it answered, by the name that its answers carry."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

from relcli.errors import UsageError
from relcli.warehouse.insert import insert_rows
from relcli.warehouse.opening import connect
from relcli.warehouse.runs import utc_now

Heads = tuple[tuple[int, int], ...]


def named_heads(heads: Heads | tuple[Heads, ...] | None) -> list[str] | None:
    """(layer, head) as `layer.head`, each once; None is all."""
    if heads is None:
        return None
    flat = [each for one in heads for each in (one if one and isinstance(one[0], tuple) else [one])]
    return [f"{layer}.{head}" for layer, head in sorted(set(flat))]  # type: ignore[arg-type]


class InterventionRecord(Protocol):
    """A row of table `intervention`, of whatever kind."""

    @property
    def intervention(self) -> str: ...

    def spec(self) -> str:
        """What the answers depend on, as JSON: equal specs give equal answers."""
        ...

    def row(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class CutRecord:
    """A row of table `intervention` that cuts attention.

    experiment: the name that the steps of a sweep and all controls share. region, from_rows: what is cut from
    whose sight. layers: None is all. heads: (layer, head), None is all of these layers; two sets where each
    half of the scenes has its own. control_of: for a
    control the intervention it belongs to. match: the region that random cells take the place of.
    draw: the number of the random set, 0 for the region itself.
    """

    intervention: str
    experiment: str
    region: str
    from_rows: str
    layers: tuple[int, ...] | None
    heads: Heads | tuple[Heads, ...] | None
    match: str | None
    draw: int
    seed: int
    control_of: str | None

    def spec(self) -> str:
        """What the answers depend on, as JSON: equal specs give equal answers."""
        return json.dumps(
            {
                "region": self.region,
                "from": self.from_rows,
                "layers": self.layers,
                "heads": self.heads,
                "match": self.match,
                "draw": self.draw,
                "seed": self.seed if self.draw else None,
            },
            sort_keys=True,
        )

    def row(self) -> dict[str, Any]:
        return _shared(self, "knock-out", "random set") | {
            "target": f"{self.from_rows} to {self.region}",
            "layers": None if self.layers is None else list(self.layers),
            "region": self.region,
            "from_rows": self.from_rows,
            "layer_heads": named_heads(self.heads),
        }


@dataclass(frozen=True, slots=True)
class SteerRecord:
    """A row of table `intervention` that steers attention; fields as in CutRecord. strength: what is added to
    the scores. draw: the number of the random set, of heads or, where these are all, of cells."""

    intervention: str
    experiment: str
    region: str
    from_rows: str
    strength: float
    heads: Heads | tuple[Heads, ...] | None
    draw: int
    seed: int
    control_of: str | None

    def spec(self) -> str:
        """What the answers depend on, as JSON: equal specs give equal answers."""
        return json.dumps(
            {
                "to": self.region,
                "from": self.from_rows,
                "strength": self.strength,
                "heads": self.heads,
                "draw": self.draw,
                "seed": self.seed if self.draw else None,
            },
            sort_keys=True,
        )

    def row(self) -> dict[str, Any]:
        return _shared(self, "steer", "random set") | {
            "target": f"{self.from_rows} to {self.region}",
            "strength": self.strength,
            "region": self.region,
            "from_rows": self.from_rows,
            # Which random heads were drawn follows from the seed.
            "layer_heads": None if self.draw else named_heads(self.heads),
        }


@dataclass(frozen=True, slots=True)
class PatchRecord:
    """A row of table `intervention` that copies states; layers, heads and controls as in CutRecord.

    places: as --at says it. variants: the two between which states are copied, in both directions as a rule;
    which, the variant of an answer says. draw: the number of the other scene's question, 0 for the twin.
    """

    intervention: str
    experiment: str
    site: str
    places: str
    layers: tuple[int, ...] | None
    heads: Heads | None
    variants: tuple[str, str]
    deepstack: str
    draw: int
    seed: int
    control_of: str | None

    def spec(self) -> str:
        """What the answers depend on, as JSON: equal specs give equal answers."""
        return json.dumps(
            {
                "site": self.site,
                "at": self.places,
                "layers": self.layers,
                "heads": self.heads,
                "variants": sorted(self.variants),
                "deepstack": self.deepstack,
                "draw": self.draw,
                "seed": self.seed if self.draw else None,
            },
            sort_keys=True,
        )

    def row(self) -> dict[str, Any]:
        return _shared(self, "patch", "another scene") | {
            "target": f"{self.site} at {self.places}",
            "layers": None if self.layers is None else list(self.layers),
            "source": self.variants[0],
            "layer_heads": named_heads(self.heads),
            "site": self.site,
            "places": self.places,
            "variants": list(self.variants),
            "deepstack": self.deepstack,
        }


def _shared(record: CutRecord | SteerRecord | PatchRecord, kind: str, control: str) -> dict[str, Any]:
    """The columns that every kind of intervention has. control: what its controls are."""
    return {
        "intervention": record.intervention,
        "kind": kind,
        "control": control if record.control_of else None,
        "seed": record.seed if record.draw else None,
        "spec": record.spec(),
        "created_at": utc_now(),
        "experiment": record.experiment,
        "control_of": record.control_of,
    }


def register_interventions(database: Path | str, records: Sequence[InterventionRecord]) -> None:
    """Make the interventions known, so that answers under them can be taken in. Those that are known stay.

    Raises UsageError where a name stands for something else already, unless no answer was given under it.
    """
    with connect(database, read_only=False) as connection:
        connection.execute("BEGIN")
        known = _known(connection, [record.intervention for record in records])
        for record in records:
            spec = record.spec()
            if known.get(record.intervention, spec) == spec:
                continue
            if _is_used(connection, record.intervention):
                connection.execute("ROLLBACK")
                raise UsageError(
                    f"The intervention {record.intervention} is another one already, with answers: choose "
                    "another --name."
                )
            connection.execute("DELETE FROM intervention WHERE intervention = ?", [record.intervention])
            del known[record.intervention]
        new = [record.row() for record in records if record.intervention not in known]
        insert_rows(connection, "intervention", new)
        connection.execute("COMMIT")


def _known(connection: duckdb.DuckDBPyConnection, names: list[str]) -> dict[str, str | None]:
    rows = connection.execute(
        "SELECT intervention, spec FROM intervention WHERE list_contains(?::VARCHAR[], intervention)", [names]
    )
    return dict(rows.fetchall())


def _is_used(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    return bool(connection.execute("SELECT 1 FROM answer WHERE intervention = ? LIMIT 1", [name]).fetchall())
