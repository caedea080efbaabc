"""`answers="options"`: the likeliest option after one pass, without a reply."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.analysis.choices import read_choice
from relcli.errors import UsageError
from relcli.models.items import Answer, AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import LoadedModel, load
from relcli.models.local.option_scorer import likeliest
from relcli.scenes.vocabulary import LETTERS
from tests.models.engine_helpers import ask_items, looked, noise


@pytest.fixture(scope="module")
def bundled() -> LoadedModel:
    return load("bundled")


def scene_items() -> list[AskItem]:
    from benchmarks.engine import questions

    return questions(30)


def chosen(answers: Sequence[Answer], items: Sequence[AskItem]) -> list[str | None]:
    prompts = [prompt for item in items for prompt in item.prompts]
    return [read_choice(each.text, prompt.options) for each, prompt in zip(answers, prompts, strict=True)]


def test_the_likeliest_option_is_what_the_model_writes_where_it_is_sure(bundled: LoadedModel) -> None:
    items = scene_items()
    written = Engine(bundled).answer(items)
    at_once = Engine(bundled, answers="options").answer(items)
    sure = [max(each.option_logprobs) > np.log(0.6) for each in written]
    assert sum(sure) > 20
    ours, theirs = chosen(at_once, items), chosen(written, items)
    assert [one for one, is_sure in zip(ours, sure, strict=True) if is_sure] == [
        other for other, is_sure in zip(theirs, sure, strict=True) if is_sure
    ]
    for one, other in zip(at_once, written, strict=True):
        assert (one.n_steps, one.truncated, one.answer_step) == (1, False, 0) and other.n_steps > 1
        assert np.allclose(one.option_logprobs, other.option_logprobs, atol=1e-4)
        # One step is all there is: what the reply's first step looked at.
        assert np.allclose(looked(one).mean_heads, looked(other).first_step, atol=1e-6)
        assert np.allclose(looked(one).first_step, looked(one).last_step)


def test_no_step_follows_the_prompt(bundled: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    from relcli.models.local.suffix_batch import SuffixBatch

    monkeypatch.setattr(SuffixBatch, "step", lambda *words: pytest.fail("a token was generated"))
    Engine(bundled, answers="options").answer(scene_items()[:2])


def test_models_of_other_families_answer_so_too(loaded: LoadedModel) -> None:
    items = ask_items(6)
    fast, padded = (
        Engine(loaded, answers="options", shared_prefix=shared).answer(items) for shared in (True, False)
    )
    assert [each.text for each in fast] == [each.text for each in padded]
    assert all(each.n_steps == 1 for each in padded)


def test_a_run_says_how_its_answers_came_about(bundled: LoadedModel) -> None:
    assert Engine(bundled, answers="options").decoding["method"] == "options"
    assert Engine(bundled).decoding["method"] == "greedy"


def test_a_question_without_options_is_refused(bundled: LoadedModel) -> None:
    item = AskItem(0, noise(64, 64, 1), [PromptItem(0, "What do you see?")])
    with pytest.raises(UsageError, match="--answers text"):
        Engine(bundled, answers="options").answer([item])


@given(st.lists(st.floats(-50, 0), min_size=2, max_size=27, unique=True))
def test_the_text_is_the_best_option_s(logprobs: list[float]) -> None:
    options = [f"option number {n}" for n in range(len(logprobs) - 1)]
    best = int(np.argmax(logprobs))
    wanted = "none" if best == len(options) else LETTERS[best]
    assert read_choice(likeliest(logprobs), options) == wanted
