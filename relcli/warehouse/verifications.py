"""Outcomes of `relcli verify`, kept with the run they were made for."""

from pathlib import Path

from relcli.warehouse.insert import insert_rows
from relcli.warehouse.opening import connect, scalar
from relcli.warehouse.runs import utc_now


def was_verified(database: Path | str, weights_hash: str | None, dtype: str | None) -> bool:
    """Whether a run with these weights, in this precision, has passed a comparison."""
    if weights_hash is None:
        return False
    with connect(database, read_only=True) as connection:
        found = scalar(
            connection,
            "SELECT 1 FROM verification JOIN run USING (run) WHERE passed AND weights_hash = ? AND dtype = ?",
            [weights_hash, dtype],
        )
    return found is not None


def add_verification(
    database: Path | str,
    run: str,
    *,
    n_questions: int,
    tokens_equal: bool,
    max_attention_error: float,
    answers_equal_across_batch: bool,
    passed: bool,
    detail: str,
) -> None:
    """Insert a row of table `verification`, checked now. max_attention_error is absolute, between 0 and 1."""
    row = {
        "run": run,
        "checked_at": utc_now(),
        "n_questions": n_questions,
        "tokens_equal": tokens_equal,
        "max_attention_error": max_attention_error,
        "answers_equal_across_batch": answers_equal_across_batch,
        "passed": passed,
        "detail": detail,
    }
    with connect(database, read_only=False) as connection:
        insert_rows(connection, "verification", [row])
