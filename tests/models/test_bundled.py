"""The bundled model goes the same way as any other: it loads by name and the fast path is exact on it."""

import pytest

from relcli.models.local.engine import Engine
from relcli.models.local.loading import LoadedModel, load
from relcli.models.local.verify import verify
from tests.models.engine_helpers import ask_items


@pytest.fixture(scope="module")
def bundled() -> LoadedModel:
    return load()


def test_the_fast_path_equals_plain_eager_generation_on_100_questions(bundled):
    found = verify(Engine(bundled), ask_items(100), 100)
    assert found.passed, found.detail
    assert found.tokens_equal and found.max_attention_error < 1e-5


def test_it_replies_with_an_option_and_ends(bundled):
    answers = Engine(bundled, attention="none").answer(ask_items(60))
    assert not any(answer.truncated for answer in answers)
    assert {answer.text for answer in answers} <= {"a)", "b)", "c)", "d)", "None"}


def test_the_letter_it_says_is_the_one_it_scores_highest(bundled):
    items = ask_items(60)
    answers = Engine(bundled, attention="none").answer(items)
    for (_, prompt), answer in zip(((i, p) for i in items for p in i.prompts), answers, strict=True):
        replies = [f"{letter})" for letter in "abcd"[: len(prompt.options)]] + ["None"]
        best = max(range(len(replies)), key=answer.option_logprobs.__getitem__)
        if answer.text in replies:
            assert replies[best] == answer.text


def test_its_pictures_are_an_8_by_8_grid(bundled):
    grid = Engine(bundled).image_grid(ask_items(1)[0].image)
    assert (grid.height, grid.width, grid.image_height, grid.image_width) == (8, 8, 256, 256)
