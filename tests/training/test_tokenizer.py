"""The tokenizer encodes any text, and prompts cheaply."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.scenes.scene import derived_rng, generate_scene
from relcli.scenes.study_questions import ask_seed
from relcli.scenes.vocabulary import CLOSING, COLORS, SHAPES
from relcli.training.tokenizer import SPECIAL_TOKENS, save_tokenizer
from tests.examples import examples


@settings(max_examples=examples(200), deadline=None)
@given(st.text(max_size=80))
def test_any_text_comes_back(tokenizer, text: str) -> None:
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert tokenizer.decode(ids, clean_up_tokenization_spaces=False) == text


def test_a_yes_no_prompt_is_nine_tokens(tokenizer) -> None:
    text = f"Does this image have a red circle? Here are your options: a) Yes b) No {CLOSING}"
    assert [tokenizer.decode([i]) for i in tokenizer(text)["input_ids"]] == [
        "Does this image have a",
        " red",
        " circle",
        "? Here are your options:",
        " a)",
        " Yes",
        " b)",
        " No",
        f" {CLOSING}",
    ]


def test_colours_shapes_and_letters_are_tokens_of_their_own(tokenizer) -> None:
    for question in ask_seed(generate_scene(1, 2), None, derived_rng(1, 2, "t")):
        pieces = [str(tokenizer.decode([i])) for i in tokenizer(question.text)["input_ids"]]
        for word in (*COLORS, *SHAPES):
            assert question.text.count(f" {word}") == pieces.count(f" {word}") + pieces.count(f" {word}s")
        assert [piece for piece in pieces if piece.endswith(")")] == [
            f" {letter})" for letter in "abcd"[: len(question.options)]
        ]


def test_files_load_as_the_hubs_do(tokenizer, tmp_path) -> None:
    from transformers import AutoTokenizer

    save_tokenizer(tokenizer, tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    message = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Is there a dog?"}]}]
    rendered = loaded.apply_chat_template(message, tokenize=False, add_generation_prompt=True)
    assert rendered == (
        "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>"
        "Is there a dog?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert loaded.convert_tokens_to_ids(list(SPECIAL_TOKENS)) == list(range(len(SPECIAL_TOKENS)))
    assert loaded("a) blue 7?")["input_ids"] == tokenizer("a) blue 7?")["input_ids"]
    assert loaded.eos_token == "<|im_end|>"


@pytest.mark.parametrize("text", ["Please only reply", "? Here are your", "Does this image have another"])
def test_parts_of_phrases_are_ordinary_words(tokenizer, text: str) -> None:
    assert len(tokenizer(text)["input_ids"]) > 1
