"""The rows behind a run's figures, read from the warehouse."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.errors import RelcliError, UsageError, WarehouseError
from relcli.report.catalogue import KINDS, FigureKind
from relcli.report.lacking import why_empty

if TYPE_CHECKING:
    from relcli.results.question import QuestionKey, QuestionView

PUBLISHED = "published"
Row = dict[str, Any]


@dataclass(slots=True)
class Facts:
    """A run and the rows behind its figures.

    run: its line as the read `run` gives it; other: the run laid beside, `published`, or None; rows: by
    figure, as its read gives them; missing: by figure, why there are none.
    """

    database: Path
    run: Row
    other: str | None = None
    rows: dict[str, list[Row]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.run["run"]

    def of(self, name: str) -> list[Row]:
        return self.rows.get(name, [])

    def by_category(self, name: str, **wanted: Any) -> dict[str, Row]:
        """The rows of a figure with these values, by category."""
        found = (row for row in self.of(name) if all(row[key] == value for key, value in wanted.items()))
        return {row["category"]: row for row in found}


def find_run(database: Path, run: str | None) -> Row:
    """The line of a run, of the newest if None. Raises UsageError where there is none, WarehouseError."""
    from relcli.warehouse.reads import read
    from relcli.warehouse.unknown import unknown_run

    if run is None:
        newest = read(database, "run_list", limit=1).as_dicts()
        if not newest:
            raise UsageError(f"There are no runs in {database} yet; relcli run makes one.")
        run = str(newest[0]["run"])
    found = read(database, "run", run=run).as_dicts()
    if not found:
        raise unknown_run(database, run)
    return found[0]


def find_question(database: Path, run: str, key: "QuestionKey") -> "QuestionView":
    """One question of a run. Raises UsageError for a question without an answer, WarehouseError."""
    from relcli.results.question_reading import read_question

    name = find_run(database, run)["run"]
    try:
        return read_question(database, name, key)
    except WarehouseError:
        raise
    except RelcliError:
        raise UsageError(
            f"The run {name} has no answer to question {key[0]}.{key[1]}: "
            "the view inference shows those there are."
        ) from None


def gather(
    database: Path,
    run: str | None,
    other: str | None = None,
    kinds: Iterable[FigureKind] = tuple(KINDS.values()),
) -> Facts:
    """All rows behind these figures, on one opening of the file.

    `other` is a second run, or `published`. A read that an older warehouse has no views for leaves its figure
    out. Raises UsageError for a run that isn't there or has no answer, or two that share no question.
    """
    from relcli.report.layer_findings import add_corrected_p
    from relcli.warehouse.opening import connect
    from relcli.warehouse.reads import parameters, read

    with connect(database, read_only=True):
        facts = Facts(database, find_run(database, run), other)
        if other not in (None, PUBLISHED):
            facts.other = find_run(database, other)["run"]
            if facts.other == facts.name:
                raise UsageError(f"--versus names the run itself, {facts.name}: name another run.")
        if not facts.run["n_answers"]:
            raise UsageError(f"The run {facts.name} has no answers yet: wait for it, or name another run.")
        for kind in kinds:
            if kind.name in ("versus", "published") and (kind.name == "published") != (other == PUBLISHED):
                continue
            if kind.name == "versus" and other is None:
                continue
            given = {"run": facts.name, "other": facts.other}
            given = {name: value for name, value in given.items() if name in parameters(kind.read)}
            try:
                rows = read(database, kind.read, **given).as_dicts()
            except WarehouseError:
                raise
            except RelcliError as problem:
                facts.missing[kind.name] = problem.message
                continue
            if rows:
                facts.rows[kind.name] = rows
            else:
                facts.missing[kind.name] = why_empty(kind, facts.run)
        add_corrected_p(database, facts.name, facts.rows)
    if other is not None and not (facts.of("versus") or facts.of("published")):
        wanted = {kind.name for kind in kinds}
        if wanted & {"versus", "published"}:
            raise UsageError(_nothing_in_common(facts))
    return facts


def add_words_alone(facts: Facts) -> None:
    """Beside the accuracies, as `words_alone`, what a reader of the words alone reaches on the whole data set
    (`relcli audit`). Left out where that can't be told."""
    from relcli.jobs.audit import AuditRequest, audit
    from relcli.progress import NullProgress

    if all(row.get("words_alone") is not None for row in facts.of("accuracy")):
        return  # the warehouse knows, or there is nothing to lay it beside
    try:
        audited = audit(facts.database, AuditRequest(run=facts.name), NullProgress()).categories
    except RelcliError:
        return
    scores: dict[tuple[str, str], float] = {}
    for each in audited:
        for variant, found in each.by_variant.items():
            if found is not None:
                scores[each.category, variant] = found.accuracy
    for row in facts.of("accuracy"):
        if row.get("words_alone") is None:
            row["words_alone"] = scores.get((row["category"], row["variant"]))


def sql_of(kind: FigureKind, facts: Facts) -> str:
    """The SQL of a figure with the run's name in it, to be typed as it stands."""
    from relcli.warehouse.reads import in_full, parameters

    given = {"run": facts.name, "other": facts.other or ""}
    known = parameters(kind.read)
    return in_full(kind.read, {name: value for name, value in given.items() if name in known}).strip()


def _nothing_in_common(facts: Facts) -> str:
    if facts.other == PUBLISHED:
        return (
            f"The run {facts.name} has nothing to lay beside the published figures: they are of raw and "
            "masked pictures, by category."
        )
    return (
        f"{facts.name} and {facts.other} have no graded question in common: compare runs of the same data "
        "set and question set."
    )


def total(rows: Iterable[Mapping[str, Any]], share: str, n: str) -> tuple[float, int] | None:
    """A share over all categories, and over how many; None where there is nothing."""
    counted = [(row[share], row[n]) for row in rows if row[share] is not None and row[n]]
    count = sum(each for _, each in counted)
    return (sum(value * each for value, each in counted) / count, count) if count else None
