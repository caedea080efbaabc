"""evaluation_results.csv: bytes in any usual encoding to checked rows."""

import codecs
import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from relcli.errors import RelcliError, UsageError
from relcli.jobs.importing.problems import Problems
from relcli.jobs.seed_form import COLUMNS, EVALUATIONS, MASKED_COLUMNS, RAW_COLUMNS
from relcli.scenes.layout import scene_id_of
from relcli.scenes.parsing import parse_prompt
from relcli.scenes.questions import NONE_ANSWER
from relcli.scenes.vocabulary import CATEGORIES, LETTERS, nearest_category

_BLANK = ("", "nan")  # what an empty cell becomes in pandas and back
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer as the file has it: the truth it was graded against (`a)` to `d)` or `None`), the text, and
    the file's own evaluation."""

    ground_truth: str
    prediction: str
    correct: bool


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One line. `place` counts the picture's lines from 0; `masked` is None where there is no twin; `parsed`
    says whether the question is worded in a way we know."""

    line: int
    scene_id: int
    image_filename: str
    place: int
    category: str
    question: str
    raw: Reply
    masked: Reply | None
    parsed: bool


@dataclass(frozen=True, slots=True)
class Results:
    """A file read. `n_lines` counts the rows that could not be used too."""

    rows: list[ResultRow]
    n_lines: int
    encoding: str
    sha256: str
    has_masked: bool


def read_results(path: Path, problems: Problems, *, encoding: str | None = None, partial: bool) -> Results:
    """Read and check every line; what is wrong with single lines goes to `problems`.

    UTF-8 with or without a mark, UTF-16 with one, else Windows-1252 or Latin-1. Commas, semicolons or tabs;
    columns in any order, others beside them are ignored. Raises RelcliError for a file that is missing, empty
    or no CSV, or lacks columns; without the masked columns only `partial` reads on.
    """
    data = _bytes(path)
    text, used = _decode(path, data, encoding)
    lines = _lines(path, text)
    header = [name.strip().lower() for name in next(lines, (0, [""]))[1]]
    missing = [name for name in RAW_COLUMNS if name not in header]
    if missing:
        raise RelcliError(
            f"{path} has no column {', '.join(missing)} in its first line; it needs {', '.join(COLUMNS)}."
        )
    unmasked = [name for name in MASKED_COLUMNS if name not in header]
    if unmasked and not partial:
        raise RelcliError(
            f"{path} has no column {', '.join(unmasked)}: nothing was imported; --partial would take in the "
            "raw answers alone."
        )
    rows, n_lines = [], 0
    places: Counter[str] = Counter()
    for line, cells in lines:
        n_lines += 1
        if len(cells) != len(header):
            found = f"line {line}, {len(cells)} of {len(header)}"
            problems.add("lines with too few or too many cells", found)
            continue
        cell = dict(zip(header, map(str.strip, cells), strict=True))
        place = places[cell["image_filename"]]
        places[cell["image_filename"]] += 1
        row = _row(line, cell, place, problems, masked=not unmasked)
        if row is not None:
            rows.append(row)
    if not n_lines:
        raise RelcliError(f"{path} has a first line and no answers; check that it is the right file.")
    unique = list(_once(rows, problems))
    return Results(unique, n_lines, used, hashlib.sha256(data).hexdigest(), not unmasked)


def normal(question: str) -> str:
    """A question's text for comparing: the study lower-cases texts, and editors change white space."""
    return " ".join(question.split()).casefold()


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise RelcliError(f"There is no file {path}; --results takes the study's CSV.") from None
    except OSError as error:
        raise RelcliError(f"{path} can't be read ({error.strerror}); check the path.") from None
    if not data.strip():
        raise RelcliError(f"{path} is empty; copy it again.")
    return data


def _decode(path: Path, data: bytes, encoding: str | None) -> tuple[str, str]:
    marked = next((name for mark, name in _BOMS.items() if data.startswith(mark)), None)
    tried = [encoding] if encoding else [marked] if marked else ["utf-8", "cp1252", "latin-1"]
    for name in tried:
        try:
            return data.decode(name), codecs.lookup(name).name
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise UsageError(f"There is no encoding {name!r}; utf-8, cp1252 and latin-1 are usual.") from None
    raise RelcliError(f"{path} is not in {tried[0]}; name its --encoding, or save it as UTF-8.")


def _lines(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of every line that isn't empty."""
    if "\0" in text:
        raise RelcliError(f"{path} is no CSV file (it holds zero bytes); check that it is the right file.")
    first = text.lstrip().splitlines()[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        for cells in reader:
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise RelcliError(
            f"{path} breaks off or is no CSV at line {reader.line_num} ({error}); copy it again."
        ) from error


def _row(
    line: int, cell: dict[str, str], place: int, problems: Problems, *, masked: bool
) -> ResultRow | None:
    where = f"line {line}"
    name = cell["image_filename"].replace("\\", "/").rsplit("/", 1)[-1]
    scene_id = scene_id_of(name)
    if scene_id is None:
        problems.add("lines whose image_filename has no number", f"{where}, {name!r}")
        return None
    category = cell["query_type"].lower()
    if category not in CATEGORIES:
        near = nearest_category(category)
        problems.add("lines of no known query_type", f"{where}, {category!r}, the nearest is {near}")
        return None
    prompt = parse_prompt(cell["question"])
    letters = LETTERS[: len(prompt.options)] or LETTERS
    raw = _reply(where, cell, "", letters, problems)
    if raw is None:
        return None
    twin = None
    # Without a truth there is no twin; what stands beside it was graded against nothing.
    if masked and cell["ground_truth_masked"].lower() not in _BLANK:
        twin = _reply(where, cell, "_masked", letters, problems)
        if twin is None:
            return None
    known = prompt.category is not None
    return ResultRow(line, scene_id, name, place, category, cell["question"], raw, twin, known)


def _reply(where: str, cell: dict[str, str], suffix: str, letters: str, problems: Problems) -> Reply | None:
    truth, evaluation = cell["ground_truth" + suffix], cell["evaluation" + suffix].lower()
    plain = truth.lower()
    if plain == NONE_ANSWER.lower():
        truth = NONE_ANSWER
    elif len(plain) == 2 and plain[0] in letters and plain[1] == ")":
        truth = plain
    else:
        offered = ", ".join(f"{letter})" for letter in letters)
        problems.add(f"lines whose ground_truth{suffix} is no option", f"{where}, {truth!r} of {offered}")
        return None
    if evaluation not in EVALUATIONS:
        kind = f"lines whose evaluation{suffix} is neither correct nor incorrect"
        problems.add(kind, f"{where}, {evaluation!r}")
        return None
    return Reply(truth, cell["prediction" + suffix], EVALUATIONS[evaluation])


def _once(rows: list[ResultRow], problems: Problems) -> Iterator[ResultRow]:
    """Every question of a picture once, and one picture for every number."""
    seen: dict[tuple[int, str], ResultRow] = {}
    names: dict[int, str] = {}
    for row in rows:
        name = names.setdefault(row.scene_id, row.image_filename)
        if name != row.image_filename:
            problems.add("pictures that share a number", f"line {row.line}, {name} and {row.image_filename}")
            continue
        first = seen.setdefault((row.scene_id, normal(row.question)), row)
        if first is not row:
            problems.add("questions that stand twice", f"lines {first.line} and {row.line}")
            continue
        yield row
