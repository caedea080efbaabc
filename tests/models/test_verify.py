"""The check itself: it passes where the ways agree, and fails where they don't."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from relcli.captures import QUERY_ROWS
from relcli.errors import UsageError
from relcli.models.instrument import capture
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
from relcli.models.local.reference import Reference, ReferenceAnswer
from relcli.models.local.rounding import Rounding
from relcli.models.local.verify import Agreement, first_questions, verify
from relcli.models.local.verify_prompt import places_read, reading_error, with_halves
from relcli.token_layout import TokenLayout
from tests.models.engine_helpers import ask_items, looked
from tests.models.test_query_rows import with_spans


def test_it_passes_on_the_fast_path(loaded):
    told = []
    found = verify(Engine(loaded, attention="none", max_new_tokens=3), ask_items(30), 20, advance=told.append)
    assert (found.n_questions, sum(told)) == (20, 20)
    assert found.passed and found.tokens_equal and found.answers_equal_across_batch
    assert 0 < found.max_attention_error < 1e-5
    assert "tokens equal" in found.detail


def test_it_finds_attention_that_looks_at_the_wrong_columns(loaded, monkeypatch):
    right = capture.Recorder.record

    def shifted(self, layer, row):
        right(self, layer, row.roll(1, -1))

    monkeypatch.setattr(capture.Recorder, "record", shifted)
    found = verify(Engine(loaded, max_new_tokens=2), ask_items(6), 6)
    assert found.tokens_equal and not found.passed
    assert found.max_attention_error > 1e-4 and not found.attention_equal
    assert "attention differs" in found.detail


def test_it_finds_wrong_positions(loaded, monkeypatch):
    from relcli.models.local import shared_prefix as shared

    right = shared.positions
    monkeypatch.setattr(shared, "positions", lambda *given: (right(*given)[0], right(*given)[1] + 40))
    found = verify(Engine(loaded, max_new_tokens=4), ask_items(20), 20)
    assert not found.passed
    assert not (found.tokens_equal and found.attention_equal)


@pytest.mark.slow
def test_half_precision_is_held_to_what_it_can_settle(model_folder):
    """A random model's replies hang on ties that bfloat16 can't separate; the check names them and passes."""
    engine = Engine(load(str(model_folder), dtype="bfloat16"), max_new_tokens=4)
    found = verify(engine, ask_items(24), 24)
    assert found.passed and not found.tokens_equal
    assert "near ties" in found.detail


@pytest.mark.slow
def test_a_tie_in_the_only_question_is_no_reason_to_refuse(model_folder):
    """A run compares one question of a new model: its attention at the first step, if the replies part."""
    engine = Engine(load(str(model_folder), dtype="bfloat16"), max_new_tokens=4)
    alone = [
        verify(engine, [replace(item, prompts=[prompt])], 1)
        for item in ask_items(24)
        for prompt in item.prompts
    ]
    assert all(each.passed for each in alone)
    ties = [each for each in alone if not each.tokens_equal]
    assert ties and all(np.isfinite(each.max_attention_error) for each in ties)


def test_half_precision_finds_attention_of_the_wrong_columns(model_folder, monkeypatch):
    """Weights on an image are small: a bound that large weights need would not see them exchanged."""
    right = capture.Recorder.record

    def shifted(self, layer, row):
        right(self, layer, row.roll(1, -1))

    monkeypatch.setattr(capture.Recorder, "record", shifted)
    engine = Engine(load(str(model_folder), dtype="bfloat16"), max_new_tokens=1)
    found = verify(engine, ask_items(6), 6)
    assert not found.attention_equal and "what rounding may do" in found.detail


@given(st.floats(-30, 30), st.floats(-0.1, 0.1), st.floats(-30, 30), st.floats(-0.1, 0.1))
def test_rounded_scores_stay_within_what_half_precision_may_do(one, by, other, and_by):
    """Of three scores of a softmax two are rounded, each by up to a tenth."""

    def softmax(scores):
        weights = np.exp(np.array([*scores, 0.0]) - max(scores))
        return weights / weights.sum()

    found = Rounding.of(torch.bfloat16).difference(
        softmax([one, other]), softmax([one + by, other + and_by])
    )
    assert found.of_allowed <= 1


def test_no_number_agrees_with_nan():
    found = Rounding.of(torch.float32).difference(np.array([0.5, np.nan]), np.array([0.5, 0.5]))
    assert found.of_allowed > 1


def test_a_far_token_is_wrong_in_any_precision():
    weights = np.zeros((2, 1, 1, 1))
    close = ReferenceAnswer([5, 6], weights, (1, 1), [(7, 3.0), (8, 0.1)])
    assert Agreement.of([[5, 6]], [close], half=True) == Agreement(0, 0)
    assert Agreement.of([[5, 8]], [close], half=True) == Agreement(1, 0)
    assert Agreement.of([[7, 6]], [close], half=True) == Agreement(0, 1)
    assert Agreement.of([[5]], [close], half=True) == Agreement(0, 1)
    assert Agreement.of([[5, 8]], [close], half=False) == Agreement(0, 1)


def test_without_questions_there_is_nothing_to_verify(loaded):
    with pytest.raises(UsageError, match="no question"):
        verify(Engine(loaded), [])


def test_questions_are_cut_off_within_an_item():
    items = ask_items(30)
    assert [len(item.prompts) for item in first_questions(items, len(items[0].prompts) + 2)] == [
        len(items[0].prompts),
        2,
    ]


def test_rows_heads_and_tokens_are_compared():
    engine = Engine(load("bundled"), attention=("heads", "tokens"), rows=QUERY_ROWS)
    items = with_halves(with_spans(ask_items(2))[:1], [TokenLayout.of_grid(8, 8)])
    [answer, *_] = engine.answer(items)
    prompt = items[0].prompts[0]
    assert prompt.regions is not None
    with Reference(engine.loaded, end_ids=engine.end_ids, max_new_tokens=4) as study:
        slowly = study.ask(items[0].image, prompt.text, places_read(answer))
    assert slowly.prompt is not None

    exact = Rounding.of(torch.float32)

    def error() -> float:
        assert slowly.prompt is not None
        assert prompt.regions is not None
        return reading_error(answer, slowly.prompt, slowly.weights[0], prompt.regions, exact).largest

    assert error() < 1e-5
    summary = looked(answer)
    assert summary.tokens is not None
    wrong = [
        summary.rows["stem_end"].mean_heads,
        summary.heads["answer"].shares["target"],
        summary.heads["stem_end"].image_mass,
        summary.tokens.shares["rest"],
    ]
    for values in wrong:
        values[-1, 3] += 1e-3
        assert error() == pytest.approx(1e-3, rel=0.05)
        values[-1, 3] -= 1e-3
