"""What the list of a run's questions is read from, copied out of the warehouse into memory.

At the study's size most of a read of one page is opening the file and planning over its views. The copy holds
the rows of one run, and of the run compared with, under the names that `question_page` reads, so the same SQL
gives the same page, in a third of the time and without holding the file.
"""

import threading
from pathlib import Path
from typing import Any

import duckdb

from relcli.paths import sql_dir
from relcli.warehouse.across import streamed
from relcli.warehouse.failures import is_about_file
from relcli.warehouse.interrupting import interruptible
from relcli.warehouse.opening import connect, scalar, stamp
from relcli.warehouse.reads import filled, read_text
from relcli.warehouse.rows import Rows, fetch

_MOST_ANSWERS = 500_000  # some 200 MB in memory
_MACROS = ("finite", "option_score")
_DATASETS = "dataset IN (SELECT dataset FROM inference WHERE run = $run)"
_TABLES = {
    "inference": "SELECT run, dataset, scene_id, question_index, variant, answer, choice, correct, "
    "option_logprobs FROM inference WHERE run IN ($run, $other)",
    "question": "SELECT dataset, scene_id, question_index, category, text, stem, options, ground_truth, "
    f"ground_truth_masked, flaws FROM question WHERE {_DATASETS}",
    "entity": f"SELECT dataset, scene_id, color, shape FROM entity WHERE {_DATASETS}",
    "relation": f"SELECT dataset, scene_id, explicit FROM relation WHERE {_DATASETS}",
    "question_mark": "FROM question_mark WHERE run = $run",
}
# One row a question: the page takes a mean over layers, which these are already.
_SHIFT = (
    "SELECT run, scene_id, question_index, avg(l1) AS l1 FROM attention_shift WHERE run = $run GROUP BY ALL"
)
_GROUNDING = (
    "SELECT run, variant, scene_id, question_index, avg(entity_share - elsewhere_share) AS entity_share, "
    "0.0 AS elsewhere_share FROM attention_grounding_by_question WHERE run = $run GROUP BY ALL"
)
_PLACES = {
    "moved": ("attention_shift", _SHIFT),
    "grounded": ("attention_grounding_by_question", _GROUNDING),
    "ungrounded": ("attention_grounding_by_question", _GROUNDING),
}
"""By order of the list: the relation it needs as well, and what is read for it when it is first asked for."""


class QuestionCopy:
    """A run's questions in memory, as the file held them when this was made. run, other: whose answers."""

    def __init__(self, path: Path, run: str, other: str | None, memory: duckdb.DuckDBPyConnection) -> None:
        """For `copy_questions`, which fills `memory`."""
        self.run, self.other = run, other
        self._path, self._stamp, self._memory = path, stamp(path), memory
        self._placing = threading.Lock()

    @property
    def fresh(self) -> bool:
        """Nobody has written to the file since."""
        return stamp(self._path) == self._stamp

    def page(self, **params: Any) -> Rows:
        """The read `question_page`. The first time in an order by attention reads the file once more.

        Raises RelcliError, KeyError as `relcli.warehouse.reads.read`.
        """
        self.place(params.get("sort"))
        given = filled("question_page", params)
        with self._memory.cursor() as cursor, interruptible(cursor):
            return fetch(cursor, self._path, read_text("question_page"), given)

    def place(self, order: str | None) -> None:
        """Have what an order of the list needs. By attention it reads the file once more, the first time.
        Raises RelcliError."""
        if order in _PLACES:
            with self._placing:
                self._place(*_PLACES[order])

    def _place(self, table: str, sql: str) -> None:
        with self._memory.cursor() as cursor:
            if scalar(cursor, "SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [table]):
                return
            with connect(self._path, read_only=True) as connection:
                _take(connection, cursor, table, sql, {"run": self.run})


def copy_questions(path: Path, run: str, other: str | None, *, timeout_s: float = 10) -> QuestionCopy | None:
    """A copy of a run's questions, with the answers of the run `other` beside its own; None where these are
    too many for memory, or where the warehouse lacks what the list reads. Raises WarehouseError if the file
    can't be opened."""
    config: dict[str, Any] = {"enable_external_access": "false", "lock_configuration": "true"}
    memory = duckdb.connect(":memory:", config=config)
    made = QuestionCopy(path, run, other, memory)
    try:
        with connect(path, read_only=True, timeout_s=timeout_s) as connection:
            runs = {"run": run, "other": other}
            many = "SELECT count(*) FROM inference WHERE run IN ($run, $other)"
            if connection.execute(many, runs).fetchall()[0][0] > _MOST_ANSWERS:
                return None
            for macro in _MACROS:
                memory.execute((sql_dir() / "macros" / f"{macro}.sql").read_text(encoding="utf-8"))
            for table, sql in _TABLES.items():
                named = {name: run for name, run in runs.items() if f"${name}" in sql}
                _take(connection, memory, table, sql, named)
    except duckdb.Error as error:
        if is_about_file(error):
            raise
        return None  # the read of the file itself says what is wrong
    return made


def _take(
    source: duckdb.DuckDBPyConnection,
    to: duckdb.DuckDBPyConnection,
    table: str,
    sql: str,
    params: dict[str, Any],
) -> None:
    with streamed(to, "found", source.sql(sql, params=params)):
        to.execute(f"CREATE TABLE {table} AS FROM found")
