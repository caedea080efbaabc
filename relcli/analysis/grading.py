"""Which option does an answer choose, and is it the right one?

Two grades are kept. Ours reads the chosen option: its letter, its text, or None. The study's own asks only
whether the ground truth occurs anywhere in the answer (so "none of a) to d)" counts as every letter); it
stays in its own column for comparison.
"""

import re
from collections.abc import Sequence

from relcli.scenes.vocabulary import LETTERS

_NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight")

_NONE = re.compile(
    r"\bnone\b|\bneither\b|\bno (?:correct |right |valid |such |listed )?(?:option|answer|choice)s?\b"
    r"|\b(?:not|isn't) (?:any|one) of (?:the|these|them)\b"
)
_NONE_OF = re.compile(r"^\W*(?:none|neither|not any) of\b")
# A letter counts where it can't be the article "a": with a bracket, or alone, or at the start before a stop,
# or after "option" and its kin. b, c and d are no English words, so those count wherever they stand alone.
_MARKED = re.compile(
    r"""(?<![\w'])\(?([a-d])\)
      | ^\W*([a-d])\s*(?:[.:,;\-\u2013\u2014]|\W*$)
      | \b(?:option|choice|answer|answer\ is|it\ is|it's)[\s:"'(*]+([a-d])\b(?!\s+\w|['-]\w)
      | (?<![\w'\-])([b-d])(?![\w'\-])
      | (?<![\w'\-])(a)(?=\W*$|\ (?:or|and)\ [b-d]\b)
    """,
    re.VERBOSE,
)
_CAPITAL_A = re.compile(r"\b(?:[Oo]ption|[Cc]hoice|[Aa]nswer(?: is)?):?\s+(A)\b")


def read_choice(answer: str, options: Sequence[str]) -> str | None:
    """The letter (`a` to `d`) an answer chooses, `none`, or None when it can't be read.

    `options` are the option texts without letters, in the order shown. An answer that names two options, or a
    letter beside another option's text, or a letter that was not offered, can't be read.
    """
    text = _plain(answer)
    if not text:
        return None
    offered = LETTERS[: len(options)]
    letters = _letters(answer, text, offered)
    says_none = bool(_NONE.search(text)) and not any(_NONE.search(_plain(o)) for o in options)
    if says_none:
        # "None of a), b), c) is right" rejects the letters it names; "None, so b)" contradicts itself.
        rejects = _NONE_OF.match(text) is not None and len(letters) != 1
        return "none" if rejects or not letters else None
    if len(letters) > 1:
        return None
    named = _options_named(text, options)
    if letters:
        letter = letters.pop()
        rest = _without_letter(text, letter)
        other = [o for o in offered if o != letter and _plain(options[offered.index(o)]) == rest]
        return None if other and rest != _plain(options[offered.index(letter)]) else letter
    return named


def is_correct(choice: str | None, ground_truth: str) -> bool:
    """Whether a reading is the ground truth, written `a)` to `d)` or `None`."""
    return choice is not None and choice == ground_truth.strip().rstrip(")").lower()


def seed_grade(answer: str, ground_truth: str) -> bool:
    """The study's grade: the lower-cased ground truth occurs somewhere in the lower-cased answer."""
    return ground_truth.lower() in answer.lower()


def _plain(text: str) -> str:
    """Lower case, one space between words, no emphasis, quotes or closing stops around it."""
    text = re.sub(r"[*_`\"\u201c\u201d]", "", text.replace("\u2019", "'").casefold())
    return re.sub(r"\s+", " ", text).strip().strip(".!,;: ")


def _letters(answer: str, text: str, offered: str) -> set[str]:
    found = {letter for match in _MARKED.finditer(text) for letter in match.groups() if letter}
    if _CAPITAL_A.search(answer):
        found.add("a")
    return {letter for letter in found if letter in offered}


def _without_letter(text: str, letter: str) -> str:
    return re.sub(rf"^\W*{letter}\W+", "", text)


def _options_named(text: str, options: Sequence[str]) -> str | None:
    """The one option whose text stands in the answer as whole words; a text inside a longer named one is not
    counted. None when no option or more than one is named."""
    plain = [_plain(option) for option in options]
    words = re.sub(r"^there (?:is|are) ", "", text)
    if words in _NUMBER_WORDS:
        text = str(_NUMBER_WORDS.index(words))
    if plain.count(text) == 1:
        return LETTERS[plain.index(text)]
    found = [o for o in plain if o and re.search(rf"(?<![\w]){re.escape(o)}(?![\w])", text)]
    longest = {o for o in found if not any(o != other and o in other for other in found)}
    if len(longest) != 1:
        return None
    chosen = longest.pop()
    return LETTERS[plain.index(chosen)] if plain.count(chosen) == 1 else None
