"""Prompts: prefix and suffix are the whole prompt, in the checkpoint's own form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.errors import RelcliError
from relcli.models.local.prompt import PromptBuilder, builder_for
from tests.examples import examples
from tests.models.engine_helpers import ask_items, flat

IM_START, IM_END, VISION_START, VISION_END, IMAGE_PAD = 151644, 151645, 151652, 151653, 151655


@pytest.fixture(scope="module")
def builder(loaded) -> PromptBuilder:
    return builder_for(loaded)


def test_more_questions_than_are_remembered(loaded, monkeypatch):
    """Some of a call's questions are known and what is known has grown too long."""
    builder = builder_for(loaded)
    monkeypatch.setattr(builder, "KNOWN", 3)
    texts = [f"Is number {number} red?" for number in range(8)]
    first = builder.suffix_ids(texts)
    placed = builder.suffixes([(text, ()) for text in texts])
    assert [list(each.ids) for each in placed] == first
    mixed = [*texts[:2], "Is it new?"]
    assert builder.suffix_ids(mixed)[:2] == first[:2]
    assert [list(each.ids) for each in builder.suffixes([(text, ()) for text in mixed])][:2] == first[:2]
    assert builder.suffix_ids(["Is it new?"]) == builder.suffix_ids(mixed)[2:]


def test_rendered_prompt_is_one_user_message(builder):
    assert builder.render("Is it red?") == (
        "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>Is it "
        "red?<|im_end|>\n<|im_start|>assistant\n"
    )


def test_prefix_ends_with_the_vision_end_mark_and_holds_one_token_a_cell(builder, loaded):
    ids = builder.prefix_ids(64)
    head = loaded.tokenizer("user\n", add_special_tokens=False)["input_ids"]
    assert ids == [IM_START, *head, VISION_START, *[IMAGE_PAD] * 64, VISION_END]


def test_prefix_and_suffix_of_the_study_s_questions_are_the_whole(builder):
    texts = [prompt.text for _, prompt in flat(ask_items(60))]
    for text, suffix in zip(texts, builder.suffix_ids(texts), strict=True):
        assert builder.prefix_ids(64) + suffix == builder.whole_ids(text, 64)
        assert suffix[-5] == IM_END


@settings(max_examples=examples(60), deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80), st.integers(1, 300))
def test_prefix_and_suffix_of_any_text_are_the_whole(builder, text, cells):
    assert builder.prefix_ids(cells) + builder.suffix_ids([text])[0] == builder.whole_ids(text, cells)


def test_a_template_that_edits_the_question_is_rendered_each_time(loaded):
    edits = (
        "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>"
        "{{ messages[0].content[1].text | trim | upper }}<|im_end|>\n<|im_start|>assistant\n"
    )
    builder = PromptBuilder(loaded.tokenizer, edits, "<|image_pad|>", "<|vision_end|>")
    assert builder.prefix_ids(4) + builder.suffix_ids([" is it? "])[0] == builder.whole_ids(" is it? ", 4)
    assert "IS IT?" in loaded.tokenizer.decode(builder.suffix_ids([" is it? "])[0])


@pytest.mark.parametrize(
    ("template", "says"),
    [
        (None, "no chat template"),
        ("{{ messages[0].content[1].text }}", "image_pad"),
        ("{{ messages[0].content[1].text }}<|image_pad|>", "image_pad"),
    ],
)
def test_a_template_that_can_t_be_used_is_refused(loaded, template, says):
    with pytest.raises(RelcliError, match=says):
        PromptBuilder(loaded.tokenizer, template, "<|image_pad|>", "<|vision_end|>")


def test_a_question_with_an_image_token_is_refused(builder):
    with pytest.raises(RelcliError, match="image token"):
        builder.suffix_ids(["What is <|image_pad|>?"])


def test_the_hash_follows_the_template(builder, loaded):
    other = PromptBuilder(
        loaded.tokenizer, "Look: <|image_pad|>{{ messages[0].content[1].text }}", "<|image_pad|>", None
    )
    assert builder.template_hash == builder_for(loaded).template_hash != other.template_hash


@pytest.mark.parametrize("writes_it", [False, True])
def test_a_prompt_has_one_first_token(tmp_path, model_folder, writes_it):
    """Whether the template writes it or the tokenizer adds it: as the processor's apply_chat_template."""
    from tokenizers.processors import TemplateProcessing
    from transformers import AutoTokenizer

    from relcli.models.local.prompt import PromptBuilder

    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    tokenizer.bos_token = "<|endoftext|>"
    first = tokenizer.bos_token_id
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|endoftext|> $A", special_tokens=[("<|endoftext|>", first)]
    )
    template = (model_folder / "chat_template.jinja").read_text()
    template = ("{{ bos_token }}" if writes_it else "") + template
    builder = PromptBuilder(tokenizer, template, "<|image_pad|>", "<|vision_end|>")
    text = builder.render("Is it red?").replace("<|image_pad|>", "<|image_pad|>" * 4)
    expected = tokenizer(text, add_special_tokens=not writes_it)["input_ids"]
    assert builder.whole_ids("Is it red?", 4) == expected
    assert builder.prefix_ids(4) + builder.suffix_ids(["Is it red?"])[0] == expected
    assert expected.count(first) == 1
