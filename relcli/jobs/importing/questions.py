"""From result rows to questions: those of a data set, of a queries.json, or the rows' own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from relcli.errors import RelcliError
from relcli.jobs.importing.problems import Problems
from relcli.jobs.importing.results import ResultRow, normal
from relcli.scenes.items import Dataset, DatasetItem, Picture, Variant
from relcli.scenes.layout import masked_name
from relcli.scenes.queries import QueryEntry
from relcli.scenes.questions import Question
from relcli.scenes.records import Record
from relcli.scenes.vocabulary import MASKED


@dataclass(frozen=True, slots=True)
class Matched:
    """A row and the question it answers; `place` is the question's place in its picture's list."""

    row: ResultRow
    question: Question
    place: int


def match(rows: Sequence[ResultRow], dataset: Dataset, problems: Problems) -> tuple[list[Matched], str]:
    """Find each row's question by picture and text, case and white space aside; also the question set.

    The set is the one that more of the rows fit. Rows about a picture or a question the data set doesn't
    have, or with another ground truth than the question's, go to `problems`.
    """
    sets = {
        name: {item.scene_id: _by_text(item, name) for item in dataset.items}
        for name in dataset.question_sets or ("seed",)
    }
    texts = [normal(row.question) for row in rows]
    fitting = {
        name: sum(text in asked.get(row.scene_id, ()) for row, text in zip(rows, texts, strict=True))
        for name, asked in sets.items()
    }
    question_set = max(fitting, key=fitting.__getitem__)
    known = sets[question_set]
    matched = []
    for row, text in zip(rows, texts, strict=True):
        where = f"line {row.line}, {row.image_filename}"
        if row.scene_id not in known:
            problems.add(f"lines about pictures that {dataset.name} doesn't have", where)
            continue
        place, question = known[row.scene_id].get(text, (0, None))
        if question is None:
            problems.add(f"lines whose question {dataset.name} doesn't ask of the picture", where)
            continue
        if differs := _differs(row, question):
            problems.add(f"lines that disagree with {dataset.name}", f"{where}, {differs}")
            continue
        matched.append(Matched(row, question, place))
    return matched, question_set


def ask_rows(rows: Sequence[ResultRow], dataset: Dataset) -> Dataset:
    """The data set with the rows' own questions, where it has none. Numbers are the rows' places, which is
    what the names of attention files go by; unknown wording stays unparsed."""
    by_scene: dict[int, list[ResultRow]] = defaultdict(list)
    for row in rows:
        by_scene[row.scene_id].append(row)
    return replace(
        dataset,
        items=[
            replace(item, questions=_entry(of_scene).questions(item.scene))
            if (of_scene := by_scene.get(item.scene_id))
            else item
            for item in dataset.items
        ],
    )


def asks_all(rows: Sequence[ResultRow], dataset: Dataset) -> bool:
    """Whether the data set asks every row's question of its picture, with the row's truth."""
    problems = Problems()
    match(rows, dataset, problems)
    return not len(problems)


def ask_entries(entries: Sequence[QueryEntry], dataset: Dataset) -> Dataset:
    """The pictures of a queries.json as the data set has them, with the file's questions in place of their
    own. Raises RelcliError, naming file and picture, for a picture the data set doesn't have."""
    known = {item.scene_id: item for item in dataset.items}
    items = []
    for entry in entries:
        item = known.get(entry.scene_id)
        if item is None:
            raise RelcliError(
                f"{entry.record.where}: {dataset.name} has no picture {entry.scene_id}; "
                "name another --dataset."
            )
        twins = {variant.name: variant.twin for variant in item.variants}
        asked, answered = entry.answered()
        if missing := answered - twins.keys():
            raise RelcliError(
                f"{entry.record.where}: it has {min(missing)} answers, but {dataset.name} has no such "
                f"picture of {entry.scene_id}; name another --dataset."
            )
        kept = tuple(each for each in item.variants if each.name in answered or not asked)
        items.append(replace(item, variants=kept, questions=entry.questions(item.scene, twins)))
    return replace(dataset, items=items)


def dataset_of_rows(rows: Sequence[ResultRow], name: str) -> Dataset:
    """A data set without pictures: one scene for every picture the rows name."""
    names = {row.scene_id: row.image_filename for row in rows}
    twins = {row.scene_id for row in rows if row.masked}
    items = [_without_picture(at, names[at], at in twins) for at in sorted(names)]
    return ask_rows(rows, Dataset(name, None, items, source="questions"))


def dataset_of_entries(entries: Sequence[QueryEntry], name: str) -> Dataset:
    """A data set without pictures from a queries.json."""
    items = []
    for entry in entries:
        asked = entry.questions(None)
        twin = any(question.ground_truth_masked for question in asked)
        items.append(replace(_without_picture(entry.scene_id, entry.image_filename, twin), questions=asked))
    return Dataset(name, None, items, source="questions")


def _without_picture(scene_id: int, name: str, has_twin: bool) -> DatasetItem:
    twins = (Variant(MASKED, Picture(None, masked_name(name))),) if has_twin else ()
    return DatasetItem(scene_id, name, Picture(None, name), twins)


def _entry(rows: Sequence[ResultRow]) -> QueryEntry:
    """A picture's rows in the form of queries.json, so that questions are read in one place."""
    first = rows[0]
    asked = [
        {
            "query_type": row.category,
            "query": row.question,
            "ground_truth": row.raw.ground_truth,
            "ground_truth_masked": row.masked.ground_truth if row.masked else "",
            "question_index": row.place,
        }
        for row in rows
    ]
    record = Record({"questions": asked}, f"line {first.line}")
    return QueryEntry(first.scene_id, first.image_filename, record)


def _by_text(item: DatasetItem, question_set: str) -> dict[str, tuple[int, Question]]:
    asked = sorted(
        (question for question in item.questions if question.question_set == question_set),
        key=lambda question: question.question_index,
    )
    return {normal(question.text): (place, question) for place, question in enumerate(asked)}


def _differs(row: ResultRow, question: Question) -> str | None:
    """Where row and question disagree; an empty masked truth on either side is not a disagreement."""
    if row.category != question.category:
        return f"query_type {row.category}, not {question.category}"
    if row.raw.ground_truth != question.ground_truth:
        return f"ground_truth {row.raw.ground_truth}, not {question.ground_truth}"
    truth = question.ground_truth_masked
    if row.masked and truth and row.masked.ground_truth != truth:
        return f"ground_truth_masked {row.masked.ground_truth}, not {truth}"
    return None
