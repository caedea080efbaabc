"""What is read at the step that yields the answer equals what a run over all steps reads there."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from relcli.models.edits import Edit, Knockout
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
from relcli.models.local.option_scorer import LaterScorer
from relcli.models.local.reference import Reference
from tests.models.engine_helpers import ask_items, looked
from tests.models.small_models import write_llava
from tests.models.test_heads_and_tokens import assert_shares, made_up
from tests.models.test_query_rows import TOKENIZERS

QUESTION = "Describe the image."
MODES = ("summary", "heads", "full")


def told(engine: Engine, items: list[AskItem]) -> list[list[str]]:
    """What each reply says, token by token, without its end."""
    decode = engine.loaded.tokenizer.decode
    return [
        [text for text in (decode([n], skip_special_tokens=True) for n in answer.token_ids) if text]
        for answer in engine.answer(items)
    ]


def verbose(items: list[AskItem], edit: Edit | None = None) -> list[AskItem]:
    return [AskItem(item.key, item.image, [PromptItem(0, QUESTION, edit=edit)]) for item in items]


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize(
    "edit",
    [None, Knockout(tuple(range(20, 40)), rows="answer"), Knockout(tuple(range(20, 40)), rows="question")],
    ids=["plain", "answer cut", "question cut"],
)
def test_attention_of_a_verbose_reply_is_that_of_its_answer(shared: bool, edit: Edit | None):
    engine = Engine(load("bundled"), attention=MODES, max_new_tokens=12, batch_size=5, shared_prefix=shared)
    items = verbose([item for item in ask_items(40) if item.key[1] == "raw"][:4], edit)  # type: ignore[index]
    regions = made_up(1, 64, 6)
    asked = []
    for item, said in zip(items, told(engine, items), strict=True):
        [prompt] = item.prompts
        # "a blue square, a purple circle": its last two words are an option.
        options = ("green triangle of glass", "".join(said[-2:]).strip())
        asked.append(
            AskItem(
                item.key, item.image, [PromptItem(0, prompt.text, options, prompt.edit, regions=regions)]
            )
        )
    answers = engine.answer(asked)
    found = [answer.answer_step for answer in answers]
    for item, answer in zip(asked, answers, strict=True):
        step = answer.answer_step
        if not step:
            continue
        summary = looked(answer)
        assert summary.answer_step is not None
        assert summary.full is not None
        at_step = summary.full[step].astype(np.float64)
        np.testing.assert_allclose(summary.answer_step, at_step.mean(axis=1), atol=1e-3)
        assert summary.heads["answer"].shares.keys() == {*regions.covers, "sink"}
        np.testing.assert_allclose(summary.heads["answer"].image_mass, at_step.sum(-1), atol=2e-3)
        if edit is None:
            with Reference(engine.loaded, end_ids=engine.end_ids, max_new_tokens=12) as study:
                slow = study.ask(item.image, QUESTION)
            exact = slow.weights[step].astype(np.float64)
            np.testing.assert_allclose(summary.answer_step, exact.mean(axis=1), atol=1e-5)
            assert_shares(summary.heads["answer"], exact, regions)
    assert sum(bool(step) for step in found) >= 2


def test_of_a_model_whose_processor_lays_out_the_prompt(tmp_path: Path):
    """A random model says anything: its own words are offered as options."""
    engine = Engine(load(str(write_llava(tmp_path))), attention=MODES, max_new_tokens=6)
    items = [AskItem(at, item.image, [PromptItem(0, "What?")]) for at, item in enumerate(ask_items(1) * 2)]
    prompts = [PromptItem(0, "What?", said=tuple(answer.token_ids[:3])) for answer in engine.answer(items)]
    later = [AskItem(item.key, item.image, [prompt]) for item, prompt in zip(items, prompts, strict=True)]
    for whole, rest in zip(engine.answer(items), engine._steps._later(later), strict=True):
        assert rest.token_ids == whole.token_ids[3:4]
        full = looked(whole).full
        assert full is not None
        assert rest.attention is not None
        np.testing.assert_allclose(rest.attention.first_step, full[3].mean(axis=1), atol=1e-3)


def test_an_answer_at_once_is_of_step_0():
    engine = Engine(load("bundled"), attention=MODES)
    for answer in engine.answer(ask_items(20)):
        assert answer.answer_step == 0
        assert looked(answer).answer_step is None


def test_an_unreadable_reply_keeps_step_0_and_says_so():
    engine = Engine(load("bundled"), max_new_tokens=12)
    [item] = verbose(ask_items(1))
    options = ("glass", "water")
    [answer] = engine.answer([AskItem(0, item.image, [PromptItem(0, QUESTION, options)])])
    assert answer.answer_step is None
    assert looked(answer).answer_step is None
    assert len(answer.option_logprobs) == 3


def test_scores_further_on_are_those_of_the_tokens_that_have_the_letter():
    loaded = load("bundled")
    engine = Engine(loaded, attention="none")
    item = ask_items(1)[0]
    [question] = item.prompts
    said = tuple(loaded.tokenizer("None of these, but", add_special_tokens=False)["input_ids"])
    prompt = PromptItem(0, question.text, question.options, said=said)
    [reply] = engine._steps._later([AskItem(0, item.image, [prompt])])
    scorer = LaterScorer(loaded.tokenizer)
    logprobs = all_logprobs(engine, item, question.text, said)
    for place, name in enumerate((*"abcdefgh"[: len(question.options)], "None")):
        expected = torch.logsumexp(logprobs[scorer.ids(name)], -1)
        assert reply.option_logprobs[place] == pytest.approx(float(expected), abs=1e-4)


def all_logprobs(engine: Engine, item: AskItem, text: str, said: tuple[int, ...]) -> torch.Tensor:
    """log-softmax behind the prompt and what was said, by the model's own forward pass."""
    loaded: Any = engine.loaded
    plain = Engine(loaded, attention="none", shared_prefix=False).path
    inputs = plain._inputs([(item.image, text)])  # type: ignore[union-attr]
    more = torch.tensor([said])
    inputs["input_ids"] = torch.cat([inputs["input_ids"], more], dim=1)
    inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
    inputs["mm_token_type_ids"] = torch.cat([inputs["mm_token_type_ids"], torch.zeros_like(more).int()], 1)
    with torch.inference_mode():
        return loaded.model(**inputs).logits[0, -1].float().log_softmax(-1)


@pytest.mark.parametrize("kind", ["qwen3", "bundled"])
def test_tokens_of_letters_tell_them_apart(kind: str):
    tokenizer = TOKENIZERS[kind]()
    scorer = LaterScorer(tokenizer)
    seen: set[int] = set()
    for name in (*"abcd", "None"):
        ids = scorer.ids(name)
        assert ids
        assert not seen & set(ids)
        seen |= set(ids)
        assert all(name[0].lower() in tokenizer.decode([number]).lower() for number in ids)
