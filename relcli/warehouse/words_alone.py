"""What readers of the words alone score on a data set's questions, kept where views can join it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from relcli.warehouse.insert import insert_rows
from relcli.warehouse.opening import connect, rollback
from relcli.warehouse.runs import utc_now

_INTERVAL = """SELECT accuracy_end(n, correct, -1), accuracy_end(n, correct, 1)
FROM (SELECT unnest(?::BIGINT[]) AS n, unnest(?::BIGINT[]) AS correct)"""
_KNOWN = "SELECT category, variant FROM words_alone WHERE dataset = ? AND question_set = ? AND reader >= ?"
_OLD = "DELETE FROM words_alone WHERE dataset = ? AND question_set = ? AND category = ? AND variant = ?"


@dataclass(frozen=True, slots=True)
class WordsAlone:
    """A row of table `words_alone` but for its data set. `by_scene`: questions read and right of each scene.
    `variant`: whose truth, raw or masked."""

    category: str
    variant: str
    by_scene: Sequence[tuple[int, int]]
    accuracy: float
    likeliest: float


def known_words_alone(
    database: Path | str, dataset: str, question_set: str, reader: int
) -> set[tuple[str, str]]:
    """Categories and variants that this version of the reader, or a later one, has read already."""
    with connect(database, read_only=True) as connection:
        rows = connection.execute(_KNOWN, [dataset, question_set, reader]).fetchall()
    return {(category, variant) for category, variant in rows}


def write_words_alone(
    database: Path | str, dataset: str, question_set: str, scores: Sequence[WordsAlone], reader: int
) -> None:
    """Keep scores in place of those there were, all or none. Intervals are those of every accuracy: over
    scenes (macro `accuracy_end`). Raises WarehouseError where the file can't be written."""
    if not scores:
        return
    with connect(database, read_only=False) as connection:
        rows = []
        for score in scores:
            asked, right = [n for n, _ in score.by_scene], [correct for _, correct in score.by_scene]
            low, high = connection.execute(_INTERVAL, [asked, right]).fetchall()[0]
            rows.append(
                {
                    "dataset": dataset,
                    "question_set": question_set,
                    "category": score.category,
                    "variant": score.variant,
                    "n": sum(asked),
                    "n_scenes": len(asked),
                    "accuracy": score.accuracy,
                    "ci_low": low,
                    "ci_high": high,
                    "likeliest": score.likeliest,
                    "reader": reader,
                    "computed_at": utc_now(),
                }
            )
        connection.execute("BEGIN")
        try:
            for score in scores:
                connection.execute(_OLD, [dataset, question_set, score.category, score.variant])
            insert_rows(connection, "words_alone", rows)
            connection.execute("COMMIT")
        except BaseException:
            rollback(connection)
            raise
