"""The answers whose hidden states are probed, and how a layer of these is read."""

from pathlib import Path

import numpy as np

from relcli.warehouse.batch import Key
from relcli.warehouse.hidden_states import HiddenStates
from relcli.warehouse.opening import connect
from relcli.warehouse.probes import ProbeRows
from relcli.warehouse.reads import read_text


def state_rows(
    database: Path | str,
    states: HiddenStates,
    *,
    run: str,
    variant: str,
    category: str,
    protocol: str = "relcli",
) -> ProbeRows | None:
    """Read one category's answers that have hidden states; None if no answer has. The states stay where they
    are until a layer of them is asked for."""
    given = {"run": run, "variant": variant, "category": category, "protocol": protocol}
    with connect(database, read_only=True) as connection:
        asked = connection.execute(read_text("probe_questions"), given).fetchall()
    there = set(states.keys)
    rows = [row for row in asked if Key(row[0], row[1], variant) in there]
    if not rows:
        return None
    keys = [Key(row[0], row[1], variant) for row in rows]
    return ProbeRows(
        scenes=np.array([row[0] for row in rows], dtype=np.int64),
        questions=np.array([row[1] for row in rows], dtype=np.int64),
        texts=[row[2] for row in rows],
        truths=[row[3] for row in rows],
        correct=np.array([np.nan if row[4] is None else float(row[4]) for row in rows]),
        features=lambda layer: states.layer(keys, layer),
        n_left_out=len(asked) - len(rows),
    )
