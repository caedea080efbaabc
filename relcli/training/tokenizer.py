"""A byte-level BPE tokenizer for the small model: any text encodes, and the fixed phrases of the prompts are
single tokens.

Phrases that never change (the closing sentence, ``? Here are your options:``, question openings) may be
merged across spaces (superwords, as in SuperBPE, Liu et al. 2025): a yes/no prompt takes 14 tokens instead of
45, and so does less of the time in training and inference. Colours, shapes and option letters always stay
tokens of their own.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from relcli.errors import RelcliError
from relcli.scenes.vocabulary import CLOSING, COLORS, OPTIONS_LEAD, SHAPES

#: Qwen3-VL's special token strings, in its order.
SPECIAL_TOKENS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)

#: Qwen3-VL's template for one user turn with a picture, without its tools and system branches' extra wording.
CHAT_TEMPLATE = """\
{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' }}
    {%- if message.content is string %}
        {{- message.content }}
    {%- else %}
        {%- for content in message.content %}
            {%- if content.type == 'image' or 'image' in content or 'image_url' in content %}
                {{- '<|vision_start|><|image_pad|><|vision_end|>' }}
            {%- elif 'text' in content %}
                {{- content.text }}
            {%- endif %}
        {%- endfor %}
    {%- endif %}
    {{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

_PHRASES = (
    "Does this image have an?",
    "How many shapes are in this image",
    "Which objects are connected",
    "What is the position of the",
    "Where does the arrow between the",
    "point to",
    "with respect to the",
    "to the (?:left|right) of the",
    "(?:above|below|from|to|with|and|between|of|is) the",
    re.escape(CLOSING),
)
# An option's letter, one of the phrases (whole words only), the options' lead, else words as Qwen splits
# them.
_PATTERN = (
    r" ?[a-d]\)"
    + "".join(rf"| ?{phrase}(?![\p{{L}}\p{{N}}])" for phrase in _PHRASES)
    + "|"
    + re.escape(OPTIONS_LEAD.rstrip())
    + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def train_tokenizer(texts: Iterable[str], vocab_size: int = 1536) -> PreTrainedTokenizerFast:
    """Train the tokenizer on prompts and replies.

    Args:
        texts: what the model will read and write, without special tokens.
        vocab_size: upper bound for the number of tokens, special ones included.

    Returns:
        A fast tokenizer with Qwen3-VL's special tokens and chat template.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(  # type: ignore[assignment]
        [
            pre_tokenizers.Split(Regex(_PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()  # type: ignore[assignment]
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS],
        show_progress=False,
    )
    words = [f"{lead}{word}" for lead in ("", " ") for word in (*COLORS, *SHAPES)]
    tokenizer.train_from_iterator([*texts, *words * 50, *["user\n", "\n", "assistant\n"] * 500], trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        clean_up_tokenization_spaces=False,
        model_max_length=4096,
        padding_side="left",
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """Read back what ``save_tokenizer`` wrote. Raises RelcliError if the folder holds no tokenizer."""
    if not (folder / "tokenizer.json").exists():
        raise RelcliError(
            f"There is no tokenizer to start from in {folder}: give the folder of a model made by "
            "relcli train."
        )
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def token_id(tokenizer: PreTrainedTokenizerFast, token: str) -> int:
    """The id of one token string."""
    found = tokenizer.convert_tokens_to_ids(token)
    assert isinstance(found, int)
    return found


def special_ids(tokenizer: PreTrainedTokenizerFast) -> dict[str, int]:
    """The id of each special token string."""
    return {token: token_id(tokenizer, token) for token in SPECIAL_TOKENS}


def save_tokenizer(tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write the tokenizer's files in the hub's layout, the chat template also as ``chat_template.jinja``."""
    tokenizer.save_pretrained(folder)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings.pop("chat_template", None)
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE)
