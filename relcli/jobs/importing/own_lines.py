"""Questions about own pictures: one JSON object a line, read and checked (docs/guides/pictures.md)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from relcli.errors import RelcliError
from relcli.inputs import MIB, half_character, parse_json, read_text, shown
from relcli.scenes.layout import is_variant
from relcli.scenes.questions import NONE_ANSWER, answer_of
from relcli.scenes.records import Record, brief
from relcli.scenes.vocabulary import CATEGORIES, LETTERS

MOST_BYTES: Final = 1024 * MIB
DEFAULT_CATEGORY: Final = "pictures"
_CATEGORY = re.compile(r"\w[\w.+@=-]{0,59}")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")  # a question may have several lines
_FIELDS = (
    "image",
    "question",
    "options",
    "answer",
    "id",
    "category",
    "targets",
    "distractors",
    "boxes",
    "variants",
)
_OF_VARIANT = ("image", "answer", "targets", "boxes", "touched")


@dataclass(frozen=True, slots=True)
class GivenBox:
    """A box as it is written: an annotation's id, or x, y, width, height in pixels and what is in it."""

    annotation: int | None = None
    box: tuple[float, float, float, float] | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class OwnVariant:
    """Another picture of a line. targets: where each of the line's stands on it, None for one that is gone;
    None where nothing is said, so that they stand as on the line's own picture. boxes: what else is on it;
    None where nothing is said."""

    image: str
    answer: str
    targets: tuple[GivenBox | None, ...] | None
    boxes: tuple[GivenBox, ...] | None
    touched: bool | None


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A question. where: file and line. stem: the question without its question mark. answer: a letter with
    its bracket, or None. distractors: None for all other boxes of the picture."""

    where: str
    image: str
    stem: str
    options: tuple[str, ...]
    answer: str
    own_id: str | None
    category: str
    targets: tuple[GivenBox, ...]
    distractors: tuple[GivenBox, ...] | None
    boxes: tuple[GivenBox, ...]
    variants: dict[str, OwnVariant]


def read_lines(path: Path) -> list[OwnLine]:
    """All questions of a file, in order. Raises RelcliError, naming file, line and field, for the first line
    that breaks the format, and for an id that stands twice."""
    try:
        text = read_text(path, MOST_BYTES)
    except FileNotFoundError:
        raise RelcliError(
            f"There is no file {path}; --questions takes the questions, one JSON object a line."
        ) from None
    except OSError as error:
        raise RelcliError(f"{path} can't be read: {error.strerror}; check the file.") from error
    except UnicodeDecodeError as error:
        raise RelcliError(f"{path} is not in UTF-8 (byte {error.start}); save it as UTF-8.") from error
    found: list[OwnLine] = []
    ids: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        found.append(_line(Record(parse_json(line, where), where)))
        own_id = found[-1].own_id
        if own_id is not None and own_id in ids:
            raise RelcliError(
                f"{where}, field id: {brief(own_id)} is the id of {ids[own_id]} too; give each its own."
            )
        if own_id is not None:
            ids[own_id] = f"line {number}"
    if not found:
        raise RelcliError(f"{path} holds no question: write one JSON object a line.")
    return found


def _line(record: Record) -> OwnLine:
    _refuse_others(record, _FIELDS)
    options = _options(record)
    category = record.text("category").strip() if record.has("category") else DEFAULT_CATEGORY
    if _CATEGORY.fullmatch(category) is None or category == "all":
        record.fail(
            "category", f"{brief(category)} can't name a category: use up to 60 letters, digits and ._+@=-"
        )
    if category in CATEGORIES:
        record.fail(
            "category", f"{category} is relcli's own, whose questions have fixed words; call yours otherwise"
        )
    targets = tuple(_boxes(record, "targets"))
    variants = {}
    if record.has("variants"):
        named = record.record("variants")
        for name in named.data:
            if not is_variant(name):
                named.fail(
                    brief(name), "a variant's name has letters, digits, - and _, and is not raw or blank"
                )
            variants[name] = _variant(named.record(name), options, len(targets))
    return OwnLine(
        where=record.where,
        image=_image(record),
        stem=_stem(record),
        options=options,
        answer=_answer(record, options),
        own_id=_text(record, "id") if record.has("id") else None,
        category=category,
        targets=targets,
        distractors=tuple(_boxes(record, "distractors")) if record.has("distractors") else None,
        boxes=tuple(_boxes(record, "boxes")),
        variants=variants,
    )


def _variant(record: Record, options: Sequence[str], n_targets: int) -> OwnVariant:
    _refuse_others(record, _OF_VARIANT)
    targets = None
    if record.has("targets"):
        given = record.data["targets"]
        if not isinstance(given, list) or len(given) != n_targets:
            record.fail(
                "targets",
                f"expected a list of {n_targets}, one for each of the question's, null for one that is gone",
            )
        targets = tuple(None if each is None else _box(record, "targets", each) for each in given)
    return OwnVariant(
        image=_image(record),
        answer=_answer(record, options),
        targets=targets,
        boxes=tuple(_boxes(record, "boxes")) if record.has("boxes") else None,
        touched=record.flag("touched") if record.has("touched") else None,
    )


def _refuse_others(record: Record, known: Sequence[str]) -> None:
    for name in record.data:
        if name not in known:
            raise RelcliError(
                f"{record.where}: there is no field {shown(name)}, only {', '.join(known)}; correct the line."
            )


def _text(record: Record, field: str) -> str:
    text = record.text(field).strip()
    if not text:
        record.fail(field, "it is empty")
    if _CONTROL.search(text) or half_character(text):
        record.fail(field, f"{shown(text)} has a character that can't be shown")
    return text


def _image(record: Record) -> str:
    """A path below the folder of pictures; whether it stays there is looked at once the file is opened."""
    name = _text(record, "image")
    if "\n" in name:
        record.fail("image", f"{shown(name)} is no file's name")
    return name


def _stem(record: Record) -> str:
    stem = _text(record, "question").rstrip("? \n")
    if not stem:
        record.fail("question", "it has no words")
    return stem


def _options(record: Record) -> tuple[str, ...]:
    options = tuple(each.strip() for each in record.strings("options"))

    def refuse(problem: str) -> NoReturn:
        record.fail("options", problem)

    if not 2 <= len(options) <= len(LETTERS):
        refuse(
            f"there are {len(options)}, and a question has 2 to {len(LETTERS)}; open answers can't be graded"
        )
    for option in options:
        if not option or "\n" in option or _CONTROL.search(option) or half_character(option):
            refuse(f"{shown(option)} is empty or has a character that can't be shown")
        if option.lower() == NONE_ANSWER.lower():
            refuse("None can't be an option: it is the answer where none of the options is right")
    if len(set(options)) < len(options):
        refuse(f"{brief(next(each for each in options if options.count(each) > 1))} stands twice")
    return options


def _answer(record: Record, options: Sequence[str]) -> str:
    """A letter, with or without its bracket, an option's text, or None."""
    given = _text(record, "answer")
    letters = LETTERS[: len(options)]
    by_letter = given.lower() if len(given) == 2 and given[1] == ")" and given[0].lower() in letters else None
    lone = f"{given.lower()})" if len(given) == 1 and given.lower() in letters else None
    by_text = answer_of(options, given) if given in options else None
    if by_text and lone and by_text != lone:
        record.fail(
            "answer",
            f"{brief(given)} is the letter of one option and the text of another: write the letter "
            f"as {given})",
        )
    found = by_letter or by_text or lone
    if found is None and given.lower() == NONE_ANSWER.lower():
        return NONE_ANSWER
    if found is None:
        ways = f"a letter from a to {letters[-1]}, an option's text, or None"
        record.fail("answer", f"{brief(given)} is no answer to this question, which is {ways}")
    return found


def _boxes(record: Record, field: str) -> Iterator[GivenBox]:
    given = record.data.get(field)
    if given is None:
        return
    if not isinstance(given, list):
        record.fail(field, f"expected a list of boxes, found {shown(given)}")
    for each in given:
        yield _box(record, field, each)


def _box(record: Record, field: str, given: Any) -> GivenBox:
    name = ""
    if isinstance(given, dict):
        _refuse_others(inner := Record(given, f"{record.where}, {field}"), ("box", "name"))
        name = _text(inner, "name") if inner.has("name") else ""
        given = given.get("box")
    elif isinstance(given, int) and not isinstance(given, bool):
        return GivenBox(annotation=given)
    if not isinstance(given, list) or not is_box(given):
        record.fail(
            field, f"{shown(given)} is no box: write [x, y, width, height] in pixels, or an annotation's id"
        )
    x, y, width, height = map(float, given)
    return GivenBox(box=(x, y, width, height), name=name)


def is_box(value: Any) -> bool:
    """Whether a value is x, y, width, height: four numbers of a sensible size, the last two above 0."""
    return is_four_numbers(value) and min(value[2:]) > 0


def is_four_numbers(value: Any) -> bool:
    """Whether a value is four numbers of a sensible size, what they may say."""
    numbers = (
        isinstance(value, list) and len(value) == 4 and all(type(each) in (int, float) for each in value)
    )
    return numbers and all(abs(each) < 1e9 for each in value)
