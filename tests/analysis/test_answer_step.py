"""The step of a reply that yields its answer."""

import pytest

from relcli.analysis.answer_step import answer_step, is_still_thinking
from relcli.analysis.choices import read_choice

SIDES = ("to the left of the red circle", "above the red circle", "below the red circle")


def step_of(pieces: list[str], options: tuple[str, ...]) -> int | None:
    return answer_step(lambda n: "".join(pieces[:n]), len(pieces), options)


@pytest.mark.parametrize(
    ("pieces", "options", "step"),
    [
        (["a)", "<|im_end|>"], SIDES, 0),
        (["b", ")", ""], SIDES, 0),
        (["The", " answer", " is", " b", ")", "."], SIDES, 3),
        (["The", " answer", " is", " (", "b", ")"], SIDES, 4),
        (["Option", " **", "b", "**"], SIDES, 2),
        (["No", "ne"], SIDES, 0),
        (["I", " say", " No", "ne"], SIDES, 2),
        (["Yes", "."], ("Yes", "No"), 0),
        (["It", " is", " above", " the", " red", " circle"], SIDES, 2),
        (["<think>", " a", ")", " or", " b", ")", "?", "</think>", "\n", "c", ")"], SIDES, 9),
        ([" a", ")", " perhaps", "</think>", "c", ")"], SIDES, 4),
        (["<think>", " a", ")"], SIDES, None),
        (["I", " don't", " know"], SIDES, None),
        (["a)", " or", " b)"], SIDES, None),
        (["z", ")"], SIDES, None),
        ([""], SIDES, None),
    ],
)
def test_the_step_that_yields_the_answer(pieces: list[str], options: tuple[str, ...], step: int | None):
    assert step_of(pieces, options) == step
    assert (step is None) == (read_choice("".join(pieces), options) is None)


def test_nothing_said_has_no_step():
    assert answer_step(lambda n: "", 0, SIDES) is None


@pytest.mark.parametrize(
    ("reply", "thinking"),
    [
        ("<think> a) is", True),
        ("<think> x </think> b)", False),
        ("b)", False),
        ("<Think> x </think> <think> y", True),
        ("", False),
    ],
)
def test_whether_a_reply_ends_within_its_thoughts(reply: str, thinking: bool):
    assert is_still_thinking(reply) == thinking
