"""The page about a run: one HTML file with everything in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.atomic import replaced
from relcli.errors import RelcliError, UsageError
from relcli.progress import Progress
from relcli.report.catalogue import KINDS, FigureKind
from relcli.report.facts import Facts, Row, add_words_alone, gather, sql_of
from relcli.report.finding import finding
from relcli.report.gallery import Shelf, gallery
from relcli.report.layout import environment
from relcli.report.needs import need
from relcli.report.tables import told
from relcli.report.target import check_target
from relcli.version import VERSION

if TYPE_CHECKING:
    from markupsafe import Markup

SECTIONS = {
    "accuracy": "Accuracy",
    "versus": "Beside other results",
    "change": "What changes when the truth changes",
    "attention": "Where attention goes",
    "looking": "Which heads and tokens look",
    "probes": "What can be read off the attention",
    "cuts": "What answers depend on",
    "audit": "The questions themselves",
}

_OTHER_FORMS = (".pdf", ".svg", ".png", ".md", ".csv", ".json", ".docx")


@dataclass(frozen=True, slots=True)
class Plate:
    """A figure as the page shows it. about: its caption; columns, rows: the numbers it was drawn from."""

    kind: FigureKind
    about: str
    svg: "Markup"
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    sql: str


def write_report(
    database: Path,
    out: Path,
    run: str | None = None,
    *,
    versus: str | None = None,
    words_alone: bool = True,
    force: bool = False,
    progress: Progress,
) -> Facts:
    """Write the page about a run (the newest if None) to `out`, whole or not at all.

    versus: a second run to lay beside, or `published`. words_alone: also train the reader without pictures.
    Raises UsageError for runs that aren't there and a name that promises no HTML, RelcliError if `out` is
    there already (without `force`), can't be written, or if matplotlib or Jinja2 is missing.
    """
    need("matplotlib", "jinja2")
    if out.suffix.lower() in _OTHER_FORMS:
        raise UsageError(f"{out} must end in .html: the page is HTML, which a browser prints to PDF.")
    check_target(out, force)
    facts = gather(database, run, versus)
    if words_alone:
        progress.note("Reading the questions without the pictures")
        add_words_alone(facts)
    text = page(facts, progress)
    write_whole(out, text.encode("utf-8"))
    progress.finish({"out": str(out), "run": facts.name})
    return facts


def write_whole(out: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all. Raises RelcliError if it can't be."""
    try:
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        with replaced(out) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        raise RelcliError(
            f"{out} can't be written ({error.strerror or error}); nothing of it was kept."
        ) from error


def page(facts: Facts, progress: Progress) -> str:
    """The page as HTML."""
    plates = _plates(facts, progress)
    shelves: list[Shelf] = gallery(facts)
    return environment().get_template("report.html.j2").render(
        run=facts.run,
        name=facts.name,
        other=facts.other,
        finding=finding(facts),
        unfinished=facts.run["state"] != "done",
        sections=[
            (key, title, [plate for plate in plates if plate.kind.section == key])
            for key, title in SECTIONS.items()
        ],
        plates=plates,
        missing={KINDS[name].title: why for name, why in facts.missing.items()},
        shelves=shelves,
        made=[(key, told(value)) for key, value in facts.run.items() if value is not None],
        version=VERSION,
    )


def _plates(facts: Facts, progress: Progress) -> list[Plate]:
    from markupsafe import Markup

    from relcli.report.figures import draw, inline_svg
    from relcli.report.plots.style import styled

    plates = []
    kinds = [kind for kind in KINDS.values() if kind.name in facts.rows]
    progress.start(len(kinds), "figures", "Drawing")
    for kind in kinds:
        with styled():
            try:
                svg = themed(inline_svg(draw(kind, facts), kind.name, kind.title))
            except RelcliError as problem:  # a question whose maps are gone
                facts.missing[kind.name] = problem.message
                continue
            finally:
                progress.advance()
        rows = facts.of(kind.name)
        # A view may have fewer columns in an older warehouse.
        columns = [name for name in kind.columns or rows[0] if name in rows[0]]
        values = [[row[name] for name in columns] for row in rows]
        about = f"{kind.about} {_asked(rows[0])}" if kind.per_question else kind.about
        plates.append(Plate(kind, about, Markup(svg), columns, values, sql_of(kind, facts)))
    return plates


def _asked(row: Row) -> str:
    """Which question a figure of one question is of."""
    return f"Of question {row['scene_id']}.{row['question_index']}, one with the most tokens."


def themed(svg: str) -> str:
    """The figure's colours as the page's own, so that they change with light and dark; a narrow figure stays
    narrow, so that letters are of one size."""
    from relcli.report.plots import style

    if found := re.search(r'width="([0-9.]+)pt"', svg):
        share = float(found[1]) / 72 / style.WIDTH
        if share < 0.9:
            svg = svg.replace("<svg ", f'<svg style="width: {share:.0%}; min-width: {30 * share:.0f}rem" ', 1)

    names = {
        style.INK: "ink",
        style.SOFT: "soft",
        style.EDGE: "edge",
        style.GRID: "grid",
        style.PAPER: "paper",
        style.RAW: "raw",
        style.MASKED: "masked",
        style.BLANK: "blank",
        style.FOURTH: "fourth",
    }
    return re.sub(
        r"((?:fill|stroke): )(#[0-9a-f]{6})\b",
        lambda found: f"{found[1]}var(--{names[found[2]]})" if found[2] in names else found[0],
        svg,
    )
