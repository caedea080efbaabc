"""The other ways in which questions were put, so that an answer's letter can be told by what it stood for."""

from collections.abc import Iterable
from pathlib import Path

from relcli.scenes.presentations import PresentedQuestion
from relcli.warehouse.insert import insert_rows
from relcli.warehouse.opening import connect


def keep_presentations(
    database: Path | str, dataset: str, presented: Iterable[PresentedQuestion]
) -> int:
    """Note how questions of a data set are put; what is known already stays. Returns how many were given."""
    rows = [
        {
            "dataset": dataset,
            "scene_id": question.scene_id,
            "question_index": question.question_index,
            "presentation": question.presentation,
            "text": question.text,
            "stem": question.stem,
            "options": list(question.options),
            "option_order": list(question.option_order),
        }
        for question in presented
    ]
    if not rows:
        return 0
    with connect(database, read_only=False) as connection:
        connection.execute("BEGIN")
        added = insert_rows(connection, "question_presentation", rows, or_ignore=True)
        connection.execute("COMMIT")
    return added
