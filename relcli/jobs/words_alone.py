"""What the words alone give away, measured once per data set so that it stands beside every accuracy."""

import random
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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
    with filling_words_alone(database, name, dataset, question_set, categories, progress):
        pass


@contextmanager
def filling_words_alone(
    database: Path,
    name: str,
    dataset: Dataset,
    question_set: str,
    categories: Collection[str],
    progress: Progress,
) -> Iterator[None]:
    """`fill_words_alone`, which reads while the block works with the warehouse: one waits for Python, the
    other for DuckDB. The scores are written when the block is left."""
    known: set[tuple[str, str]] | None = None
    with suppress(WarehouseError, OSError):
        known = known_words_alone(database, name, question_set, READER_VERSION)
    if known is None:
        yield
        return
    reading = _Reading(_by_category(dataset, question_set, categories), known)
    reading.start()
    try:
        yield
        found = reading.found()
    finally:
        reading.stop()
    if not any(found.values()):
        return
    scores = list(_scores(found))
    if not scores and not known:
        progress.note(
            f"What the words alone give away was not measured: that takes {LEAST_SCENES} scenes with "
            f"questions of a category, and {name} has fewer."
        )
    with suppress(WarehouseError, OSError):
        write_words_alone(database, name, question_set, scores, READER_VERSION)


class _Reading(threading.Thread):
    """Reads the words of the categories and variants that are not known yet; stopped, it ends with the
    category in hand."""

    def __init__(self, asked: Mapping[str, list[Question]], known: Collection[tuple[str, str]]) -> None:
        super().__init__(name="words")
        self._asked, self._known = asked, known
        self._found: dict[str, dict[str, TextOnly | None]] = {}
        self._problem: BaseException | None = None
        self._stopped = threading.Event()

    def run(self) -> None:
        try:
            for category, questions in self._asked.items():
                if self._stopped.is_set():
                    return
                # Variants that were read before there were others stay as they are.
                wanted = [name for name in variants_of(questions) if (category, name) not in self._known]
                self._found[category] = read_words({category: questions}, wanted)[category]
        except BaseException as problem:
            self._problem = problem

    def found(self) -> dict[str, dict[str, TextOnly | None]]:
        """All scores, once they are there. Raises what went wrong."""
        self.join()
        if self._problem is not None:
            raise self._problem
        return self._found

    def stop(self) -> None:
        self._stopped.set()


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
