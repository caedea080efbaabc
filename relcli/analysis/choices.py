"""Which of the offered options does an answer choose?

An answer can name a letter ("b)", "option b", "b is correct"), an option's text ("to the left of the red
circle"), part of one that no other has ("left"), or say that none fits. Whatever names two options, a letter
beside another option's text, or a letter nobody offered can't be read; nothing is guessed.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from relcli.analysis.plain_words import FILLERS, plain
from relcli.scenes.vocabulary import COLORS, LETTERS, SHAPES, SIZES

_NEXT: Final = r"['’/&+|\\=~\-]"
"""What ties a letter to its neighbour: "n/a", "a+b", "b-side", "c'est" choose nothing."""
_ALONE: Final = rf"(?<!\w)(?<!{_NEXT})(?<!\w\.)([a-z])(?!\w)(?!{_NEXT})(?!\.\w\b)"
_AFTER_A: Final = (
    r"(?=\W*$|\s*[,.;:!?)\]](?:\s|$)|\s+(?:is|was|seems|looks|fits|would|because|since|as|or|and|nor|vs)\b)"
)

# Forms no article "a" and no pronoun "I" can have, so that even a letter nobody offered counts in them.
_MARKED: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!\w)(?<!{_NEXT})(?<![(\[.])([a-z])\s?[)\]]",
        r"(?<!\w)[(\[]\s?([a-z])\s?[)\]]",
        r"^\W*([a-hj-z])\s*(?:\.(?=\s|$|\w\w)|[:,;=](?!\w\b)|[\u2013\u2014]|-(?=\s)|\W*$)",
        r"\b(?:option|choice|letter|alternative)[\s:=\"(\[]+([a-z])\b(?!\.\w|['/&+\-]\w)",
        rf"\banswer(?:\ is|\ would\ be)?[\s:=\"(\[]+([b-hj-z])\b(?!{_NEXT})",
        rf"\b(?:answer(?:\ is|\ would\ be)?|it\ is|it's|choose|pick|select|go(?:ing)?\ with)"
        rf"[\s:=\"(\[]+([ai]){_AFTER_A}",
    )
)
# b to z are no English words, "i" aside.
_BARE: Final = re.compile(_ALONE)
_BARE_A: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # At the end: "I take a", but not what was cut short ("there is a").
        r"(?:^|[,;:.!?(\[\u2013\u2014-]\s?|\b(?:pick|choose|select|take|say|guess|with|so|therefore|thus|hence|be"
        r"|think|believe|probably|maybe|perhaps|definitely|clearly|either|both|or|and|nor|not|n't|yes|no)\s+)"
        r"([ai])(?=\W*$)",
        r"(?<!\w)(?<!['/&+\-.])(a)(?=\s+(?:is|was|seems|looks|fits|would)\b)",
        r"(?<!\w)(?<!['/&+\-.])(a)(?=\s+[&+|>]\s+[b-z]\b)",
        r"(?<!\w)(?<!['/&+\-.])(a)(?=,?\s+(?:(?:or|and|nor|vs\.?)\s+)?(?:option\s+)?[b-z]\b(?!['/&+\-]))",
        r"^\W*(a)(?=\s+(?:\d|(?:yes|no|none|the|to|from|above|below|left|right|because|since)\b))",
    )
)

_REFUSED_BEFORE: Final = re.compile(
    r"(?:\b(?:not|never|nor|neither|cannot|except|without|unlike)\b|n't\b|\b(?:rather|other|more|less|fewer|greater)"
    r" than\b|\binstead of\b|\bat (?:least|most)\b"
    r"|\b(?:rul(?:e|ed|ing) out|exclud(?:e|ed|ing)|eliminat(?:e|ed|ing)|reject(?:ed|ing)?)\b)"
    r"(?:\s+(?:be|it|it's|is|if|whether|that|sure|certain|know|tell|say|really|exactly|necessarily|clearly|just"
    r"|simply|at|in|on|the|a|an|to|option|answer|letter|choice|either|any))*[\s\"(\[]*$"
    # A word of another script may well be a "not".
    r"|[^\W\d_a-z\u00c0-\u024f]\s*[(\[]?$"
)
_REFUSED_AFTER: Final = re.compile(
    r"[)\]]?\s*(?:(?:is|was|are|seems|looks)\s+(?:not\b|wrong\b|incorrect\b|false\b|out\b)"
    r"|(?:isn't|wasn't|can't|cannot|doesn't|won't|wouldn't)\b|or\s+(?:more|less|fewer)\b)"
)

_OFFERED_THINGS: Final = r"(?:options?|answers?|choices?|alternatives?|letters?)"
_NONE: Final = re.compile(
    rf"^\W*none\b(?=\W*$|\s*[.,;:!(]|\s+(?:is|are|fits?|appl(?:y|ies)|match(?:es)?|works?|because|since)\b)"
    r"|^\W*none\b(?=\s+[(\[]?[a-z]\b(?!'))"
    rf"|\b{_OFFERED_THINGS}(?:\s+(?:is|would\s+be|should\s+be))?[\s:=]+none\b"
    rf"|\b(?:say|choose|pick|select|reply|with|it's|it\s+is)\s+none\b"
    rf"|\bnone\s+of\s+(?:the\s+|these\s+|those\s+|my\s+)?"
    rf"(?:(?:given|listed|offered|provided|above|four|two)\s*)*(?:{_OFFERED_THINGS}|above|these|those|them)\b"
    rf"|\bnone\s+of\s+(?:{_OFFERED_THINGS}\s+)?[(\[]?[a-z]\b(?!')"
    rf"|\bnone\s+(?:of\s+)?(?:the\s+)?(?:listed|given|offered|above)\b"
    rf"|\bneither(?:\W*$|\s+(?:of|one|is|fits|applies|{_OFFERED_THINGS}|[(\[]?[a-z]\b(?!')))"
    rf"|\bno\s+(?:(?:correct|right|valid|such|listed|given|suitable|matching|fitting)\s+)*{_OFFERED_THINGS}\b"
    rf"|\b(?:not|isn't)\s+(?:any|one)\s+of\s+(?:the|these|them)\b"
)
_NONE_OF_THEM: Final = re.compile(r"\bnone\s+of\s+(?:these|those|them)$")
_NONE_OF: Final = re.compile(r"^\W*(?:none|neither|not any)\b(?:\s+of\b)?")
# Words about an answer that would be taken for an option's ("right", "true").
_PRAISE: Final = (
    (re.compile(rf"\b(?:correct|right|best|true|only|final|likely)\s+({_OFFERED_THINGS})\b"), r"\1"),
    (
        re.compile(
            rf"(?<!\w)([a-z][)\]]?|none|above|these|them|{_OFFERED_THINGS})\s+(?:is|are)\s+(?:the\s+)?"
            r"(?:correct|right|true)\b(?:\s+one\b)?(?!\s+of)"
        ),
        r"\1",
    ),
    (re.compile(r"\bno\s+(?:idea|clue|doubt|way|information|image|picture|question|matter|need)\b"), ""),
)
_REASON: Final = re.compile(r"\b(?:because|since|as|due|reason|explanation)\b|[.;!?](?:\s|$)")
_AFTER_LETTER: Final = re.compile(r"[\s.:,;)\]=\"(\u2013\u2014-]*(?:which\s+is|that\s+is|is)?[\s:]*")
_CLAUSE_START: Final = re.compile(
    r"(?:^|[.,;:!?)\]\u2013\u2014-]\s*|\b(?:(?:answer|it)\s+is|say|so|answer|and|but|or)\s+)$"
)
_NOT_A_DETERMINER: Final = re.compile(r"\s*(?:$|[^\w\s])|\s+(?:there|it|this|the|because|since|i|and|or)\b")
_JOINING: Final = frozenset(("and", "or", "but", "also", "not"))
_WORD: Final = re.compile(r"(?<!\d[.,])\b\w+\b(?![.,]\d)")
_SCENE_WORDS: Final = frozenset((*COLORS, *SHAPES, *SIZES))


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
    for pattern, shorter in _PRAISE:
        text = pattern.sub(shorter, text)

    marked = list(_marked(text))
    if any(each.letter not in offered for each in marked):
        return None
    letters = [*marked, *_bare(text, offered)]
    chosen = {each.letter for each in letters if not each.refused}
    named = [*_named(text, texts)]
    none = None if any(_NONE.search(option) for option in texts) else _NONE.search(text)
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
    for pattern in _MARKED:
        for match in pattern.finditer(text):
            yield _mention(text, match.group(1), match.start(1), match.end(1))


def _bare(text: str, offered: str) -> Iterator[_Mention]:
    for match in _BARE.finditer(text):
        if match.group(1) in offered and match.group(1) not in "ai":
            yield _mention(text, match.group(1), match.start(1), match.end(1))
    for pattern in _BARE_A:
        for match in pattern.finditer(text):
            if match.group(1) in offered:
                yield _mention(text, match.group(1), match.start(1), match.end(1))


def _mention(text: str, letter: str, start: int, end: int) -> _Mention:
    """With whether it is named only to be refused: "not b", "b is wrong"."""
    before = text[max(0, start - 80) : start]
    refused = _REFUSED_BEFORE.search(before) or _REFUSED_AFTER.match(text, end)
    return _Mention(letter, start, end, refused is not None)


def _named(text: str, texts: Sequence[str]) -> Iterator[_Mention]:
    """Where an option's whole text or a word that no other option has stands in the answer. A text inside a
    longer one that is named too doesn't count."""
    found: list[tuple[int, re.Match[str]]] = []
    for place, option in enumerate(texts):
        # A single letter is told from the article and from an option's letter by nothing.
        if option and not (len(option) == 1 and option in LETTERS):
            pattern = rf"(?<![\w])(?<!\d[.,]){re.escape(option)}(?![\w])(?![.,]\d)"
            found += [(place, match) for match in re.finditer(pattern, text)]
    whole = {texts[place] for place, _ in found}
    inner = {option for option in whole if any(option != other and option in other for other in whole)}
    for place, match in found:
        if texts[place] not in inner and not _is_determiner(text, match):
            yield _mention(text, LETTERS[place], match.start(), match.end())
    for place, words in enumerate(_own_words(texts)):
        for match in _WORD.finditer(text) if words else ():
            if match.group() in words and not _is_determiner(text, match):
                yield _mention(text, LETTERS[place], match.start(), match.end())


def _is_determiner(text: str, match: re.Match[str]) -> bool:
    """Whether "no" only belongs to the word behind it: "there is no doubt"."""
    return (
        match.group() == "no"
        and not _CLAUSE_START.search(text[max(0, match.start() - 20) : match.start()])
        and not _NOT_A_DETERMINER.match(text, match.end())
    )


def _own_words(texts: Sequence[str]) -> list[set[str]]:
    """The words of each option that no other has, without those that say nothing."""
    words = [set(re.findall(r"\w+", option)) for option in texts]
    return [
        {
            word
            for word in own
            if word not in FILLERS | _JOINING
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
        beside = _AFTER_LETTER.match(text, start + 1)
        refused = any(each.refused for each in letters)
        return letter if beside and beside.end() == none.start() and not refused else None
    said = {each.letter for each in named if not each.refused and not none.start() <= each.start < none.end()}
    if said:
        # "No, none of them are red" speaks of things, not of the options.
        of_things = len(said) == 1 and not chosen and _NONE_OF_THEM.search(none.group())
        return said.pop() if of_things else None
    if not chosen:
        return "none"
    if not _NONE_OF.match(text) or len(chosen) == 1:
        return None
    return "none" if none.group().lstrip().startswith("none") or chosen == set(offered) else None


def _agrees(
    letter: str, mention: _Mention, text: str, texts: Sequence[str], named: Sequence[_Mention]
) -> bool:
    """Whether the texts beside a letter are its own. What follows as a reason may name anything."""
    rest = _AFTER_LETTER.match(text, mention.end)
    start = rest.end() if rest else mention.end
    beside = {each.letter: each.end for each in named if each.start == start}
    if beside:
        longest = max(beside.values())
        return beside.get(letter) == longest
    reason = _REASON.search(text, start)
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
    if not phrase or phrase in _JOINING or (len(phrase) == 1 and phrase in LETTERS):
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
    passed = FILLERS | own | (_JOINING | {"rather", "than", "instead"} if len(kept) < len(named) else set())
    left = [match for match in _WORD.finditer(text) if match.group() not in passed]
    if any(text[each.start : each.end] == option for each in kept):
        others = {word for other in texts for word in re.findall(r"\w+", other)} - _JOINING
        return not any(match.group() in others for match in left) and not _counts_apart(text, kept)
    if not left:
        return True
    telling = [word for word in re.findall(r"\w+", option) if word not in FILLERS]
    rest = iter(re.findall(r"\w+", text))
    if len(telling) > 1 and all(word in rest for word in telling):
        return True
    distinct = _own_words(texts)[texts.index(option)]
    last = max(each.end for each in kept)
    return not distinct & _SCENE_WORDS and all(
        match.group() in _SCENE_WORDS and match.end() <= last for match in left
    )


def _counts_apart(text: str, kept: Sequence[_Mention]) -> bool:
    """Whether one number is said of several things: "1 circle and 1 square" are not one."""
    things = {
        match.group(1)
        for each in kept
        if text[each.start : each.end].isdecimal() and (match := _THING.match(text, each.end))
    }
    return len(things) > 1


_THING: Final = re.compile(rf"\s+(?:(?:{'|'.join((*COLORS, *SIZES))})\s+)*({'|'.join(SHAPES)})s?\b")
