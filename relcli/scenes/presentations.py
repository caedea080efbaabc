"""Ways to put a question: its options in another order, its stem in other words. The question, its options
and what is true stay the same; only letters and words are others."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import islice, permutations
from typing import Final

from relcli.scenes.questions import NONE_ANSWER, PLAIN, Question, compose
from relcli.scenes.vocabulary import LETTERS
from relcli.scenes.wordings import reworded

MOST_ORDERS: Final = 24
"""All orders of four options."""

Order = tuple[int, ...]
"""For each option shown, its place among those of the plain question."""


@dataclass(frozen=True, slots=True)
class PresentedQuestion(Question):
    """A question put in another way. ``text``, ``stem``, ``options`` and all truths are as it is put."""

    presentation: str = PLAIN
    option_order: Order = ()


def presentations(question: Question, orders: int, wordings: int) -> Iterator[PresentedQuestion]:
    """The question in every combination of ``orders`` orders of its options and ``wordings`` wordings, of
    which the first of each is its own; without the plain one.

    There are fewer where it has fewer orders than that. A prompt that was not put together as the question
    sets do, such as one with another closing sentence, is only asked as it is; a stem in words of its own is
    not reworded.
    """
    if question.text != compose(question.stem, question.options):
        return
    found = list(islice(option_orders(len(question.options)), orders))
    for place, order in enumerate(found):
        for wording in range(wordings):
            if place == wording == 0:
                continue
            stem = reworded(question.category, question.stem, wording) if wording else question.stem
            if stem is not None and (wording == 0 or stem != question.stem):
                yield _presented(question, _name(place, wording), stem, order)


def option_orders(n_options: int) -> Iterator[Order]:
    """The orders of so many options: their own, then turned on by one place each time, so that every option
    stands at every letter as often as any other; then all others."""
    turned = [tuple((place + by) % n_options for place in range(n_options)) for by in range(n_options)]
    yield from turned
    yield from (order for order in permutations(range(n_options)) if order not in turned)


def _name(order: int, wording: int) -> str:
    parts = [f"order-{order}"] if order else []
    return "+".join([*parts, *([f"wording-{wording}"] if wording else [])])


def _presented(question: Question, name: str, stem: str, order: Order) -> PresentedQuestion:
    options = tuple(question.options[place] for place in order)
    values = {field.name: getattr(question, field.name) for field in fields(Question)}
    changed = {
        "text": compose(stem, options),
        "stem": stem,
        "options": options,
        "ground_truth": _moved(question.ground_truth, order),
        "truths": tuple(replace(truth, answer=_moved(truth.answer, order)) for truth in question.truths),
    }
    return PresentedQuestion(**{**values, **changed}, presentation=name, option_order=order)


def _moved(answer: str, order: Order) -> str:
    return answer if answer == NONE_ANSWER else f"{LETTERS[order.index(LETTERS.index(answer[0]))]})"
