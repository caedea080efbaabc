"""The tokens of a question as a line, each with where it looks."""

from dataclasses import dataclass, field
from pathlib import Path

from relcli.captures import REGIONS
from relcli.results.question import QuestionKey


@dataclass(frozen=True, slots=True)
class Token:
    """index: its place in the prompt. shares: of its attention on the picture, by region and layer, mean over
    heads; regions that the picture lacks are missing, and a layer without attention is None."""

    index: int
    text: str
    shares: dict[str, list[float | None]]
    image_mass: list[float | None]


@dataclass(frozen=True, slots=True)
class TokenStrip:
    """The tokens behind the picture, in order. roles: by query row, the places of its tokens."""

    tokens: list[Token]
    n_layers: int
    roles: dict[str, list[int]] = field(default_factory=dict)

    @property
    def regions(self) -> list[str]:
        """The regions that can be chosen, in their order; chance is what target is compared with."""
        known = {name for token in self.tokens for name in token.shares}
        return [name for name in REGIONS if name in known and name != "chance"]

    def shares(self, region: str, layer: int | None) -> list[float | None]:
        """Of each token, its share on a region in a layer; None for the layer takes the mean of all."""
        return [_at(token.shares.get(region, []), layer) for token in self.tokens]

    def row_of(self, number: int) -> str | None:
        """The query row that has this token alone, so that the row's attention is the token's."""
        index = self.tokens[number].index
        return next((row for row, places in self.roles.items() if places == [index]), None)

    def largest(self, region: str) -> float:
        """The largest share of any token in any layer, for a scale that is the same for all of them."""
        shares = [each for token in self.tokens for each in token.shares.get(region, ()) if each is not None]
        return max(shares, default=0.0)

    def characters(self, number: int, text: str) -> tuple[int, int] | None:
        """Where a token stands in the question's `text`; None for one of the prompt around it.

        Two tokens that hold bytes of one character are both written with the whole of it.
        """
        bare = text.strip()
        for shared in (False, True):
            spans, joined = self._joined(shared)
            at = joined.find(bare)
            start, end = (max(spans[number][0], at), min(spans[number][1], at + len(bare)))
            if at >= 0:
                shift = text.index(bare) - at
                return (start + shift, end + shift) if start < end else None
        return None

    def _joined(self, shared: bool) -> tuple[list[tuple[int, int]], str]:
        """The characters of every token, and all of them; `shared`: a character that comes twice is one."""
        spans, joined = [], ""
        for token in self.tokens:
            letter = shared and len(token.text) == 1 and not token.text.isascii()
            start = len(joined) - (letter and joined.endswith(token.text))
            joined = joined[:start] + token.text
            spans.append((start, len(joined)))
        return spans, joined


def read_token_strip(database: Path, run: str, key: QuestionKey, variant: str) -> TokenStrip | None:
    """None where the run keeps no tokens of this answer."""
    from relcli.warehouse.reads import read

    place = {"run": run, "scene_id": key[0], "question_index": key[1], "variant": variant}
    rows = read(database, "token_strip", **place).as_dicts()
    if not rows:
        return None
    roles: dict[str, list[int]] = {}
    question = {name: value for name, value in place.items() if name != "variant"}
    for row in read(database, "token_roles", **question).as_dicts():
        roles.setdefault(row["role"], []).append(row["token_index"])
    n_layers = max(row["layer"] for row in rows) + 1
    tokens: dict[int, Token] = {}
    for row in rows:
        index = row["token_index"]
        token = tokens.setdefault(index, Token(index, row["text"] or "", {}, [None] * n_layers))
        token.image_mass[row["layer"]] = row["image_mass"]
        for name in REGIONS:
            if row[name] is not None:
                token.shares.setdefault(name, [None] * n_layers)[row["layer"]] = row[name]
    return TokenStrip([tokens[index] for index in sorted(tokens)], n_layers, roles)


def _twice(text: str, letter: str) -> bool:
    return letter * 2 in text


def _at(shares: list[float | None], layer: int | None) -> float | None:
    if layer is not None:
        return shares[layer] if layer < len(shares) else None
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None
