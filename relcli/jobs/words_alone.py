"""What the words alone give away, measured once per data set so that it stands beside every accuracy."""

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from relcli.analysis.text_only import LEAST_SCENES, READER_VERSION, TextOnly, text_only_accuracy
from relcli.errors import WarehouseError
from relcli.progress import Progress
from relcli.scenes.items import Dataset
from relcli.scenes.questions import Question
from relcli.scenes.vocabulary import RAW, in_order
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
        asked = _by_category(dataset, question_set, categories)
        found = {}
        for category, questions in asked.items():
            # Variants that were read before there were others stay as they are.
            wanted = [name for name in variants_of(questions) if (category, name) not in known]
            found[category] = read_words({category: questions}, wanted)[category]
        if not any(found.values()):
            return
        scores = list(_scores(found))
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
    found: Mapping[str, Mapping[str, TextOnly | None]],
    progress: Progress,
) -> None:
    """Keep what an audit of the whole data set found by category and variant; a warehouse that can't be
    written doesn't stop the audit."""
    try:
        write_words_alone(database, name, question_set, list(_scores(found)), READER_VERSION)
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


def variants_of(questions: Iterable[Question]) -> tuple[str, ...]:
    """The variants that questions have a truth on; the blank picture has the raw one's."""
    return in_order({RAW, *(truth.variant for question in questions for truth in question.truths)})


def read_words(
    asked: Mapping[str, list[Question]], variants: Sequence[str] | None = None
) -> dict[str, dict[str, TextOnly | None]]:
    """What the words alone score by category and variant, all variants there are by default; None below
    LEAST_SCENES scenes."""
    return {
        category: {
            name: text_only_accuracy(questions, variant=name)
            for name in (variants_of(questions) if variants is None else variants)
        }
        for category, questions in asked.items()
    }


def _scores(found: Mapping[str, Mapping[str, TextOnly | None]]) -> Iterator[WordsAlone]:
    for category, by_variant in found.items():
        for variant, score in by_variant.items():
            if score is not None:
                yield WordsAlone(category, variant, score.by_scene, score.accuracy, score.constant)
