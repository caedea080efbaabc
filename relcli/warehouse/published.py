"""A run that somebody published (`relcli.warehouse.publishing`), checked and taken into the warehouse.

Nothing in such a folder is believed: every row is cast to the type it should have and goes through the
checks of spool parts, and the data set is built anew from its rows. Then all of it comes in with one commit.
"""

import json
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from relcli.captures import STORED
from relcli.errors import RelcliError
from relcli.scenes.items import Dataset
from relcli.warehouse.across import beside, lent, parquet
from relcli.warehouse.batch import Key
from relcli.warehouse.datasets import NewDataset, add_dataset, load_dataset
from relcli.warehouse.failures import explain, first_line, is_about_file
from relcli.warehouse.insert import column_types, insert_rows
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect, rollback, scalar
from relcli.warehouse.part_reading import PART_TABLES
from relcli.warehouse.quoting import identifier, literal
from relcli.warehouse.runs import RunRecord
from relcli.warehouse.spool import PART_COLUMNS
from relcli.warehouse.temporary import folder_beside
from relcli.warehouse.writes import write_text

ANSWER_COLUMNS = {
    name: kind for name, kind in PART_COLUMNS.items() if name not in ("run", "dataset", "full_attention_path")
} | {"our_correct": "BOOLEAN"}
_STORED = {
    PART_TABLES[mode]: (stored.table, {name: kind for name, kind in stored.columns.items() if name != "run"})
    for mode, stored in STORED.items()
}
"""Tables of a run beside its answers, by what their rows are called while they come in: name and columns."""
_OF_A_RUN = {"answer", *(stored.table for stored in STORED.values())}
_LOOKED_AT = f"SELECT count(*) FROM (SELECT DISTINCT {', '.join(Key._fields)} FROM part_attention)"
_AT_ONCE = 100_000  # rows of attention checked at a time
_MOST_ROWS = 100_000_000
_MEMORY = "4GB"


class Published:
    """The tables of a published folder. `rows` says how many rows each has, which has to be true."""

    def __init__(self, folder: Path, rows: Mapping[str, int]) -> None:
        self.folder, self.n_rows = folder, dict(rows)

    @contextmanager
    def opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in memory to read the tables with. What is wrong with a file is told in a sentence."""
        with beside() as memory:
            memory.execute(f"SET memory_limit = '{_MEMORY}'")
            memory.execute("SET temp_directory = ''")
            try:
                yield memory
            except duckdb.Error as error:
                raise RelcliError(
                    f"{self.folder} can't be taken in ({first_line(str(error))}): fetch or export it again."
                ) from error

    def check_counts(self) -> None:
        """Raises RelcliError for a table whose files don't hold the rows that they should."""
        with self.opened() as memory:
            for table, wanted in self.n_rows.items():
                [(found,)] = parquet(memory, self.files(table), "count(*)").fetchall()
                if found != wanted or found > _MOST_ROWS:
                    raise RelcliError(
                        f"{self.folder / table} holds {found:,} rows instead of {wanted:,}: fetch it again."
                    )

    def files(self, table: str) -> list[Path]:
        """A table's files. Raises RelcliError where there are none, or one is no plain file."""
        found = sorted((self.folder / table).glob("*.parquet"))
        if not found:
            raise RelcliError(f"{self.folder / table} has no .parquet file: fetch the folder again, whole.")
        for file in found:
            if not stat.S_ISREG(file.stat().st_mode):
                raise RelcliError(f"{file} is no file: fetch the folder again, whole.")
        return found

    def table(
        self,
        memory: duckdb.DuckDBPyConnection,
        table: str,
        types: Mapping[str, str],
        fixed: Mapping[str, str],
        where: str = "",
    ) -> duckdb.DuckDBPyRelation:
        """A table's rows with columns of these types, and `fixed` ones in front; no rows where the folder
        hasn't got the table. Columns it needn't have are left out, missing ones are NULL."""
        told = [f"{literal(value)} AS {identifier(name)}" for name, value in fixed.items()]
        if table not in self.n_rows:
            empty = [f"NULL::{kind} AS {identifier(name)}" for name, kind in types.items()]
            return memory.sql(f"SELECT {', '.join(told + empty)} LIMIT 0")
        there = set(parquet(memory, self.files(table)).columns)
        for name, kind in types.items():
            source = identifier(name)
            if kind == "BLOB" and name in there:
                source = f"{source}.bytes"
            default = Key._field_defaults.get(name)
            given = source if name in there else "NULL" if default is None else literal(default)
            told.append(f"{given}::{kind} AS {identifier(name)}")
        rows = parquet(memory, self.files(table), ", ".join(told))
        return rows.filter(where) if where else rows


def read_dataset(published: Published, database: Path, name: str) -> Dataset:
    """The published data set, built from its rows in a warehouse of its own, which is gone afterwards.

    Raises RelcliError where the rows make no data set, or a picture can't be read.
    """
    with folder_beside(database, "published") as folder:
        file = folder / "published.duckdb"
        ensure(file)
        with connect(file, read_only=False) as connection, published.opened() as memory:
            for table in sorted(published.n_rows.keys() - _OF_A_RUN):
                types = column_types(connection, table)
                if "dataset" not in types or "run" in types:
                    raise RelcliError(
                        f"{published.folder} has a table {table}, which this relcli doesn't know: use a "
                        "newer one."
                    )
                del types["dataset"]
                rows = published.table(memory, table, types, {"dataset": name})
                with lent(connection, "published_rows", rows):
                    connection.execute(f"INSERT INTO {identifier(table)} BY NAME FROM published_rows")
            n_scenes = scalar(connection, "SELECT count(*) FROM scene")
            row = {"dataset": name, "n_scenes": n_scenes, "has_annotations": False, "content_hash": ""}
            insert_rows(connection, "dataset", [{**row, "created_at": "2000-01-01"}])
        try:
            return load_dataset(file, name)
        except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
            raise RelcliError(
                f"{published.folder} holds no data set that relcli can use ({type(error).__name__}: {error})."
            ) from error


def check_answers(published: Published, run: str, dataset: str) -> int:
    """Look at all answers and their attention, some scenes at a time, as at spool parts; returns how many
    answers have attention. Raises RelcliError for the first fault."""
    n_chunks = max(1, max(published.n_rows.get(name, 0) for name in _OF_A_RUN) // _AT_ONCE)
    looked_at = 0
    with published.opened() as memory:
        [(low, high)] = published.table(memory, "answer", {"scene_id": "INTEGER"}, {}).aggregate(
            "min(scene_id), max(scene_id)"
        ).fetchall()
        width = max(1, (high - low + n_chunks) // n_chunks) if low is not None else 1
        for start in range(low or 0, (high or 0) + 1, width):
            some = f"scene_id BETWEEN {start} AND {start + width - 1}"
            if start == low:
                some = f"({some} OR scene_id IS NULL)"
            _parts(published, memory, run, dataset, some)
            faults = memory.execute(write_text("part_faults"), {"run": run}).fetchall()
            faults = faults or memory.execute(write_text("part_share_faults"), {"run": run}).fetchall()
            if faults:
                raise RelcliError(f"{published.folder} can't be taken in: {faults[0][0]}.")
            looked_at += scalar(memory, _LOOKED_AT)
            for part in ("part_inference", *_STORED):
                memory.execute(f"DROP TABLE {part}")
    return looked_at


def _parts(
    published: Published, memory: duckdb.DuckDBPyConnection, run: str, dataset: str, where: str
) -> None:
    answers = published.table(memory, "answer", ANSWER_COLUMNS, {"run": run, "dataset": dataset}, where)
    answers.create("part_inference")
    for part, (table, types) in _STORED.items():
        published.table(memory, table, types, {"run": run}, where).create(part)


def commit_published(
    database: Path,
    published: Published,
    dataset: NewDataset | str,
    record: RunRecord,
    interventions: Sequence[Mapping[str, Any]],
    sinks: Sequence[Mapping[str, Any]],
    source: Mapping[str, Any],
) -> str:
    """Data set (unless it is there: then its name), run, interventions, sinks, presentations, answers and
    attention in one transaction; returns the data set's name in the warehouse.

    Raises RelcliError if there is a run of that name, an intervention's name stands for another one here,
    or an answer doesn't belong to the run.
    """
    with connect(database, read_only=False) as connection, published.opened() as memory:
        connection.execute("BEGIN")
        try:
            name = dataset if isinstance(dataset, str) else add_dataset(connection, dataset)
            try:
                _insert_run(connection, database, record, name)
                _insert_interventions(connection, database, interventions)
                insert_rows(connection, "calibrated_sink", [{**row, "run": record.run} for row in sinks])
            except (duckdb.Error, KeyError, TypeError) as error:
                raise RelcliError(
                    f"{published.folder} describes its run in a way that fits no warehouse "
                    f"({first_line(str(error))}): export it again."
                ) from error
            fixed = {"run": record.run, "dataset": name}
            with lent(connection, "part_inference", published.table(memory, "answer", ANSWER_COLUMNS, fixed)):
                faults = connection.execute(write_text("part_strangers"), {"run": record.run}).fetchall()
            if faults:
                raise RelcliError(f"{published.folder} can't be taken in: {faults[0][0]}.")
            _insert_presentations(connection, published, memory, name)
            for part, (table, types) in _STORED.items():
                with lent(connection, part, published.table(memory, table, types, {"run": record.run})):
                    connection.execute(write_text(part))
            for write in ("part_tokens", "part_layouts", "published_answers"):
                answers = published.table(memory, "answer", ANSWER_COLUMNS, fixed)
                with lent(connection, "part_inference", answers):
                    connection.execute(write_text(write))
            insert_rows(connection, "import_source", [{**source, "run": record.run, "dataset_source": name}])
            connection.execute("COMMIT")
        except duckdb.Error as error:
            rollback(connection)
            if is_about_file(error):
                raise explain(database, error) from error
            raise
        except BaseException:
            rollback(connection)
            raise
    return name


def _insert_run(
    connection: duckdb.DuckDBPyConnection, database: Path, record: RunRecord, dataset: str
) -> None:
    if scalar(connection, "SELECT 1 FROM run WHERE run = ?", [record.run]):
        raise RelcliError(
            f"There is a run {record.run} in {database} already: choose another --name, or remove it with "
            f"`relcli runs remove {record.run}`."
        )
    record.dataset = dataset
    row = asdict(record)
    for name in ("decoding", "versions"):
        row[name] = None if row[name] is None else json.dumps(row[name], sort_keys=True)
    insert_rows(connection, "run", [row])


def _insert_presentations(
    connection: duckdb.DuckDBPyConnection,
    published: Published,
    memory: duckdb.DuckDBPyConnection,
    dataset: str,
) -> None:
    """How the questions were put otherwise, which answers are read by."""
    types = column_types(connection, "question_presentation")
    del types["dataset"]
    rows = published.table(memory, "question_presentation", types, {"dataset": dataset})
    with lent(connection, "part_presentation", rows):
        faults = connection.execute(write_text("presentation_faults")).fetchall()
        if faults:
            raise RelcliError(f"{published.folder} can't be taken in: {faults[0][0]}.")
        connection.execute(write_text("published_presentations"))


def _insert_interventions(
    connection: duckdb.DuckDBPyConnection, database: Path, rows: Sequence[Mapping[str, Any]]
) -> None:
    known = dict(connection.execute("SELECT intervention, spec FROM intervention").fetchall())
    for row in rows:
        name = row["intervention"]
        if name in known and known[name] != row.get("spec"):
            raise RelcliError(
                f"The intervention {name} is another one in {database}: take the folder into a warehouse of "
                "its own with --db."
            )
    insert_rows(connection, "intervention", [row for row in rows if row["intervention"] not in known])
