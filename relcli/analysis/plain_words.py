"""Answers and options as plain words, so that they can be compared."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_NUMBERS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
    "twenty",
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_COMPOUND: Final = re.compile(rf"\b({'|'.join(_TENS)})[- ]({'|'.join(_NUMBERS[1:10])})\b")
_NUMBER: Final = re.compile(rf"(?<![\w-])({'|'.join(_NUMBERS)})(?![\w-])")
_PRONOUN_ONE: Final = re.compile(
    r"(?:\b(?:the|the only|this|that|no|any|which|each|every|correct|right|left|first|last|not|other)\s+)$"
)

FILLERS: Final = frozenset((
    "a", "an", "s", "d", "m", "the", "it", "it's", "its", "is", "are", "was", "be", "lies", "lie",
    "located", "placed",
    "positioned", "position", "situated", "found", "stands", "there", "this", "these", "they", "i",
    "i'd", "i'm", "i'll", "think", "believe", "say", "would", "guess", "see", "can", "in", "on", "at", "of",
    "to", "from", "by", "with", "so", "side", "hand", "part", "image", "picture", "shape", "shapes", "object",
    "objects", "answer", "answers", "option", "choice", "letter", "my", "your", "correct", "final",
    "directly", "just", "exactly", "only", "total", "altogether", "towards", "toward", "relative",
    "respect",
))
"""Words that choose nothing by themselves."""

_THOUGHTS: Final = ("think", "thinking", "thought", "reasoning")
_SPECIAL: Final = re.compile(r"<\|[^|<>]{1,40}\|>|</s>")
_TAGGED: Final = re.compile(r"<(answer|final|choice|option|b|i|em|strong|p|code)>([^<>]*)</\1>")
_LATEX: Final = re.compile(r"\\(?:boxed|text|textbf|mathrm|mathbf)\s*\{|[{}$]")
_NOT_APPLICABLE: Final = re.compile(r"(?<!\w)n\s?[./]\s?a(?!\w)\.?")


_SHORT: Final = 200


def plain(text: str) -> str:
    """A text in lower case and one line: without thoughts in tags, emphasis, quotes and closing stops, with
    full-width letters as usual ones and number words as digits. A line's end becomes a semicolon."""
    # Short ones, options above all, come again and again.
    return _known(text) if len(text) <= _SHORT else _plain(text)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace("\u2019", "'").casefold()
    text = "".join(c for c in text if c in "\n\t\r" or unicodedata.category(c) not in ("Cc", "Cf"))
    if "<" in text:
        text = _without_thoughts(text)
        text = _TAGGED.sub(r" \2 ", _SPECIAL.sub(" ", text))
    text = re.sub(r"[*_`\"\u201c\u201d\u201e\u00ab\u00bb]", "", _LATEX.sub(" ", text))
    text = re.sub(r"(?<!\w)['\u2018]|['\u2018](?!\w)", "", text)
    text = _NOT_APPLICABLE.sub(" ", text)
    lines = [line.strip() for line in re.split(r"[\r\n]+", text) if line.strip()]
    text = re.sub(r"\s+", " ", "; ".join(lines)).strip().strip(".!,;: ")
    return _NUMBER.sub(_digits, _COMPOUND.sub(_compound_digits, text))


_known = lru_cache(maxsize=8192)(_plain)


def _without_thoughts(text: str) -> str:
    """What stands before the first thought and behind the last. A thought whose start is missing began with
    the text, one whose end is missing continues to its end."""
    for tag in _THOUGHTS:
        opening, closing = f"<{tag}>", f"</{tag}>"
        end = text.rfind(closing)
        if end >= 0:
            text = f"{text[: max(text.find(opening, 0, end), 0)]} {text[end + len(closing) :]}"
        text = text.partition(opening)[0]
    return text


def _digits(match: re.Match[str]) -> str:
    word = match.group(1)
    if word == "one" and _PRONOUN_ONE.search(match.string[max(0, match.start() - 12) : match.start()]):
        return word
    return str(_NUMBERS.index(word))


def _compound_digits(match: re.Match[str]) -> str:
    return str((_TENS.index(match.group(1)) + 2) * 10 + _NUMBERS.index(match.group(2)))
