"""A row of the list of questions, and the question under the cursor in a few lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from relcli.scenes.flaws import flaw_sentence
from relcli.scenes.vocabulary import LETTERS, STUDY_VARIANTS, in_order
from relcli.tui.frame.marking import mark_sign
from relcli.tui.questions.paging import Row
from relcli.tui.widgets.cells import Tones, cut, verdict
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Column

_APART = 64  # columns from which every picture has one of its own
_CATEGORY, _CATEGORY_FROM = 27, 100
_FLAWS, _FLAWS_FROM = 16, 126
_PADDING = 2  # of each column
_OTHER = "other"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a list shows beside the words of each question: the answers on these variants, another run's, and
    the probability of the option chosen."""

    variants: Sequence[str]
    other: bool = False
    sure: bool = False


def key_text(scene_id: int, question_index: int) -> str:
    """A question as lists and people name it."""
    return f"{scene_id}.{question_index}"


def key_of(row: Row) -> str:
    return key_text(row["scene_id"], row["question_index"])


def columns_for(width: int, shown: Shown) -> list[Column]:
    """Those there is room for; what is left goes to the words of the question. In a narrow list the answers
    share one column, under the first letters of their pictures."""
    columns: list[Column] = [("", 1), ("scene.q", 7 if width < _APART else 9)]
    if width >= _CATEGORY_FROM:
        columns.append(("category", _CATEGORY))
    names = [*shown.variants, *([_OTHER] if shown.other else [])]
    after: list[Column]
    if width < _APART:
        after = [("  ".join(f"{name[:1]}" for name in names), 3 * len(names) - 1)]
    else:
        after = [(cut(name, 6), 6) for name in names]
    if shown.sure:
        after.append((">sure", 5))
    if width >= _FLAWS_FROM:
        after.append(("flaws", _FLAWS))
    taken = sum((each or 0) + _PADDING for _, each in [*columns, *after])
    return [*columns, ("question", max(12, width - taken - _PADDING - 1)), *after]


def answers_of(row: Row) -> dict[str, tuple[Any, Any]]:
    """By variant, what was answered and whether that is right."""
    answered = {name: (row[name], row[f"{name}_correct"]) for name in STUDY_VARIANTS if row[name] is not None}
    answered |= {each["variant"]: (each["answer"], each["correct"]) for each in row["others"] or ()}
    return {name: answered[name] for name in in_order(answered)}


def cells_for(row: Row, columns: Sequence[Column], shown: Shown, tone: Tones) -> list[Text | str]:
    widths = dict(columns)
    cells: list[Text | str] = [Text(mark_sign(row["marked"], row["note"]), style=tone["accent"]), key_of(row)]
    if "category" in widths:
        cells.append(row["category"])
    cells.append(cut(row["stem"] or row["text"], widths["question"] or 40))
    answered = answers_of(row)
    said = [answered.get(name, ("", None)) for name in shown.variants]
    if shown.other:
        said.append((row["other"], row["other_correct"]))
    if any(heading == cut(shown.variants[0], 6) for heading, _ in columns):
        cells += [Text.assemble(verdict(right, tone), " ", cut(answer or "", 4)) for answer, right in said]
    else:
        together = Text()
        for answer, right in said:
            together.append_text(verdict(right, tone)).append(f"{(answer or '')[:1].lower():<2}")
        cells.append(together)
    if ">sure" in widths:
        cells.append(Text("" if row["sure"] is None else f"{row['sure']:.0%}", justify="right"))
    if "flaws" in widths:
        cells.append(Text(cut(", ".join(row["flaws"] or ()), _FLAWS), style="dim"))
    return cells


def preview(row: Row, other: str | None, tone: Tones) -> Text:
    """One question in a few lines: its words, its options with the right one marked, what was answered."""
    text = Text()
    text.append(f"{row['stem'] or row['text']}?\n", style="bold")
    right = (row["ground_truth"] or "").strip(")").lower()
    for letter, option in zip(LETTERS, row["options"] or (), strict=False):
        style = tone["good"] if letter == right else ""
        text.append(f"{'✓' if letter == right else ' '}{letter}) {option}   ", style=style)
    if right == "none":
        text.append("✓None", style=tone["good"])
    text.append("\n")
    answered = answers_of(row)
    if other is not None and row["other"] is not None:
        answered[other] = row["other"], row["other_correct"]
    for name, (answer, correct) in answered.items():
        text.append(f"{name} ", style="dim").append_text(verdict(correct, tone))
        text.append(f" {cut(answer or '', 40)}   ")
    if row["ground_truth_masked"] and row["ground_truth_masked"] != row["ground_truth"]:
        text.append(f"right when masked: {row['ground_truth_masked']}   ", style="dim")
    for flaw in row["flaws"] or ():
        text.append(f"\n{flaw_sentence(flaw)}", style=tone["warn"])
    if row["note"]:
        text.append(f"\n{mark_sign(False, row['note'])} {row['note']}", style=tone["accent"])
    return text
