"""The words of a case: its question, what was said on each picture, and how likely each option was."""

from collections.abc import Sequence
from textwrap import wrap
from typing import NamedTuple

from relcli.results.question import QuestionView, VariantAnswer
from relcli.scenes.flaws import flaw_sentence
from relcli.tui.frame.marking import NOTED, SIGN
from relcli.tui.widgets.cells import Tones, bar, cut, verdict
from relcli.tui.widgets.safe_text import Text

_BARS = (8, 4, 0)  # widths, the widest that fits
_FIGURES = 1 + 5 + 2  # sign, percent, sign
_LABEL, _LEAST = 26, 12  # of the options' words: what bars leave, and the least there is
_HEAD = 12  # of a column, at most, to hold its name where there is no bar


class Column(NamedTuple):
    """Of the options: whose answer, under which name."""

    name: str
    answered: VariantAnswer


def question_text(question: QuestionView, tone: Tones, width: int, variant: str = "") -> Text:
    """The question, and per option how likely it was on each picture, what was right and what was said,
    beside the run that it is compared with, on `variant`.

    ✓ stands before the right option, ◀ behind the one that was chosen.
    """
    text = Text()
    text.append(f"{question.sentence}\n", style="bold")
    if question.options:
        columns = _fitting(columns_of(question, variant), variant, width)
        text.append_text(_options(question, columns, tone, width))
    for name in question.variants:
        text.append_text(_reply(name, question, tone))
    for flaw in question.flaws:
        text.append(f"{flaw_sentence(flaw)}\n", style=tone["warn"])
    if question.note:
        text.append(f"{NOTED} {question.note}\n", style=tone["accent"])
    text.right_crop(1)
    return text


def columns_of(question: QuestionView, variant: str) -> list[Column]:
    """One for each picture, and one for the run compared with on the picture looked at."""
    columns = [Column(name, question.answers[name]) for name in question.variants]
    compared = question.compared
    if compared is not None and variant in compared.answers:
        columns.append(Column(compared.run, compared.answers[variant]))
    return columns


def _fitting(columns: Sequence[Column], variant: str, width: int) -> list[Column]:
    """As many as there is room for side by side: that of the picture looked at, the last one, which is the
    other run's if there is one, then the others in their order."""
    most = max(1, (width - _LEAST) // _FIGURES)
    last = len(columns) - 1
    ranked = sorted(range(len(columns)), key=lambda at: (columns[at].name != variant, at != last))
    return [columns[at] for at in sorted(ranked[:most])]


def verdict_line(question: QuestionView, variant: str, tone: Tones) -> Text:
    """`★ raw: said b, right none ✗ · masked ✓ · other ✓`: in words for the picture looked at and where the
    run compared with said something else, as a sign for others."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{SIGN} " if question.marked else "", style=tone["accent"])
    for place, name in enumerate(question.variants):
        answered = question.answers[name]
        text.append(" · " if place else "", style="dim")
        if name == variant:
            text.append(f"{name}: ", style="bold").append(_said(answered, bool(question.options)))
            text.append(f", right {answered.truth} " if answered.truth else " ")
        else:
            text.append(f"{name} ")
        if answered.truth:
            text.append_text(verdict(answered.correct, tone))
    if (compared := question.compared) is not None:
        text.append(" · ", style="dim").append(cut(compared.run, 30))
        theirs, mine = compared.answers.get(variant), question.answers.get(variant)
        if theirs is None:
            text.append(f" not asked on {variant}", style="dim")
        else:
            if mine is None or theirs.choice != mine.choice:
                text.append(f": {_said(theirs, bool(question.options))}")
            text.append(" ").append_text(verdict(theirs.correct, tone))
    return text


def _said(answered: VariantAnswer, has_options: bool) -> str:
    said = answered.choice or (answered.answer or "").strip()
    unread = ", no option" if has_options and answered.choice is None else ""
    return f"said {cut(said, 40) or 'nothing'}{unread}"


def _options(question: QuestionView, columns: Sequence[Column], tone: Tones, width: int) -> Text:
    """A line or more for each option; what room is left goes to its words."""
    names = [
        "None of them" if letter == "none" else f"{letter}) {option}" for letter, option in question.lettered
    ]
    longest = max(map(len, names)) + 2
    bar_width = next(
        (each for each in _BARS if width - (each + _FIGURES) * len(columns) >= min(longest, _LABEL)), 0
    )
    head = max(len(column.name) for column in columns) + 4
    room = (width - _LEAST) // len(columns)
    wide = max(bar_width + _FIGURES, min(_HEAD, head, room))
    label = max(_LEAST, min(longest, width - wide * len(columns)))
    text = Text(" " * label)
    gap = " " * (wide - bar_width - _FIGURES)
    for column in columns:
        name = Text(f" {cut(column.name, wide - 4)} ")
        if column.answered.truth:
            name.append_text(verdict(column.answered.correct, tone))
        name.pad_right(max(0, wide - len(name)))
        text.append_text(name)
    text.append("\n")
    for place, ((letter, _), name) in enumerate(zip(question.lettered, names, strict=True)):
        first, *rest = wrap(name, label - 1, subsequent_indent="   ") or [""]
        text.append(f"{first:<{label}}")
        for column in columns:
            text.append_text(_option(column.answered, letter, place, bar_width, tone)).append(gap)
        text.append("".join(f"\n{line}" for line in rest) + "\n")
    return text


def _option(answered: VariantAnswer, letter: str, place: int, bar_width: int, tone: Tones) -> Text:
    right, said = letter == answered.truth, letter == answered.choice
    style = tone["good"] if right else tone["bad"] if said and answered.truth else tone["primary"]
    text = Text()
    text.append("✓" if right else " ", style=tone["good"])
    if place < len(answered.probabilities):
        p = answered.probabilities[place]
        text.append_text(bar(p, bar_width, style))
        text.append(f"{p * 100:4.0f}%", style="bold" if said else "")
    else:
        text.append(" " * (bar_width + 5))
    return text.append("◀ " if said else "  ", style=style)


def _reply(variant: str, question: QuestionView, tone: Tones) -> Text:
    """What was said, where that is more than a letter or can't be read."""
    answered = question.answers[variant]
    said = (answered.answer or "").strip()
    if question.options and answered.choice is not None and len(said) <= 4:
        return Text()
    text = Text()
    text.append(f"{variant} ", style="dim").append(f"said \u201c{said}\u201d")
    if question.options and answered.choice is None:
        text.append(", which names no option", style=tone["warn"])
    return text.append("\n")
