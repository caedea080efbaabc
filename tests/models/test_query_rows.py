"""Attention read from tokens of the question equals full eager maps, for every path, family and tokenizer."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordLevel
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from relcli.captures import QUERY_ROWS
from relcli.errors import UsageError
from relcli.models.instrument.capture import NAME, set_attention
from relcli.models.instrument.prompt_tokens import offsets_of, tokens_of_spans
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
from relcli.models.local.padded_path import PaddedPath
from relcli.models.local.prompt import builder_for
from relcli.scenes.parsing import parse_prompt
from relcli.scenes.spans import Span, question_spans
from tests.examples import examples
from tests.models.conftest import tokenizer_files  # pyright: ignore[reportAttributeAccessIssue]
from tests.models.engine_helpers import ask_items, flat, looked, noise
from tests.models.family_models import gemma4
from tests.models.qwen_models import SHAPES, write_qwen
from tests.models.small_models import write_llava


def with_spans(items: list[AskItem]) -> list[AskItem]:
    def spanned(prompt: PromptItem) -> PromptItem:
        parsed = parse_prompt(prompt.text)
        spans = question_spans(prompt.text, parsed.stem, prompt.options)
        return PromptItem(prompt.key, prompt.text, prompt.options, None, spans)

    return [AskItem(item.key, item.image, [spanned(each) for each in item.prompts]) for item in items]


def eager_maps(engine: Engine, item: AskItem, text: str) -> tuple[np.ndarray, list[int]]:
    """One prompt alone, eagerly: full maps [layers, heads, tokens, cells] on the image, and its ids."""
    loaded: Any = engine.loaded
    plain = PaddedPath(
        loaded, engine.batching, options=None, end_ids=frozenset(), pad_id=0, max_new_tokens=1, attention=""
    )
    inputs = plain._inputs([(item.image, text)])
    if loaded.processor is None:  # the tokenizer sees the prompt in one piece, prefix and question together
        cells = int((inputs["input_ids"] == loaded.config.image_token_id).sum())
        assert inputs["input_ids"][0].tolist() == builder_for(loaded).whole_ids(text, cells)
    set_attention(loaded.model, "eager", "eager")
    try:
        with torch.inference_mode():
            output = loaded.model(**inputs, output_attentions=True)
    finally:
        set_attention(loaded.model, NAME)
    ids = inputs["input_ids"][0]
    image = (ids == loaded.config.image_token_id).nonzero()[:, 0]
    return torch.stack([layer[0][:, :, image] for layer in output.attentions]).numpy(), ids.tolist()


def check(engine: Engine, items: list[AskItem]) -> None:
    answers = engine.answer(items)
    for (item, prompt), answer in zip(flat(items), answers, strict=True):
        maps, ids = eager_maps(engine, item, prompt.text)
        rows = looked(answer).rows
        assert rows.keys() == {token.role for token in answer.tokens}
        for name, row in rows.items():
            places = sorted({token.index for token in answer.tokens if token.role == name})
            expected = maps[:, :, places].mean(axis=(1, 2))
            np.testing.assert_allclose(row.mean_heads, expected, atol=1e-5, rtol=0, err_msg=name)
            np.testing.assert_allclose(row.image_mass, expected.sum(-1), atol=1e-4)
            share = expected / np.maximum(expected.sum(-1, keepdims=True), 1e-30)  # nothing out of a window
            entropy = -(share * np.log(np.maximum(share, 1e-30))).sum(-1)
            np.testing.assert_allclose(row.entropy, entropy, atol=1e-3)
        for token in answer.tokens:
            decoded = engine.loaded.tokenizer.decode([ids[token.index]])
            assert decoded.strip() == token.text.strip()


@pytest.mark.slow
def test_rows_of_the_bundled_model_equal_eager_maps_on_a_hundred_questions():
    items = with_spans(ask_items(100))
    engine = Engine(load("bundled"), rows=QUERY_ROWS, batch_size=17)
    assert len({len(prompt.text) for _, prompt in flat(items)}) > 10
    check(engine, items)
    assert engine.rows == QUERY_ROWS


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted(SHAPES))
def test_rows_of_a_family_equal_eager_maps(family: str, tmp_path: Path):
    write_qwen(tmp_path, family)
    wide = AskItem("wide", noise(448, 256, 1), [PromptItem(0, "Is it red?")])
    items = with_spans([wide, *ask_items(12)])
    loaded = load(str(tmp_path))
    check(Engine(loaded, max_new_tokens=2, rows=QUERY_ROWS), items)
    check(Engine(loaded, max_new_tokens=2, rows=QUERY_ROWS, shared_prefix=False), items)


@pytest.mark.parametrize("write", [write_llava, gemma4])
def test_rows_of_a_model_whose_processor_lays_out_the_prompt_equal_eager_maps(
    tmp_path: Path, write: Callable[[Path], Path]
):
    """transformers runs a prompt's last row alone through layers that share the keys of others, as Gemma 4's,
    if nothing more is asked for."""
    engine = Engine(load(str(write(tmp_path))), max_new_tokens=2, rows=QUERY_ROWS, batch_size=5)
    check(engine, with_spans(ask_items(12)))


def test_only_the_rows_asked_for_are_read():
    items = with_spans(ask_items(4))
    engine = Engine(load("bundled"), rows=["stem_end"], max_new_tokens=1)
    assert [set(looked(answer).rows) for answer in engine.answer(items)] == [{"stem_end"}] * 4
    without = [AskItem(i.key, i.image, [PromptItem(p.key, p.text) for p in i.prompts]) for i in items]
    assert [looked(answer).rows for answer in engine.answer(without)] == [{}] * 4
    with pytest.raises(UsageError, match=r"no row 'stem'.*stem_end"):
        Engine(engine.loaded, rows=["stem"])


def leading_space() -> PreTrainedTokenizerFast:
    """Tokens that begin with the space before a word, as SentencePiece makes them."""
    words = [f"▁{word}" for word in ("Does", "image", "a", "red", "shape", "?", "Here", "Yes", "No")]
    inner = Tokenizer(WordLevel({word: i for i, word in enumerate(["<unk>", *words])}, unk_token="<unk>"))
    inner.normalizer = normalizers.Replace("?", " ?")
    inner.pre_tokenizer = pre_tokenizers.Metaspace()
    return PreTrainedTokenizerFast(tokenizer_object=inner)


class NoOffsets:
    """A tokenizer in Python: it knows no offsets."""

    is_fast = False

    def __init__(self, inner: Any):
        self._inner, self.decode = inner, inner.decode

    def __call__(self, texts: list[str], **settings: Any) -> Any:
        return self._inner(texts, **settings)


TOKENIZERS: dict[str, Callable[[], Any]] = {
    "qwen3": lambda: AutoTokenizer.from_pretrained(str(tokenizer_files())),
    "bundled": lambda: load("bundled").tokenizer,
    "leading space": leading_space,
    "python": lambda: NoOffsets(AutoTokenizer.from_pretrained(str(tokenizer_files()))),
}


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_tokens_hold_the_last_character_of_their_span(kind: str):
    stem, options = "Does this image have a red shape", ["Yes", "No"]
    text = f"{stem}? Here are your options: a) Yes b) No"
    tokenizer = TOKENIZERS[kind]()
    [(ids, offsets)] = offsets_of(tokenizer, [text])
    tokens = tokens_of_spans(text, offsets, 0, question_spans(text, stem, options))
    assert [token.role for token in tokens] == ["target", "target_next", "stem_end", "options", "options"]
    red, behind, mark, yes, no = tokens
    assert red.text.strip() == "red"
    assert behind.text.strip() == "shape"
    assert behind.index == red.index + 1
    assert "?" in mark.text
    assert (yes.text.strip(), no.text.strip()) == ("Yes", "No")
    if kind != "leading space":
        assert tokenizer.decode([ids[red.index]]) == red.text


@given(st.lists(st.sampled_from(["red", " ", "é", "🙂", "ab", "?", "日"]), min_size=1, max_size=9), st.data())
@settings(max_examples=examples(60), deadline=None)
def test_any_span_of_any_text_ends_in_its_token(pieces: list[str], data: st.DataObject):
    text = "".join(pieces)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    [(_, offsets)] = offsets_of(qwen(), [text])
    found = tokens_of_spans(text, offsets, 0, [Span("stem_end", start, end)])
    assert len(found) == 1
    assert text[end - 1] in found[0].text
    assert found[0].index == max(i for i, (a, b) in enumerate(offsets) if a <= end - 1 < b)


@cache
def qwen() -> Any:
    return TOKENIZERS["qwen3"]()
