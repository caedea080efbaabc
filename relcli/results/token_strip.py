"""The tokens of a question as a line, each with where it looks."""

from dataclasses import dataclass
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
    """The tokens behind the picture, in order."""

    tokens: list[Token]
    n_layers: int

    @property
    def regions(self) -> list[str]:
        """The regions that can be chosen, in their order."""
        return [name for name in REGIONS if any(name in token.shares for token in self.tokens)]

    def shares(self, region: str, layer: int | None) -> list[float | None]:
        """Of each token, its share on a region in a layer; None for the layer takes the mean of all."""
        return [_at(token.shares.get(region, []), layer) for token in self.tokens]


def read_token_strip(database: Path, run: str, key: QuestionKey, variant: str) -> TokenStrip | None:
    """None where the run keeps no tokens of this answer."""
    from relcli.warehouse.reads import read

    place = {"run": run, "scene_id": key[0], "question_index": key[1], "variant": variant}
    rows = read(database, "token_strip", **place).as_dicts()
    if not rows:
        return None
    n_layers = max(row["layer"] for row in rows) + 1
    tokens: dict[int, Token] = {}
    for row in rows:
        index = row["token_index"]
        token = tokens.setdefault(index, Token(index, row["text"] or "", {}, [None] * n_layers))
        token.image_mass[row["layer"]] = row["image_mass"]
        for name in REGIONS:
            if row[name] is not None:
                token.shares.setdefault(name, [None] * n_layers)[row["layer"]] = row[name]
    return TokenStrip([tokens[index] for index in sorted(tokens)], n_layers)


def _at(shares: list[float | None], layer: int | None) -> float | None:
    if layer is not None:
        return shares[layer] if layer < len(shares) else None
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None
