"""A figure by its name, and figures as files: what `relcli figure` and `Warehouse.figure` do."""

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.errors import RelcliError, UsageError
from relcli.options.figure import NARROWEST, WIDEST, WIDTH
from relcli.report.catalogue import FigureKind, kind_named
from relcli.report.facts import Facts, add_words_alone, find_question, find_run, gather
from relcli.report.needs import need

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from relcli.results.question import QuestionKey

_OF_A_QUESTION = ("layers", "steps", "tokens")
_OF_A_LAYER = ("steps", "tokens")
_OF_A_ROW = ("shift", "grounding", "entropy")
FORMATS = ("svg", "pdf", "png")


def make_figure(
    database: Path,
    name: str,
    run: str | None = None,
    *,
    versus: str | None = None,
    question: "QuestionKey | None" = None,
    variant: str = "raw",
    row: str = "answer",
    step: str | None = None,
    layer: int | None = None,
    width: float | None = None,
    style: Path | None = None,
    words_alone: bool = True,
) -> "Figure":
    """One figure of a run (the newest if None), drawn in a paper's style.

    question: (scene_id, question_index) that `layers`, `steps` and `tokens` are drawn of, on the picture
    `variant`; `layers` without one shows the means of all raw answers, `tokens` a question of each category.
    row: the query row that `shift`, `grounding` and `entropy` are of. step: `answer` or `mean`, for the same
    figures; None is the answer's step for grounding and the mean for the others. With either nothing is
    tested (`relcli looks` does).
    versus: the run that `versus` is against. width: in inches. words_alone: also train the reader without
    pictures, for `accuracy`.

    Raises UsageError for what isn't there, RelcliError where the run has nothing of it.
    """
    kind = kind_named(name)
    need("matplotlib")
    if width is not None and not NARROWEST <= width <= WIDEST:
        raise UsageError(f"--width must be from {NARROWEST:g} to {WIDEST:g} inches, not {width:g}.")
    _refuse_idle(kind, question, variant, layer, versus)
    if kind.name == "versus" and versus in (None, "published"):
        raise UsageError("The figure versus needs a second run: --versus NAME.")
    other = "published" if kind.name == "published" else versus if kind.name == "versus" else None
    from relcli.report.plots.style import styled

    if row != "answer" or step is not None:
        facts = _of_row(database, run, kind, row, step)
    elif kind.name == "tokens" and (question, layer, variant) != (None, None, "raw"):
        facts = _tokens(database, run, question, variant, layer)
    elif question is not None:
        facts = Facts(database, find_run(database, run))
    else:
        facts = gather(database, run, other, [kind])
        if kind.name not in facts.rows:
            raise RelcliError(
                f"There is no figure {kind.name} of the run {facts.name}: {facts.missing[kind.name]}"
            )
        if kind.name == "accuracy" and words_alone:
            add_words_alone(facts)
    with styled(style):
        return draw(kind, facts, question, variant, layer, width or WIDTH)


def _refuse_idle(
    kind: FigureKind, question: "QuestionKey | None", variant: str, layer: int | None, versus: str | None
) -> None:
    """Raise UsageError for an option that this figure would pass over: it would show something else than
    was asked for."""
    if question is not None and kind.name not in _OF_A_QUESTION:
        raise UsageError(
            f"--question belongs to the figures layers, steps and tokens, not to {kind.name}."
        )
    of_answers = kind.name in _OF_A_LAYER or question is not None
    if variant != "raw" and not of_answers:
        raise UsageError(
            "--variant belongs to the figures steps and tokens, and to layers with --question, not to "
            f"{kind.name}."
        )
    if layer is not None and kind.name not in _OF_A_LAYER:
        raise UsageError(f"--layer belongs to the figures steps and tokens, not to {kind.name}.")
    if versus is not None and kind.section != "versus":
        raise UsageError(f"--versus belongs to the figure versus, not to {kind.name}.")


def _of_row(database: Path, run: str | None, kind: FigureKind, row: str, step: str | None) -> Facts:
    """The rows of a figure for another row or step than its own. Raises UsageError for a figure that has
    none, RelcliError where the run keeps nothing of it."""
    from relcli.warehouse.reads import read

    if kind.name not in _OF_A_ROW:
        option = "--row" if row != "answer" else "--step"
        raise UsageError(f"{option} belongs to the figures {', '.join(_OF_A_ROW)}, not to {kind.name}.")
    facts = Facts(database, find_run(database, run))
    rows = read(database, f"row_{kind.name}", run=facts.name, row=row, step=step).as_dicts()
    if not rows:
        raise RelcliError(
            f"The run {facts.name} has nothing of the row {row} for {kind.name}: relcli run --rows says "
            "which are kept."
        )
    facts.rows[kind.name] = rows
    return facts


def _tokens(
    database: Path, run: str | None, question: "QuestionKey | None", variant: str, layer: int | None
) -> Facts:
    """The rows of the figure `tokens` for one question, picture or layer. Raises RelcliError where there are
    none."""
    from relcli.warehouse.reads import read

    facts = Facts(database, find_run(database, run))
    chosen = {"variant": variant, "layer": layer}
    if question is not None:
        chosen |= {"scene_id": question[0], "question_index": question[1]}
    facts.rows["tokens"] = read(database, "figure_tokens", run=facts.name, **chosen).as_dicts()
    if not facts.rows["tokens"]:
        of = "any question" if question is None else f"question {question[0]}.{question[1]}"
        where = "" if layer is None else f" in layer {layer}"
        raise RelcliError(
            f"The run {facts.name} has no tokens of {of} on {variant} pictures{where}, or what is asked "
            "about is not in the picture: relcli run --attention tokens keeps them."
        )
    return facts


def draw(
    kind: FigureKind,
    facts: Facts,
    question: "QuestionKey | None" = None,
    variant: str = "raw",
    layer: int | None = None,
    width: float = WIDTH,
) -> "Figure":
    """The figure in whatever style is set. Raises RelcliError where a question has no maps."""
    from relcli.report.plots import bars, curves, cuts, inside, looking, sheets

    if kind.name == "steps" or (kind.name == "layers" and question is not None):
        if question is None:
            first = facts.of(kind.name)[0]
            question = first["scene_id"], first["question_index"]
        view = find_question(facts.database, facts.name, question)
        if kind.name == "steps":
            return sheets.steps_of(view, variant, layer, width)
        return sheets.layers_of(view, variant, width)
    drawn: dict[str, Callable[[Sequence[Any], float], Figure]] = {
        "accuracy": bars.accuracy,
        "drop": bars.drop,
        "retention": bars.retention,
        "change": bars.change,
        "versus": bars.versus,
        "published": bars.published,
        "flaws": bars.flaws,
        "shift": curves.shift,
        "shift-category": curves.shift_category,
        "shift-correctness": curves.shift_correctness,
        "grounding": curves.grounding,
        "grounding-within": curves.grounding_within,
        "pointing": curves.pointing,
        "entropy": curves.entropy,
        "entropy-steps": curves.entropy_steps,
        "heads": looking.heads,
        "looks": looking.looks,
        "tokens": looking.tokens,
        "probes": curves.probes,
        "probe-layers": curves.probe_layers,
        "layers": sheets.mean_layers,
        "cuts": cuts.cuts,
        "cut-layers": cuts.cut_layers,
        "patch-layers": cuts.patch_layers,
        "steering": cuts.steering,
        "lens": inside.lens,
        "correctness": inside.correctness,
    }
    return drawn[kind.name](facts.of(kind.name), width)


def format_of(out: Path) -> str:
    """`svg`, `pdf` or `png`, by the file's ending. UsageError for another one."""
    form = out.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise UsageError(f"{out} must end in .svg, .pdf or .png, which says how it is written.")
    return form


def as_bytes(figure: "Figure", form: str, dpi: float = 300) -> bytes:
    """The figure as a file's bytes; the same figure gives the same bytes. dpi: of PNG."""
    need("matplotlib")
    file = io.BytesIO()
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form)
    ground = "white" if form == "png" else "none"
    figure.savefig(file, format=form, dpi=dpi, metadata=undated, facecolor=ground)
    return file.getvalue()


_HEAD = re.compile(r"^.*?(?=<svg\b)", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_ID = re.compile(r'(\bid=")([^"]+)"')
_REFERENCE = re.compile(r'(url\(#|href="#)([^")]+)')


def inline_svg(figure: "Figure", name: str, title: str) -> str:
    """The figure as an `<svg>` to stand in a page: ids begin with `name`, words stay words in the page's own
    letters, and it is named `title` for screen readers. Call it within the style it was drawn in."""
    import matplotlib as mpl
    from markupsafe import escape

    file = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none"}):
        figure.savefig(file, format="svg", metadata={"Date": None})
    text = _METADATA.sub("", _HEAD.sub("", file.getvalue()))
    text = _ID.sub(rf'\g<1>{name}-\g<2>"', text)
    text = _REFERENCE.sub(rf"\g<1>{name}-\g<2>", text)
    head, rest = text.split(">", 1)
    return f'{head} role="img" aria-label="{escape(title)}">{rest}'
