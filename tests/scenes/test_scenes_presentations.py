"""The same question in other orders and words: nothing but letters and words differs."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.scenes.generation import make_sample
from relcli.scenes.parsing import parse_prompt
from relcli.scenes.presentations import MOST_ORDERS, option_orders, presentations
from relcli.scenes.questions import Question
from relcli.scenes.vocabulary import CATEGORIES, QUESTION_SETS
from relcli.scenes.wordings import MOST_WORDINGS, TEMPLATES, category_of, reworded
from tests.examples import examples


def questions(scene_id: int) -> tuple[Question, ...]:
    return make_sample(21, scene_id, QUESTION_SETS, twins=("mask", "change")).questions


def text_of(question: Question, answer: str | None) -> str | None:
    return question.options["abcdefgh".index(answer[0])] if answer and answer != "None" else answer


@settings(max_examples=examples(30))
@given(st.integers(0, 5_000))
def test_every_wording_parses_back_to_the_same_query(scene_id: int) -> None:
    for question in questions(scene_id):
        for put in presentations(question, 1, MOST_WORDINGS):
            parsed, plain = parse_prompt(put.text), parse_prompt(question.text)
            assert (parsed.category, parsed.names) == (question.category, plain.names)
            assert (parsed.stem, parsed.options) == (put.stem, question.options)
            assert reworded(question.category, put.stem, 0) == question.stem


@settings(max_examples=examples(30))
@given(st.integers(0, 5_000), st.integers(1, MOST_ORDERS), st.integers(1, MOST_WORDINGS))
def test_what_is_true_stays_true(scene_id: int, orders: int, wordings: int) -> None:
    for question in questions(scene_id):
        put = list(presentations(question, orders, wordings))
        n_orders = min(orders, {2: 2, 3: 6, 4: 24}[len(question.options)])
        assert len(put) == n_orders * wordings - 1
        assert len({each.text for each in put} | {question.text}) == len(put) + 1
        assert len({each.presentation for each in put} | {"plain"}) == len(put) + 1
        for each in put:
            assert sorted(each.options) == sorted(question.options)
            assert tuple(question.options[place] for place in each.option_order) == each.options
            for variant in ("raw", "masked", "changed", "blank"):
                assert text_of(each, each.truth_on(variant)) == text_of(question, question.truth_on(variant))
            assert (each.entities, each.flaws) == (question.entities, question.flaws)


@pytest.mark.parametrize("n_options", [1, 2, 3, 4, 5])
def test_as_many_orders_as_options_put_each_option_at_each_letter(n_options: int) -> None:
    first = [order for order, _ in zip(option_orders(n_options), range(n_options), strict=False)]
    assert first[0] == tuple(range(n_options))
    at = Counter((place, option) for order in first for place, option in enumerate(order))
    assert set(at.values()) == {1} and len(at) == n_options**2
    every = list(option_orders(n_options))
    assert len(set(every)) == len(every)


def test_each_category_has_as_many_wordings_and_all_differ() -> None:
    assert set(TEMPLATES) == set(CATEGORIES)
    for category, templates in TEMPLATES.items():
        assert len(set(templates)) == len(templates) == MOST_WORDINGS
        assert not category.startswith("recognition") or templates == TEMPLATES["recognition_shape"]


def test_a_prompt_of_other_making_is_asked_as_it_is() -> None:
    question = questions(0)[0]
    assert not list(presentations(replace(question, text=question.text + " Be brief."), 4, 4))
    text = question.text.replace(question.stem, "How many things")
    own = replace(question, stem="How many things", text=text)
    assert {each.presentation for each in presentations(own, 3, 4)} == {"order-1", "order-2"}
    assert category_of("How many things") is None
