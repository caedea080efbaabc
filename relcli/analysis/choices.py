"""Which of the offered options does an answer choose?

An answer can name a letter ("b)", "option b", "b is correct"), an option's text ("to the left of the red
circle"), part of one that no other has ("left"), or say that none fits. Whatever names two options, a letter
beside another option's text, or a letter nobody offered can't be read; nothing is guessed.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from relcli.analysis.plain_words import FILLERS, plain
from relcli.analysis.reply_patterns import (
    AFTER_LETTER,
    BARE,
    BARE_A,
    CLAUSE_START,
    JOINING,
    MARKED,
    NONE,
    NONE_OF,
    NONE_OF_THEM,
    NOT_A_DETERMINER,
    PRAISE,
    REASON,
    REFUSED_AFTER,
    REFUSED_BEFORE,
    SCENE_WORDS,
    THING,
    WORD,
)
from relcli.scenes.vocabulary import LETTERS

LONGEST: Final = 20_000
"""Characters of the longest answer that is looked at."""


class _Mention(NamedTuple):
    letter: str
    start: int
    end: int
    refused: bool = False


def read_choice(answer: str, options: Sequence[str]) -> str | None:
    """The letter (`a` to `z`) an answer chooses, `none`, or None when it can't be read.

    `options` are the option texts without letters, in the order shown; those after the 26th have no letter.
    An answer of more than `LONGEST` characters, thoughts in tags not counted, can't be read.
    """
    text = plain(answer)
    texts = [plain(option) for option in options][: len(LETTERS)]
    offered = LETTERS[: len(texts)]
    if not text or not texts or len(text) > LONGEST:
        return None
    if text in texts:
        return _exact(text, texts)
    for pattern, shorter in PRAISE:
        text = pattern.sub(shorter, text)

    marked = list(_marked(text))
    if any(each.letter not in offered for each in marked):
        return None
    letters = [*marked, *_bare(text, offered)]
    chosen = {each.letter for each in letters if not each.refused}
    named = [*_named(text, texts)]
    none = None if any(NONE.search(option) for option in texts) else NONE.search(text)
    if none is not None:
        return _none_or(none, text, letters, offered, named)
    if len(chosen) > 1:
        return None
    if chosen:
        [letter] = chosen
        first = min(each for each in letters if each.letter == letter and not each.refused)
        return letter if _agrees(letter, first, text, texts, named) else None
    if letters and not any(not each.refused for each in named):
        return None
    return _by_text(text, texts, named)


def _exact(text: str, texts: Sequence[str]) -> str | None:
    """The one option worded so. A text that is another option's letter can't be told from it."""
    if texts.count(text) != 1:
        return None
    place = texts.index(text)
    other = len(text) == 1 and text in LETTERS[: len(texts)] and LETTERS.index(text) != place
    return None if other else LETTERS[place]


def _marked(text: str) -> Iterator[_Mention]:
    for pattern in MARKED:
        for match in pattern.finditer(text):
            yield _mention(text, match.group(1), match.start(1), match.end(1))


def _bare(text: str, offered: str) -> Iterator[_Mention]:
    for match in BARE.finditer(text):
        if match.group(1) in offered and match.group(1) not in "ai":
            yield _mention(text, match.group(1), match.start(1), match.end(1))
    for pattern in BARE_A:
        for match in pattern.finditer(text):
            if match.group(1) in offered:
                yield _mention(text, match.group(1), match.start(1), match.end(1))


def _mention(text: str, letter: str, start: int, end: int) -> _Mention:
    """With whether it is named only to be refused: "not b", "b is wrong"."""
    before = text[max(0, start - 80) : start]
    refused = REFUSED_BEFORE.search(before) or REFUSED_AFTER.match(text, end)
    return _Mention(letter, start, end, refused is not None)


def _named(text: str, texts: Sequence[str]) -> Iterator[_Mention]:
    """Where an option's whole text or a word that no other option has stands in the answer. A text inside a
    longer one that is named too doesn't count."""
    found: list[tuple[int, re.Match[str]]] = []
    for place, option in enumerate(texts):
        # A single letter is told from the article and from an option's letter by nothing.
        if option and option in text and not (len(option) == 1 and option in LETTERS):
            pattern = rf"(?<![\w])(?<!\d[.,]){re.escape(option)}(?![\w])(?![.,]\d)"
            found += [(place, match) for match in re.finditer(pattern, text)]
    whole = {texts[place] for place, _ in found}
    inner = {option for option in whole if any(option != other and option in other for other in whole)}
    for place, match in found:
        if texts[place] not in inner and not _is_determiner(text, match):
            yield _mention(text, LETTERS[place], match.start(), match.end())
    for place, words in enumerate(_own_words(texts)):
        for match in WORD.finditer(text) if words else ():
            if match.group() in words and not _is_determiner(text, match):
                yield _mention(text, LETTERS[place], match.start(), match.end())


def _is_determiner(text: str, match: re.Match[str]) -> bool:
    """Whether "no" only belongs to the word behind it: "there is no doubt"."""
    return (
        match.group() == "no"
        and not CLAUSE_START.search(text[max(0, match.start() - 20) : match.start()])
        and not NOT_A_DETERMINER.match(text, match.end())
    )


def _own_words(texts: Sequence[str]) -> list[set[str]]:
    """The words of each option that no other has, without those that say nothing."""
    words = [set(re.findall(r"\w+", option)) for option in texts]
    return [
        {
            word
            for word in own
            if word not in FILLERS | JOINING
            and not (len(word) == 1 and word in LETTERS)
            and not any(word in other for at, other in enumerate(words) if at != place)
        }
        for place, own in enumerate(words)
    ]


def _none_or(
    none: re.Match[str], text: str, letters: Sequence[_Mention], offered: str, named: Sequence[_Mention]
) -> str | None:
    """What an answer chooses that says none: "b) none" is b, "none of a), b) and c)" refuses the letters it
    names, "None, so b)" contradicts itself."""
    chosen = {each.letter for each in letters}
    start = min((each.start for each in letters), default=len(text))
    if len(chosen) == 1 and start < none.start():
        [letter] = chosen
        beside = AFTER_LETTER.match(text, start + 1)
        refused = any(each.refused for each in letters)
        return letter if beside and beside.end() == none.start() and not refused else None
    said = {each.letter for each in named if not each.refused and not none.start() <= each.start < none.end()}
    if said:
        # "No, none of them are red" speaks of things, not of the options.
        of_things = len(said) == 1 and not chosen and NONE_OF_THEM.search(none.group())
        return said.pop() if of_things else None
    if not chosen:
        return "none"
    if not NONE_OF.match(text) or len(chosen) == 1:
        return None
    return "none" if none.group().lstrip().startswith("none") or chosen == set(offered) else None


def _agrees(
    letter: str, mention: _Mention, text: str, texts: Sequence[str], named: Sequence[_Mention]
) -> bool:
    """Whether the texts beside a letter are its own. What follows as a reason may name anything."""
    rest = AFTER_LETTER.match(text, mention.end)
    start = rest.end() if rest else mention.end
    beside = {each.letter: each.end for each in named if each.start == start}
    if beside:
        longest = max(beside.values())
        return beside.get(letter) == longest
    reason = REASON.search(text, start)
    end = reason.start() if reason else len(text)
    said = {each.letter for each in named if each.start < end and not each.refused}
    same = {LETTERS[place] for place, option in enumerate(texts) if option == texts[LETTERS.index(letter)]}
    return not said or (letter in said and said <= same)


def _by_text(text: str, texts: Sequence[str], named: Sequence[_Mention]) -> str | None:
    """The one option the words of an answer name, or that alone says them."""
    said = {each.letter for each in named if not each.refused}
    if not said and not named:
        said = _weak_no(text, texts) or _says(text, texts)
    if len(said) != 1:
        return None
    [letter] = said
    option = texts[LETTERS.index(letter)]
    if texts.count(option) > 1:
        return None
    return letter if not named or _is_meant(text, option, texts, named) else None


def _weak_no(text: str, texts: Sequence[str]) -> set[str]:
    """"There is no red circle" answers No."""
    found = re.search(r"\bno\b", text) and "no" in texts
    return {LETTERS[texts.index("no")]} if found else set()


def _says(text: str, texts: Sequence[str]) -> set[str]:
    """The options that are the answer but for articles; if there is none, those in which it stands as a
    whole, without its fillers at either end."""
    same = {LETTERS[place] for place, option in enumerate(texts) if _bones(option) == _bones(text)}
    if same:
        return same
    words = text.split()
    while words and words[0].strip(",.;:") in FILLERS:
        words.pop(0)
    while words and words[-1].strip(",.;:") in FILLERS:
        words.pop()
    phrase = " ".join(words).strip(",.;: ")
    if not phrase or phrase in JOINING or (len(phrase) == 1 and phrase in LETTERS):
        return set()
    pattern = re.compile(rf"(?<!\w){re.escape(phrase)}(?!\w)")
    return {LETTERS[place] for place, option in enumerate(texts) if pattern.search(option)}


def _bones(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text) if word not in ("the", "a", "an")]


def _is_meant(text: str, option: str, texts: Sequence[str], named: Sequence[_Mention]) -> bool:
    """Whether an answer that names only this option says it, and nothing of another.

    The option's whole text does, unless words of other options stand beside it. Where only a word of it is
    named that no other option has, all else has to be fillers; or the option's words in their order; or,
    before it, the things that are asked about ("the blue square is on the left").
    """
    own = set(re.findall(r"\w+", option))
    kept = [each for each in named if not each.refused]
    for each in named:
        if each.refused:
            text = f"{text[: each.start]}{' ' * (each.end - each.start)}{text[each.end :]}"
    passed = FILLERS | own | (JOINING | {"rather", "than", "instead"} if len(kept) < len(named) else set())
    left = [match for match in WORD.finditer(text) if match.group() not in passed]
    if any(text[each.start : each.end] == option for each in kept):
        others = {word for other in texts for word in re.findall(r"\w+", other)} - JOINING
        return not any(match.group() in others for match in left) and not _counts_apart(text, kept)
    if not left:
        return True
    telling = [word for word in re.findall(r"\w+", option) if word not in FILLERS]
    rest = iter(re.findall(r"\w+", text))
    if len(telling) > 1 and all(word in rest for word in telling):
        return True
    distinct = _own_words(texts)[texts.index(option)]
    last = max(each.end for each in kept)
    return not distinct & SCENE_WORDS and all(
        match.group() in SCENE_WORDS and match.end() <= last for match in left
    )


def _counts_apart(text: str, kept: Sequence[_Mention]) -> bool:
    """Whether one number is said of several things: "1 circle and 1 square" are not one."""
    things = {
        match.group(1)
        for each in kept
        if text[each.start : each.end].isdecimal() and (match := THING.match(text, each.end))
    }
    return len(things) > 1
