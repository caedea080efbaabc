"""What the words alone give away, measured once per data set so that it stands beside every accuracy."""

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from relcli.analysis.text_only import LEAST_SCENES, READER_VERSION, TextOnly, text_only_accuracy
from relcli.errors import WarehouseError
from relcli.progress import Progress
from relcli.scenes.items import Dataset
from relcli.scenes.questions import Question
from relcli.warehouse.words_alone import WordsAlone, known_words_alone, write_words_alone

MOST_SCENES = 400
"""Scenes read after a run, drawn by lot from more: some four seconds; `relcli audit` reads all."""


def fill_words_alone(
    database: Path,
    name: str,
    dataset: Dataset,
    question_set: str,
    categories: Collection[str],
    progress: Progress,
) -> None:
    """Measure and keep what of these categories isn't in the warehouse yet; `name` is the data set's there.

    Says so where no category has answers on scenes enough. Where the warehouse can't be used now, the next
    run or `relcli audit` does it.
    """
    with suppress(WarehouseError, OSError):
        known = known_words_alone(database, name, question_set, READER_VERSION)
        wanted = {category for category in categories if (category, "raw") not in known}
        asked = _by_category(dataset, question_set, wanted)
        if not asked:
            return
        scores = list(_scores((category, _read_both(each)) for category, each in asked.items()))
        if not scores and not known:
            progress.note(
                f"What the words alone give away was not measured: that takes {LEAST_SCENES} scenes with "
                f"questions of a category, and {name} has fewer."
            )
        write_words_alone(database, name, question_set, scores, READER_VERSION)


def keep_words_alone(
    database: Path,
    name: str,
    question_set: str,
    found: Mapping[str, tuple[TextOnly | None, TextOnly | None]],
    progress: Progress,
) -> None:
    """Keep what an audit of the whole data set found by category, for the raw truth and the twins'; a
    warehouse that can't be written doesn't stop the audit."""
    try:
        write_words_alone(database, name, question_set, list(_scores(found.items())), READER_VERSION)
    except (WarehouseError, OSError) as problem:
        progress.note(f"The scores of the words alone were not kept in the warehouse: {problem}")


def _by_category(dataset: Dataset, question_set: str, wanted: Collection[str]) -> dict[str, list[Question]]:
    """The questions of at most MOST_SCENES scenes; the same ones each time."""
    items = list(dataset.items)
    if len(items) > MOST_SCENES:
        items = random.Random(0).sample(items, MOST_SCENES)
    asked: dict[str, list[Question]] = defaultdict(list)
    for item in items:
        for question in item.questions:
            if question.question_set == question_set and question.category in wanted:
                asked[question.category].append(question)
    return asked


def _read_both(questions: list[Question]) -> tuple[TextOnly | None, TextOnly | None]:
    return text_only_accuracy(questions), text_only_accuracy(questions, masked=True)


def _scores(
    found: Iterable[tuple[str, tuple[TextOnly | None, TextOnly | None]]],
) -> Iterator[WordsAlone]:
    for category, both in found:
        for variant, score in zip(("raw", "masked"), both, strict=True):
            if score is not None:
                yield WordsAlone(category, variant, score.by_scene, score.accuracy, score.constant)
