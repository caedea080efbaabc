"""A row of the list of questions, and the question under the cursor in a few lines."""

from typing import Any

from relcli.scenes.flaws import flaw_sentence
from relcli.scenes.vocabulary import LETTERS, STUDY_VARIANTS, in_order
from relcli.tui.frame.marking import mark_sign
from relcli.tui.questions.paging import Row
from relcli.tui.widgets.cells import Tones, cut, verdict
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Column

_WIDE = 110
_FLAWS = 16
_PADDING = 2  # of each column


def key_text(scene_id: int, question_index: int) -> str:
    """A question as lists and people name it."""
    return f"{scene_id}.{question_index}"


def key_of(row: Row) -> str:
    return key_text(row["scene_id"], row["question_index"])


def columns_for(width: int, *, sure: bool) -> list[Column]:
    """Those there is room for, with the probability of the option chosen if that is asked for; what is left
    goes to the words of the question."""
    wide = width >= _WIDE
    columns: list[Column] = [("", 1), ("scene.q", 9)]
    if wide:
        columns.append(("category", 27))
    after: list[Column] = [("raw", 6), ("masked", 6), ("blank", 6)]
    if sure:
        after.append((">sure", 5))
    if wide:
        after.append(("flaws", _FLAWS))
    taken = sum((each or 0) + _PADDING for _, each in [*columns, *after])
    return [*columns, ("question", max(16, width - taken - _PADDING - 1)), *after]


def cells_for(row: Row, columns: list[Column], tone: Tones) -> list[Text | str]:
    widths = dict(columns)
    cells: list[Text | str] = [Text(mark_sign(row["marked"], row["note"]), style=tone["accent"]), key_of(row)]
    if "category" in widths:
        cells.append(row["category"])
    cells.append(cut(row["stem"] or row["text"], widths["question"] or 40))
    for variant in STUDY_VARIANTS:
        answer = cut(row[variant], 4) if row[variant] is not None else ""
        cells.append(Text.assemble(verdict(row[f"{variant}_correct"], tone), " ", answer))
    if ">sure" in widths:
        cells.append(Text("" if row["sure"] is None else f"{row['sure']:.0%}", justify="right"))
    if "flaws" in widths:
        cells.append(Text(cut(", ".join(row["flaws"] or ()), _FLAWS), style="dim"))
    return cells


def preview(row: Row, tone: Tones) -> Text:
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
    answered: dict[str, tuple[Any, Any]] = {
        name: (row[name], row[f"{name}_correct"]) for name in STUDY_VARIANTS if row[name] is not None
    }
    answered |= {each["variant"]: (each["answer"], each["correct"]) for each in row["others"] or ()}
    for variant in in_order(answered):
        answer, correct = answered[variant]
        text.append(f"{variant} ", style="dim").append_text(verdict(correct, tone))
        text.append(f" {cut(answer or '', 40)}   ")
    if row["ground_truth_masked"] and row["ground_truth_masked"] != row["ground_truth"]:
        text.append(f"right when masked: {row['ground_truth_masked']}   ", style="dim")
    for flaw in row["flaws"] or ():
        text.append(f"\n{flaw_sentence(flaw)}", style=tone["warn"])
    if row["note"]:
        text.append(f"\n{mark_sign(False, row['note'])} {row['note']}", style=tone["accent"])
    return text
