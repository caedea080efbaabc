"""Marks and notes of a person: on questions of a run, and on runs."""

from pathlib import Path

from relcli.errors import UsageError
from relcli.warehouse.opening import connect, scalar
from relcli.warehouse.runs import utc_now
from relcli.warehouse.unknown import unknown_run

MOST_LETTERS = 4_000


def set_mark(
    database: Path | str, run: str, scene_id: int, question_index: int, *, marked: bool, note: str | None
) -> None:
    """Mark a question of a run, or write a note about it; with neither, its row goes.

    Raises UsageError for a run or question that the warehouse doesn't have, or a note that is too long.
    """
    note = _note(note)
    key = [run, scene_id, question_index]
    with connect(database, read_only=False) as connection:
        asked = "SELECT count(*) FROM answer WHERE run = ? AND scene_id = ? AND question_index = ?"
        if not scalar(connection, asked, key):
            raise UsageError(f"The run {run} has no answer to question {scene_id}.{question_index} to mark.")
        if not marked and note is None:
            connection.execute(
                "DELETE FROM question_mark WHERE run = ? AND scene_id = ? AND question_index = ?", key
            )
            return
        connection.execute(
            "INSERT OR REPLACE INTO question_mark VALUES (?, ?, ?, ?, ?, ?)", [*key, marked, note, utc_now()]
        )


def get_mark(
    database: Path | str, run: str, scene_id: int, question_index: int
) -> tuple[bool, str | None]:
    """Whether a question is marked, and its note."""
    with connect(database, read_only=True) as connection:
        row = connection.execute(
            "SELECT marked, note FROM question_mark WHERE run = ? AND scene_id = ? AND question_index = ?",
            [run, scene_id, question_index],
        ).fetchone()
    return (bool(row[0]), row[1]) if row else (False, None)


def set_run_note(database: Path | str, run: str, note: str) -> None:
    """Write a note about a run; an empty one takes it away. Raises UsageError as `set_mark`."""
    text = _note(note)
    with connect(database, read_only=False) as connection:
        if not scalar(connection, "SELECT count(*) FROM run WHERE run = ?", [run]):
            raise unknown_run(database, run, connection)
        if text is None:
            connection.execute("DELETE FROM run_note WHERE run = ?", [run])
        else:
            connection.execute("INSERT OR REPLACE INTO run_note VALUES (?, ?, ?)", [run, text, utc_now()])


def _note(note: str | None) -> str | None:
    text = (note or "").strip() or None
    if text and len(text) > MOST_LETTERS:
        raise UsageError(f"The note has {len(text):,} letters; {MOST_LETTERS:,} are the most.")
    return text
