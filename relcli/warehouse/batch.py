"""The attention of one batch of answers, as engines bring it to the warehouse."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from relcli.token_layout import TokenLayout


class Key(NamedTuple):
    """What tells the answers of a run apart. `presentation` is how the question was put (`plain`: as its set
    words it), `intervention` what was done to the model meanwhile (`none`: nothing)."""

    scene_id: int
    question_index: int
    variant: str
    presentation: str = "plain"
    intervention: str = "none"


class SummaryArrays(Protocol):
    """What one answer's attention must bring; `relcli.models.items.AttentionSummary` does.

    Vectors are float32 [layers, cells], cells row by row on `grid` = (height, width), or the image tokens in
    order where a `layout` says so; entropies and `image_mass` are [layers]; `step_entropy` is [layers,
    steps].
    """

    @property
    def grid(self) -> tuple[int, int] | None: ...
    @property
    def mean_heads(self) -> NDArray[np.float32]: ...
    @property
    def max_heads(self) -> NDArray[np.float32]: ...
    @property
    def first_step(self) -> NDArray[np.float32]: ...
    @property
    def last_step(self) -> NDArray[np.float32]: ...
    @property
    def mean_heads_entropy(self) -> NDArray[np.float32]: ...
    @property
    def max_heads_entropy(self) -> NDArray[np.float32]: ...
    @property
    def first_step_entropy(self) -> NDArray[np.float32]: ...
    @property
    def last_step_entropy(self) -> NDArray[np.float32]: ...
    @property
    def step_entropy(self) -> NDArray[np.float32]: ...
    @property
    def image_mass(self) -> NDArray[np.float32]: ...


def layout_of(summary: SummaryArrays) -> TokenLayout:
    """Where the cells of its vectors stand."""
    layout = getattr(summary, "layout", None)
    if layout is not None:
        return layout
    if summary.grid is None:
        return TokenLayout.unplaced(summary.mean_heads.shape[1])
    return TokenLayout.of_grid(*map(int, summary.grid))


class RowArrays(Protocol):
    """What a token of the question brings: float32 [layers, cells], and [layers] twice."""

    @property
    def mean_heads(self) -> NDArray[np.float32]: ...
    @property
    def entropy(self) -> NDArray[np.float32]: ...
    @property
    def image_mass(self) -> NDArray[np.float32]: ...


class SharesArrays(Protocol):
    """What `relcli.models.items.RegionShares` brings: float32 [layers, n], by region in `shares`."""

    @property
    def shares(self) -> Mapping[str, NDArray[np.float32]]: ...
    @property
    def image_mass(self) -> NDArray[np.float32]: ...
    @property
    def entropy(self) -> NDArray[np.float32]: ...


class TokenShares(NamedTuple):
    """The tokens of one prompt: the place of the first, and where each of them looks."""

    first: int
    shares: SharesArrays


@dataclass(frozen=True, slots=True)
class AttentionBatch:
    """Attention of several answers, key by key. Layouts and layer counts may differ between answers.

    rows: of each answer, what tokens of its question looked at, by `query_row`; none without.
    heads: of each answer, where the single heads of its rows looked, by `query_row`; none without.
    tokens: of each answer, where the tokens of its prompt looked; none without.
    """

    keys: Sequence[Key]
    summaries: Sequence[SummaryArrays]
    rows: Sequence[Mapping[str, RowArrays]] = ()
    heads: Sequence[Mapping[str, SharesArrays]] = ()
    tokens: Sequence[TokenShares | None] = ()

    def __post_init__(self) -> None:
        if len(self.keys) != len(self.summaries):
            raise ValueError(f"{len(self.keys)} keys but {len(self.summaries)} summaries")
        for name in ("rows", "heads", "tokens"):
            if len(getattr(self, name)) not in (0, len(self.keys)):
                raise ValueError(f"{len(self.keys)} keys but {name} of {len(getattr(self, name))}")

    def groups(self) -> Iterator["AttentionBatch"]:
        """Split into batches in which every answer has the same layout and the same number of layers."""
        shapes: dict[tuple[str, int], list[int]] = {}
        for i, summary in enumerate(self.summaries):
            shapes.setdefault((layout_of(summary).name, summary.mean_heads.shape[0]), []).append(i)
        for members in shapes.values():
            yield AttentionBatch(
                [self.keys[i] for i in members],
                [self.summaries[i] for i in members],
                [self.rows[i] for i in members] if self.rows else (),
                [self.heads[i] for i in members] if self.heads else (),
                [self.tokens[i] for i in members] if self.tokens else (),
            )
