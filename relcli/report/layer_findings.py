"""Beside the rows of a run's figures: what of its attention stands out when all layers and categories are
tested at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from relcli.results.layers import LOOKS, SURE

Rows = list[dict[str, Any]]

TESTED = {
    "grounding": "layer_grounding",
    "grounding-within": "layer_grounding",
    "shift": "layer_shift",
}
"""Figures whose rows get a p after correction, and the read that is tested."""


def add_corrected_p(database: Path, run: str, rows: Mapping[str, Rows]) -> None:
    """To the rows of the figures of `TESTED` that are there: `l1_p` to those of a shift; `elsewhere_p_all`,
    `others_p_all` and `looks`, whether both are up to 0.05, to those of grounding."""
    from relcli.results.layer_findings import corrected_p
    from relcli.warehouse.reads import read

    for read_name in dict.fromkeys(name for figure, name in TESTED.items() if rows.get(figure)):
        p = corrected_p(read_name, read(database, read_name, run=run, with_scenes=True).as_dicts())
        if read_name == "layer_shift":
            for row in rows["shift"]:
                row["l1_p"] = p.get(("l1", None, None, row["layer"]))
            continue
        for row in [*rows.get("grounding", []), *rows.get("grounding-within", [])]:
            place = row["variant"], row["category"], row["layer"]
            found = [p.get((name, *place)) for name in LOOKS]
            row["elsewhere_p_all"], row["others_p_all"] = found
            known = [each for each in found if each is not None]
            row["looks"] = max(known) <= SURE if len(known) == len(LOOKS) else None
