"""Results from files into the warehouse: staged beside it, then taken in as one transaction.

Reading thousands of files takes minutes. So attention is gathered in a hidden folder beside the warehouse
while nobody is kept waiting, and data set, run, answers and attention come in together or not at all.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from relcli.errors import RelcliError
from relcli.warehouse.across import beside, lent, parquet
from relcli.warehouse.attention_columns import attention_columns
from relcli.warehouse.batch import AttentionBatch
from relcli.warehouse.datasets import NewDataset, add_dataset
from relcli.warehouse.failures import explain, is_about_file
from relcli.warehouse.insert import insert_rows
from relcli.warehouse.opening import connect, scalar
from relcli.warehouse.quoting import literal
from relcli.warehouse.runs import RunRecord, utc_now
from relcli.warehouse.temporary import folder_beside
from relcli.warehouse.writes import write_text


@dataclass(frozen=True, slots=True)
class Committed:
    """What came in: the data set's name in the warehouse, and how many answers, and answers' attention, were
    new."""

    dataset: str
    n_answers: int
    n_attention: int


class Staging:
    """A hidden folder beside the warehouse for the attention of one import; gone on leaving the block."""

    def __init__(self, database: Path | str, run: str) -> None:
        self.database, self.run = Path(database), run
        self._open = ExitStack()

    def __enter__(self) -> "Staging":
        with ExitStack() as opened:
            self.folder = opened.enter_context(folder_beside(self.database, "import"))
            self._memory = opened.enter_context(beside())
            self._open = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def parts(self) -> list[Path]:
        return sorted(self.folder.glob("*.parquet"))

    def rows(self, columns: str = "*") -> duckdb.DuckDBPyRelation:
        """What was put aside, to be lent to the warehouse's connection."""
        return parquet(self._memory, self.parts, columns)

    def add(self, attention: AttentionBatch) -> None:
        """Put the attention of some answers aside. Raises WarehouseError when the disk is full."""
        for group in attention.groups():
            columns, select = attention_columns(group)
            self._memory.register("batch", columns)
            part = self.folder / f"{len(self.parts):06d}.parquet"
            rows = f"WITH staged AS ({select}) {write_text('import_part')}"
            try:
                target = f"{literal(str(part))} (FORMAT parquet, COMPRESSION zstd)"
                self._memory.execute(f"COPY ({rows}) TO {target}", {"run": self.run})
            except duckdb.Error as error:
                if not is_about_file(error):
                    raise
                raise explain(self.folder, error) from error
            finally:
                self._memory.unregister("batch")


def commit_import(
    staging: Staging,
    dataset: NewDataset | str,
    record: RunRecord,
    answers: Sequence[Mapping[str, Any]],
    source: Mapping[str, Any],
) -> Committed:
    """Data set (unless it is there: then its name), run, answers, staged attention and a row of
    `import_source` in one transaction.

    What a run of that name has already is left as it is, so the same import twice adds nothing, and one with
    attention adds it to answers that came without. Raises RelcliError if the run was answered here, is of
    another data set, or holds another answer to one of the questions.
    """
    with connect(staging.database, read_only=False) as connection:
        connection.execute("BEGIN")
        name = dataset if isinstance(dataset, str) else add_dataset(connection, dataset)
        record.dataset = name
        _add_run(connection, staging.database, record)
        n_answers = _add_answers(connection, record, answers)
        n_attention = _add_attention(connection, staging)
        if n_answers or n_attention:
            row = {**source, "run": record.run, "imported_at": utc_now(), "dataset_source": name}
            insert_rows(
                connection, "import_source", [{**row, "n_answers": n_answers, "n_attention": n_attention}]
            )
            _refresh_run(connection, record)
        connection.execute("COMMIT")
    return Committed(name, n_answers, n_attention)


def _add_run(connection: duckdb.DuckDBPyConnection, database: Path, record: RunRecord) -> None:
    known = connection.execute("SELECT kind, dataset FROM run WHERE run = ?", [record.run]).fetchall()
    if not known:
        row = asdict(record)
        row["versions"] = json.dumps(record.versions, sort_keys=True)
        insert_rows(connection, "run", [row])
        return
    [(kind, dataset)] = known
    if kind != "import":
        raise RelcliError(
            f"The run {record.run} in {database} was answered here, not imported: choose another --name."
        )
    if dataset != record.dataset:
        raise RelcliError(
            f"The run {record.run} in {database} was imported with other questions (data set {dataset}): "
            f"choose another --name, or remove it with `relcli runs remove {record.run}`."
        )


def _add_answers(
    connection: duckdb.DuckDBPyConnection, record: RunRecord, answers: Sequence[Mapping[str, Any]]
) -> int:
    connection.execute("CREATE TEMP TABLE imported_answer AS FROM inference LIMIT 0")
    filled = ({**row, "run": record.run, "dataset": record.dataset} for row in answers)
    insert_rows(connection, "imported_answer", filled)
    n_other, scene_id = connection.execute(write_text("import_conflicts")).fetchall()[0]
    if n_other:
        raise RelcliError(
            f"The run {record.run} holds other answers to {n_other:,} of these questions (first: picture "
            f"{scene_id}): choose another --name, or remove it with `relcli runs remove {record.run}`."
        )
    new = scalar(connection, write_text("import_answers"))
    connection.execute("DROP TABLE imported_answer")
    return int(new)


def _add_attention(connection: duckdb.DuckDBPyConnection, staging: Staging) -> int:
    if not staging.parts:
        return 0
    connection.execute(write_text("import_waiting"), {"run": staging.run})
    with lent(connection, "staged_attention", staging.rows()):
        connection.execute(write_text("import_attention"))
    steps = "run, scene_id, question_index, variant, n_steps"
    with lent(connection, "staged_attention", staging.rows(steps)):
        new = connection.execute(write_text("import_steps")).fetchall()[0][0]
    connection.execute("DROP TABLE waiting_answer")
    return int(new)


def _refresh_run(connection: duckdb.DuckDBPyConnection, record: RunRecord) -> None:
    names = ("run", "attention", "image_tokens", "grid_height", "grid_width")
    values = {name: getattr(record, name) for name in names}
    connection.execute(write_text("import_refresh"), {**values, "now": utc_now()})
