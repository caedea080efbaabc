"""evaluation_results.csv: lines of a table to checked rows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from relcli.errors import RelcliError
from relcli.inputs import LARGEST_INTEGER, is_plain_name
from relcli.jobs.importing.problems import Problems
from relcli.jobs.importing.tables import read_table
from relcli.jobs.study_format import COLUMNS, EVALUATIONS, MASKED_COLUMNS, RAW_COLUMNS
from relcli.scenes.layout import scene_id_of
from relcli.scenes.parsing import parse_prompt
from relcli.scenes.questions import NONE_ANSWER
from relcli.scenes.records import brief
from relcli.scenes.vocabulary import CATEGORIES, LETTERS, nearest_category

_BLANK = ("", "nan")  # what an empty cell becomes in pandas and back
_PANDAS = "pandas turns None into an empty cell; read the file with keep_default_na=False and save it again"
_NO_TRUTH = f"masked answers whose ground_truth_masked is empty ({_PANDAS})"


@dataclass(frozen=True, slots=True)
class StudyReply:
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
    raw: StudyReply
    masked: StudyReply | None
    parsed: bool


@dataclass(frozen=True, slots=True)
class Results:
    """A file read. `n_lines` counts the rows that could not be used too; `n_halved` those whose masked answer
    alone can't be used."""

    rows: list[ResultRow]
    n_lines: int
    encoding: str
    sha256: str
    has_masked: bool
    n_halved: int


def read_results(path: Path, problems: Problems, *, encoding: str | None = None, partial: bool) -> Results:
    """Read and check every line; what is wrong with single lines goes to `problems`.

    Columns may stand in any order, and others beside them are ignored. Raises what `read_table` raises, and
    RelcliError for a table that lacks columns; without the masked columns only `partial` reads on.
    """
    table = read_table(path, encoding=encoding)
    header = table.columns
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
    for line, cells in table.lines:
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
    return Results(unique, n_lines, table.encoding, table.sha256, not unmasked, problems.count(_NO_TRUTH))


def normal(question: str) -> str:
    """A question's text for comparing: the study lower-cases texts, and editors change white space."""
    return " ".join(question.split()).casefold()


def _row(
    line: int, cell: dict[str, str], place: int, problems: Problems, *, masked: bool
) -> ResultRow | None:
    where = f"line {line}"
    name = cell["image_filename"].replace("\\", "/").rsplit("/", 1)[-1]
    scene_id = scene_id_of(name)
    if scene_id is None:
        problems.add("lines whose image_filename has no number", f"{where}, {brief(name)}")
        return None
    if scene_id > LARGEST_INTEGER:
        kind = f"lines whose image_filename has a number beyond {LARGEST_INTEGER}"
        problems.add(kind, f"{where}, {brief(name)}")
        return None
    if not is_plain_name(name):
        problems.add("lines whose image_filename is not a file's name", f"{where}, {brief(name)}")
        return None
    category = cell["query_type"].lower()
    if category not in CATEGORIES:
        near = nearest_category(category)
        problems.add("lines of no known query_type", f"{where}, {brief(category)}, the nearest is {near}")
        return None
    prompt = parse_prompt(cell["question"])
    letters = LETTERS[: len(prompt.options)] or LETTERS
    raw = _reply(where, cell, "", letters, problems)
    if raw is None:
        return None
    twin = None
    if masked and not _is_blank(cell["ground_truth_masked"]):
        twin = _reply(where, cell, "_masked", letters, problems)
        if twin is None:
            return None
    elif masked and not all(_is_blank(cell[name]) for name in ("prediction_masked", "evaluation_masked")):
        # There is a twin that was asked; without its truth only the raw answer can come in.
        problems.add(_NO_TRUTH, f"{where}, {name}")
    known = prompt.category is not None
    return ResultRow(line, scene_id, name, place, category, cell["question"], raw, twin, known)


def _is_blank(cell: str) -> bool:
    return cell.lower() in _BLANK


def _reply(
    where: str, cell: dict[str, str], suffix: str, letters: str, problems: Problems
) -> StudyReply | None:
    truth, evaluation = cell["ground_truth" + suffix], cell["evaluation" + suffix].lower()
    plain = truth.lower()
    if _is_blank(truth):
        problems.add(f"lines whose ground_truth{suffix} is empty ({_PANDAS})", where)
        return None
    if plain == NONE_ANSWER.lower():
        truth = NONE_ANSWER
    elif len(plain) == 2 and plain[0] in letters and plain[1] == ")":
        truth = plain
    else:
        found = f"{where}, {brief(truth)} of {', '.join(f'{letter})' for letter in letters)}"
        problems.add(f"lines whose ground_truth{suffix} is not an option", found)
        return None
    if evaluation not in EVALUATIONS:
        kind = f"lines whose evaluation{suffix} is neither correct nor incorrect"
        problems.add(kind, f"{where}, {brief(evaluation)}")
        return None
    return StudyReply(truth, cell["prediction" + suffix], EVALUATIONS[evaluation])


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
