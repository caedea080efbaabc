"""How replies name a letter, refuse one, or say that no option fits, as patterns on plain words."""

import re
from typing import Final

from relcli.scenes.vocabulary import COLORS, SHAPES, SIZES

_NEXT: Final = r"['’/&+|\\=~\-]"
"""What ties a letter to its neighbour: "n/a", "a+b", "b-side", "c'est" choose nothing."""
_ALONE: Final = rf"(?<!\w)(?<!{_NEXT})(?<!\w\.)([a-z])(?!\w)(?!{_NEXT})(?!\.\w\b)"
_AFTER_A: Final = (
    r"(?=\W*$|\s*[,.;:!?)\]](?:\s|$)|\s+(?:is|was|seems|looks|fits|would|because|since|as|or|and|nor|vs)\b)"
)

# Forms no article "a" and no pronoun "I" can have, so that even a letter nobody offered counts in them.
MARKED: Final = tuple(
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
BARE: Final = re.compile(_ALONE)
BARE_A: Final = tuple(
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

REFUSED_BEFORE: Final = re.compile(
    r"(?:\b(?:not|never|nor|neither|cannot|except|without|unlike)\b|n't\b|\b(?:rather|other|more|less|fewer|greater)"
    r" than\b|\binstead of\b|\bat (?:least|most)\b"
    r"|\b(?:rul(?:e|ed|ing) out|exclud(?:e|ed|ing)|eliminat(?:e|ed|ing)|reject(?:ed|ing)?)\b)"
    r"(?:\s+(?:be|it|it's|is|if|whether|that|sure|certain|know|tell|say|really|exactly|necessarily|clearly|just"
    r"|simply|at|in|on|the|a|an|to|option|answer|letter|choice|either|any))*[\s\"(\[]*$"
    # A word of another script may well be a "not".
    r"|[^\W\d_a-z\u00c0-\u024f]\s*[(\[]?$"
)
REFUSED_AFTER: Final = re.compile(
    r"[)\]]?\s*(?:(?:is|was|are|seems|looks)\s+(?:not\b|wrong\b|incorrect\b|false\b|out\b)"
    r"|(?:isn't|wasn't|can't|cannot|doesn't|won't|wouldn't)\b|or\s+(?:more|less|fewer)\b)"
)

_OFFERED_THINGS: Final = r"(?:options?|answers?|choices?|alternatives?|letters?)"
NONE: Final = re.compile(
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
NONE_OF_THEM: Final = re.compile(r"\bnone\s+of\s+(?:these|those|them)$")
NONE_OF: Final = re.compile(r"^\W*(?:none|neither|not any)\b(?:\s+of\b)?")
# Words about an answer that would be taken for an option's ("right", "true").
PRAISE: Final = (
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
REASON: Final = re.compile(r"\b(?:because|since|as|due|reason|explanation)\b|[.;!?](?:\s|$)")
AFTER_LETTER: Final = re.compile(r"[\s.:,;)\]=\"(\u2013\u2014-]*(?:which\s+is|that\s+is|is)?[\s:]*")
CLAUSE_START: Final = re.compile(
    r"(?:^|[.,;:!?)\]\u2013\u2014-]\s*|\b(?:(?:answer|it)\s+is|say|so|answer|and|but|or)\s+)$"
)
NOT_A_DETERMINER: Final = re.compile(r"\s*(?:$|[^\w\s])|\s+(?:there|it|this|the|because|since|i|and|or)\b")
JOINING: Final = frozenset(("and", "or", "but", "also", "not"))
WORD: Final = re.compile(r"(?<!\d[.,])\b\w+\b(?![.,]\d)")
SCENE_WORDS: Final = frozenset((*COLORS, *SHAPES, *SIZES))
THING: Final = re.compile(rf"\s+(?:(?:{'|'.join((*COLORS, *SIZES))})\s+)*({'|'.join(SHAPES)})s?\b")
