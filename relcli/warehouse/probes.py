"""What probes read and where their results go."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relcli.captures import ROW_VECTOR, VECTORS
from relcli.errors import RelcliError
from relcli.token_layout import TokenLayout
from relcli.version import VERSION
from relcli.warehouse.insert import insert_rows
from relcli.warehouse.layouts import layouts_of
from relcli.warehouse.opening import connect, rollback
from relcli.warehouse.reads import read_text
from relcli.warehouse.rows import arrays
from relcli.warehouse.runs import utc_now


@dataclass(frozen=True, slots=True)
class ProbeRows:
    """The answers of one run, variant and category that have attention in every layer asked for, or hidden
    states, by picture and question.

    ``features`` is float32 [rows, layers, cells], of hidden states a function that reads [rows, width] of one
    layer; ``questions`` numbers the questions of a scene; ``truths`` are right letters on this variant;
    ``correct`` is 1, 0, or NaN where the answer was not graded. ``n_left_out`` answers lack attention in some
    layer.
    """

    scenes: NDArray[np.int64]
    questions: NDArray[np.int64]
    texts: list[str]
    truths: list[str | None]
    correct: NDArray[np.float64]
    features: NDArray[np.float32] | Callable[[int], NDArray[np.float32]]
    n_left_out: int


def probe_rows(
    database: Path | str,
    *,
    run: str,
    variant: str,
    category: str,
    features: str,
    layers: Sequence[int],
    protocol: str = "relcli",
) -> ProbeRows | None:
    """Read one category's answers and attention, each in one query; None if no answer has both.

    `features` is a vector of the answer's (relcli.captures.FEATURES) or a row of the question's. Raises
    RelcliError where that vector was not kept or has values that are not finite. Pictures of
    different grids are laid on one.
    """
    of = {"run": run, "variant": variant, "category": category}
    # A vector of the answer's, or the one that the row of that name has.
    vector, query_row = (features, "answer") if features in VECTORS else (ROW_VECTOR, features)
    vectors = read_text("probe_vectors")
    layout = "layout_name(layout, grid_height, grid_width) AS layout"
    vectors = f"SELECT scene_id, question_index, layer, {layout}, {vector} AS vector FROM ({vectors})"
    which = {**of, "query_row": query_row, "layers": list(layers)}
    with connect(database, read_only=True) as connection:
        asked = connection.execute(read_text("probe_questions"), {**of, "protocol": protocol}).fetchall()
        sizes = f"SELECT scene_id, question_index, len(vector) AS cells, layout FROM ({vectors})"
        kept = arrays(connection.execute(sizes, which))
        # Flat numbers come out faster than arrays one by one; the order is that of the first query.
        flat = arrays(connection.execute(f"SELECT unnest(vector) AS cell FROM ({vectors})", which))
        layouts = layouts_of(connection, sorted(set(kept["layout"].tolist())))
    if not len(kept["cells"]):
        return None
    _check_cells(kept["cells"], run, features)
    keys = np.stack([kept["scene_id"], kept["question_index"]], axis=1)
    answers, starts, n_layers = np.unique(keys, axis=0, return_index=True, return_counts=True)
    whole = n_layers == len(layers)
    start_of = {tuple(key): start for key, start in zip(answers[whole].tolist(), starts[whole], strict=True)}
    rows = [row for row in asked if row[:2] in start_of]
    if not rows:
        return None
    order = np.array([start_of[row[:2]] for row in rows])[:, None] + np.arange(len(layers))
    if np.ma.getmaskarray(flat["cell"]).any() or not np.isfinite(np.ma.getdata(flat["cell"])).all():
        raise RelcliError(
            f"The run {run} has {features} attention with values that are missing or not finite: it can't be "
            "probed. Choose other --features, or run the model again."
        )
    lengths = kept["cells"].astype(np.int64)
    cells = _on_one_grid(np.ma.getdata(flat["cell"]), lengths, kept["layout"], layouts, run)
    return ProbeRows(
        scenes=np.array([row[0] for row in rows], dtype=np.int64),
        questions=np.array([row[1] for row in rows], dtype=np.int64),
        texts=[row[2] for row in rows],
        truths=[row[3] for row in rows],
        correct=np.array([np.nan if row[4] is None else float(row[4]) for row in rows]),
        features=cells[order].astype(np.float32, copy=False),
        n_left_out=len(asked) - len(rows),
    )


def _on_one_grid(
    flat: NDArray, lengths: NDArray[np.int64], names: NDArray, layouts: Mapping[str, TokenLayout], run: str
) -> NDArray[np.floating]:
    """Vectors that lie one behind another as rows [vectors, cells]. Pictures of several sizes have several
    grids: then each weight is spread over the place of its token, and taken together by the cells of a grid
    over the picture that has as few rows, and as few columns, as any of theirs. Raises RelcliError where a
    layout's places are not known."""
    known = np.unique(names)
    sizes = np.unique(lengths)
    if len(sizes) > len(known):
        raise RelcliError(
            f"The run {run} has pictures of {len(sizes)} sizes ({sizes[0]} to {sizes[-1]} cells) on "
            f"{len(known)} "
            "layouts: its attention can't be told apart by cells."
        )
    if len(known) == 1:
        return flat.reshape(len(lengths), -1)
    placed = {name: layout for name, layout in layouts.items() if layout.is_placed}
    n_tokens = {name: placed[name].n_tokens if name in placed else -1 for name in known}
    if any((lengths[names == name] != n_tokens[name]).any() for name in known):
        raise RelcliError(
            f"The run {run} has pictures of {len(known)} layouts, and where the image tokens of one "
            "stand is not "
            "known: a probe needs one grid for all."
        )
    rasters = [layouts[name].raster() for name in known]
    raster = min(rows for rows, _ in rasters), min(columns for _, columns in rasters)
    found = np.zeros((len(lengths), raster[0] * raster[1]))
    starts = np.cumsum(lengths) - lengths
    for name in known:
        here = names == name
        vectors = flat[starts[here][:, None] + np.arange(n_tokens[name])[None, :]]
        found[here] = layouts[name].spread(vectors, raster).reshape(len(vectors), -1)
    return found


def _check_cells(cells: NDArray, run: str, features: str) -> None:
    """Every vector must be there."""
    gone = int(np.ma.getmaskarray(cells).sum())
    if gone:
        raise RelcliError(
            f"The run {run} kept no {features} attention for {gone:,} of {len(cells):,} answers and layers: "
            "choose other --features."
        )


def begin_probe(database: Path | str, settings: Mapping[str, Any]) -> None:
    """Insert or renew the row of table `probe`; `settings` are its columns without state, version, times."""
    row = {
        **settings,
        "state": "running",
        "relcli_version": VERSION,
        "started_at": utc_now(),
        "finished_at": None,
    }
    with connect(database, read_only=False) as connection:
        connection.execute(
            "DELETE FROM probe WHERE run = ? AND probe = ?", [settings["run"], settings["probe"]]
        )
        insert_rows(connection, "probe", [row])


def save_results(
    database: Path | str,
    run: str,
    probe: str,
    rows: Iterable[Mapping[str, Any]],
    tests: Iterable[Mapping[str, Any]] = (),
    scores: Iterable[Mapping[str, Any]] = (),
) -> None:
    """Insert rows of the tables `probe_result`, `probe_test` and `probe_score`, in one transaction.

    What was there of the rows' labels and layers goes, and so do tests and scores of their labels: they are
    of what was fitted before.
    """
    now = utc_now()
    told = [{**row, "run": run, "probe": probe} for row in scores]
    filled, filled_tests = (
        [{**row, "run": run, "probe": probe, "fitted_at": now} for row in part] for part in (rows, tests)
    )
    fitted = sorted({(row["category"], row["label"], row["layer"]) for row in filled}, key=str)
    labels = sorted({(row["category"], row["label"]) for row in [*filled, *filled_tests]})
    with connect(database, read_only=False) as connection:
        connection.execute("BEGIN")
        try:
            connection.execute(
                "DELETE FROM probe_result WHERE run = ? AND probe = ? AND "
                "(category, label, coalesce(layer, -1)) IN "
                "(SELECT (unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::INTEGER[])))",
                [
                    run,
                    probe,
                    [category for category, _, _ in fitted],
                    [label for _, label, _ in fitted],
                    [-1 if layer is None else layer for _, _, layer in fitted],
                ],
            )
            for table in ("probe_test", "probe_score"):
                connection.execute(
                    f"DELETE FROM {table} WHERE run = ? AND probe = ? AND "
                    "(category, label) IN (SELECT (unnest(?::VARCHAR[]), unnest(?::VARCHAR[])))",
                    [run, probe, [category for category, _ in labels], [label for _, label in labels]],
                )
            insert_rows(connection, "probe_result", filled)
            insert_rows(connection, "probe_test", filled_tests)
            insert_rows(connection, "probe_score", told)
            connection.execute("COMMIT")
        except BaseException:
            rollback(connection)
            raise


def end_probe(database: Path | str, run: str, probe: str, state: str) -> None:
    """Close the row of table `probe` as done, stopped or failed."""
    with connect(database, read_only=False) as connection:
        connection.execute(
            "UPDATE probe SET state = ?, finished_at = ? WHERE run = ? AND probe = ?",
            [state, utc_now(), run, probe],
        )
