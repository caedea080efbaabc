"""What is typed to find questions: words, and properties of the scene such as `objects:3` or `color:red`."""

import re
from dataclasses import dataclass, field

from relcli.scenes.vocabulary import COLORS, SHAPES

_PROPERTY = re.compile(r"(objects|arrows|colou?r|shape)(:|>=|<=|>|<|=)(\S*)", re.IGNORECASE)
_RANGE = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")
_NAMES = {"color": tuple(COLORS), "shape": tuple(SHAPES)}
HINT, HINT_SHORT = "words · 25.108 · objects:3", "words · 25.108"


@dataclass(frozen=True, slots=True)
class Wanted:
    """words: looked for in question and answers. objects, arrows: how many the scene has, from and to (None:
    any). colors, shapes: of each there is an object. unknown: properties without a value that is known."""

    words: str = ""
    objects: tuple[int | None, int | None] = (None, None)
    arrows: tuple[int | None, int | None] = (None, None)
    colors: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = field(default=())

    def params(self) -> dict[str, object]:
        """As the read `question_page` takes them: NULL for any."""
        return {
            "text": self.words or None,
            "objects_least": self.objects[0],
            "objects_most": self.objects[1],
            "arrows_least": self.arrows[0],
            "arrows_most": self.arrows[1],
            "colors": list(self.colors) or None,
            "shapes": list(self.shapes) or None,
        }


def wanted(text: str) -> Wanted:
    """Read what was typed. Properties stand anywhere among the words; one that is half typed wants nothing
    yet and is named in `unknown`."""
    words, unknown = [], []
    counts: dict[str, tuple[int | None, int | None]] = {}
    named: dict[str, list[str]] = {"color": [], "shape": []}
    for piece in text.split():
        found = _PROPERTY.fullmatch(piece)
        if found is None:
            words.append(piece)
            continue
        name, sign, value = found[1].lower().replace("colour", "color"), found[2], found[3].lower()
        if name in named:
            if value in _NAMES[name] and sign in ":=":
                named[name].append(value)
            else:
                unknown.append(piece)
        elif (count := _count(sign, value)) is not None:
            counts[name] = _both(counts.get(name, (None, None)), count)
        else:
            unknown.append(piece)
    return Wanted(
        " ".join(words),
        counts.get("objects", (None, None)),
        counts.get("arrows", (None, None)),
        tuple(dict.fromkeys(named["color"])),
        tuple(dict.fromkeys(named["shape"])),
        tuple(unknown),
    )


def unknown_sentence(found: Wanted) -> str:
    """What can't be looked for, and what could; empty if all of it can."""
    if not found.unknown:
        return ""
    piece = found.unknown[0].lower().replace("colour", "color")
    for name, values in _NAMES.items():
        if piece.startswith(name):
            return f"{found.unknown[0]}: a {name} is {', '.join(values[:-1])} or {values[-1]}."
    return f"{found.unknown[0]}: write objects:3, objects:2-4, or arrows>1."


def _count(sign: str, value: str) -> tuple[int | None, int | None] | None:
    """From and to."""
    found = _RANGE.fullmatch(value)
    if found is None or (found[2] and sign not in ":="):
        return None
    n = int(found[1])
    if sign in ":=":
        return n, int(found[2]) if found[2] else n
    return {">": (n + 1, None), ">=": (n, None), "<": (None, n - 1), "<=": (None, n)}[sign]


def _both(
    one: tuple[int | None, int | None], other: tuple[int | None, int | None]
) -> tuple[int | None, int | None]:
    """What both let through."""
    least = [each for each in (one[0], other[0]) if each is not None]
    most = [each for each in (one[1], other[1]) if each is not None]
    return max(least, default=None), min(most, default=None)
