"""Ready rows for the attention views: what would take seconds to compute anew for a run of the study's size.

The views are right without them: they read a fill only where the run's attention is still what it was made of
(`attention_fill_state`), and compute everything anew otherwise. So filling is never urgent: a run that was
killed, or rows that came in by another way, only make the views slower until the next fill.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from relcli.warehouse.across import beside, parquet, streamed
from relcli.warehouse.opening import connect, rollback, scalar
from relcli.warehouse.quoting import literal
from relcli.warehouse.temporary import folder_beside

_PIECE = 40_000
"""Rows of `attention` computed at a time: two to three seconds in which nobody else can write."""
_TOGETHER = 100_000
"""Rows of `answer_attention` of several query rows computed together: half the time of one by one."""
_PAUSE_S = 0.2
_LONG_S = 1.0
"""Pause after a piece that took so long, long enough for a waiting writer to knock again."""
_MEMORY = ("512MB", "2GB")
"""Of DuckDB while it computes a piece, beside a model that may still be loaded; the second where pictures of
many tokens don't do with the first."""
_PARTS = {
    "mean": ("attention_mean", "attention_target"),
    "rows": ("attention_shift", "attention_grounding"),
    "query_rows": ("attention_row_shift", "attention_row_grounding"),
}
"""Parts in the order they are filled (grounding reads the mean maps and targets), and the tables of each."""
_LIVE = {
    "mean": "{table}_live WHERE run = $run",
    "rows": "{table}_live WHERE run = $run AND scene_id BETWEEN $first AND $last",
    "query_rows": "{table}_anew([$run], $rows)",
}
"""Where a piece of each part's tables is read."""
FILLS = (
    "attention_fill",
    "attention_mean_fill",
    "attention_target_fill",
    "attention_shift_fill",
    "attention_grounding_fill",
    "attention_row_shift_fill",
    "attention_row_grounding_fill",
)
"""The tables; all have a column `run`."""


def unfilled_runs(database: Path | str) -> list[str]:
    """Runs with attention whose views have no ready rows, or rows of something else, in order of name."""
    with connect(database, read_only=True) as connection:
        rows = connection.execute(
            "SELECT DISTINCT run FROM attention_fill_state WHERE NOT is_filled ORDER BY run"
        ).fetchall()
    return [run for (run,) in rows]


def fill_attention(
    database: Path | str,
    run: str,
    *,
    timeout_s: float = 10,
    on_rows: Callable[[int, int], None] | None = None,
) -> int:
    """Compute the fills of a run unless they are up to date; returns how many rows were filled.

    They are computed piece by piece with the file open for reading, then inserted in one transaction; others
    read on meanwhile. If the run changes meanwhile, nothing is inserted. `on_rows` gets the rows of attention
    done and their number. Raises WarehouseError if the file stays locked for `timeout_s`.
    """
    path = Path(database)
    filled = 0
    for part in _PARTS:
        with connect(path, read_only=True, timeout_s=timeout_s) as connection:
            state = _state(connection, run, part)
            pieces = list(_pieces(connection, run, part)) if state else []
        if state is None:
            continue
        with folder_beside(path, "fill") as folder:
            done, held_s = 0, 0.0
            for number, (piece, n_rows) in enumerate(pieces):
                if held_s > _LONG_S:
                    time.sleep(_PAUSE_S)
                began = time.monotonic()
                # Our own SQL: it may lay aside on the disk what does not fit into memory.
                with connect(path, read_only=True, timeout_s=timeout_s, allow_external=True) as reader:
                    reader.execute(f"SET temp_directory = {literal(str(folder / 'aside'))}")
                    for table in _PARTS[part]:
                        live = _LIVE[part].format(table=table)
                        _copy_in_memory(reader, live, piece, folder / f"{table}-{number}.parquet")
                held_s = time.monotonic() - began
                done += n_rows
                if on_rows and part == "rows":
                    on_rows(done, state[0])
            with connect(path, read_only=False, timeout_s=timeout_s) as connection:
                if _state(connection, run, part) == state:
                    filled += _insert(connection, folder, run, part, state)
    return filled


def _state(connection: duckdb.DuckDBPyConnection, run: str, part: str) -> tuple[int, int, int] | None:
    """What a fill made now would be made of (rows, fingerprint, regions); None if there is none to make."""
    rows = connection.execute(
        "SELECT n_rows, fingerprint, n_regions FROM attention_fill_state "
        "WHERE run = ? AND part = ? AND NOT is_filled",
        [run, part],
    ).fetchall()
    return rows[0] if rows else None


def _pieces(
    connection: duckdb.DuckDBPyConnection, run: str, part: str
) -> Iterator[tuple[dict[str, Any], int]]:
    """What a part is computed in, so that memory need not hold all of it: parameters of `_LIVE`, and rows of
    attention, where they are told.

    The means over query rows are some query rows at a time, other rows some scenes at a time. The mean maps,
    which need less, are one piece.
    """
    if part == "mean":
        yield {"run": run}, 0
    elif part == "query_rows":
        for names in _query_rows(connection, run):
            yield {"run": run, "rows": names}, 0
    else:
        for first, last, n_rows in _scenes(connection, run):
            yield {"run": run, "first": first, "last": last}, n_rows


def _query_rows(connection: duckdb.DuckDBPyConnection, run: str) -> Iterator[list[str]]:
    """Names of query rows that have no more than about `_TOGETHER` rows in all. One name is never parted."""
    counted = connection.execute(
        "SELECT query_row, count(*) FROM answer_attention WHERE run = ? GROUP BY ALL ORDER BY ALL", [run]
    ).fetchall()
    names: list[str] = []
    n_rows = 0
    for name, n in counted:
        if names and n_rows + n > _TOGETHER:
            yield names
            names, n_rows = [], 0
        names.append(name)
        n_rows += n
    if names:
        yield names


def _scenes(connection: duckdb.DuckDBPyConnection, run: str) -> Iterator[tuple[int, int, int]]:
    """(first scene, last scene, rows) of pieces of about `_PIECE` rows of attention."""
    scenes = connection.execute(
        "SELECT scene_id, count(*) FROM attention WHERE run = ? GROUP BY scene_id ORDER BY scene_id", [run]
    ).fetchall()
    first, n_rows = None, 0
    for scene, n in scenes:
        if first is not None and n_rows + n > _PIECE:
            yield first, scene - 1, n_rows
            first, n_rows = None, 0
        first = scene if first is None else first
        n_rows += n
    if first is not None:
        yield first, scenes[-1][0], n_rows


def _copy_in_memory(
    connection: duckdb.DuckDBPyConnection, live: str, piece: dict[str, Any], file: Path
) -> None:
    """What does not fit is laid aside, so that the memory a run takes does not grow with it."""
    for more, limit in enumerate(_MEMORY, start=1):
        connection.execute(f"SET memory_limit = '{limit}'")
        try:
            _copy(connection, live, piece, file)
        except duckdb.OutOfMemoryException:  # what can't be laid aside
            if more == len(_MEMORY):
                raise
        else:
            return


def _copy(connection: duckdb.DuckDBPyConnection, live: str, piece: dict[str, Any], file: Path) -> None:
    rows = connection.sql(f"SELECT * FROM {live} ORDER BY ALL", params=piece)
    with beside() as other, streamed(other, "live", rows):
        other.execute(f"COPY (FROM live) TO {literal(str(file))} (FORMAT parquet)")


def _insert(
    connection: duckdb.DuckDBPyConnection, folder: Path, run: str, part: str, state: tuple[int, int, int]
) -> int:
    gained = 0
    connection.execute("BEGIN")
    try:
        for table in _PARTS[part]:
            connection.execute(f"DELETE FROM {table}_fill WHERE run = ?", [run])
            with beside() as other:
                made = parquet(other, sorted(folder.glob(f"{table}-[0-9]*.parquet")))
                with streamed(connection, "made", made):
                    gained += scalar(connection, f"INSERT INTO {table}_fill BY NAME FROM made")
        connection.execute(
            "INSERT OR REPLACE INTO attention_fill VALUES (?, ?, ?, ?, ?, make_timestamp(epoch_us(now())))",
            [run, part, *state],
        )
        connection.execute("COMMIT")
    except BaseException:
        rollback(connection)
        raise
    return gained
