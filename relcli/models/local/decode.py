"""Greedy replies of one batch, token by token, with the attention of each step."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from relcli.models.edits import Edit
from relcli.models.instrument.hidden_rows import HiddenRows
from relcli.models.instrument.logit_lens import LogitLens
from relcli.models.items import AttentionSummary, PictureRegions, PromptToken
from relcli.models.local.finite import check_logits
from relcli.models.local.option_scorer import OptionScorer


@dataclass(frozen=True, slots=True)
class DecodeRow:
    """One question: its picture's number, the ids behind the image, and what it wants to know, such as the
    attention of some of its tokens. patched: of a patch, the numbers of the tokens in the whole prompt.
    n_said: how many of the last ids are of a reply that has begun; alike in all rows of a batch."""

    picture: int
    suffix: tuple[int, ...]
    n_options: int
    edit: Edit | None = None
    tokens: tuple[PromptToken, ...] = ()
    regions: PictureRegions | None = None
    patched: tuple[int, ...] = ()
    n_said: int = 0


@dataclass(slots=True)
class DecodedReply:
    """The generated tokens of one row, what the first step thought of the options, and where it looked.

    hidden, lens: as in relcli.models.items.Answer.
    """

    token_ids: list[int]
    option_logprobs: list[float]
    truncated: bool
    attention: AttentionSummary | None
    tokens: tuple[PromptToken, ...] = ()
    hidden: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    lens: list[list[float]] | None = None


@dataclass(slots=True)
class DecodeSettings:
    """What both paths need besides the model.

    attended: roles of the tokens whose attention is read beside the answer's. hidden: rows whose states are
    kept. lens: gives the options' log-probabilities layer by layer, or None.
    """

    options: OptionScorer
    end_ids: frozenset[int]
    pad_id: int
    max_new_tokens: int
    attention: Collection[str]
    attended: Collection[str] = ()
    hidden: Sequence[str] = ()
    lens: LogitLens | None = None

    def as_arguments(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


# A step takes the tokens just chosen and the rows (of the current batch) that continue, and gives the next
# logits.
Step = Callable[[torch.Tensor, torch.Tensor | None], torch.Tensor]


@dataclass(slots=True)
class FinishedRows:
    """Rows of a batch after decoding: tokens a row, whether an end token came."""

    tokens: list[list[int]]
    ended: list[bool]


def greedy(
    logits: torch.Tensor,
    step: Step,
    end_ids: Collection[int],
    max_new_tokens: int,
    on_step: Callable[[torch.Tensor, torch.Tensor], None],
) -> FinishedRows:
    """Choose the likeliest token until every row has ended.

    logits: [rows, vocabulary] of the prompt's last row. on_step(places, rows) is called after the pass that
    chose a token: `places` are the positions in the current batch whose rows still run, `rows` their numbers
    in the whole batch, both on the CPU. Rows that have ended are dropped from the batch once a quarter of it
    has. A GPU is waited for once a step, when its tokens are fetched: which rows run is known on the CPU.
    Raises NotFinite if a token was chosen by a logit that is NaN or infinite.
    """
    device = logits.device
    n = logits.shape[0]
    ends = torch.tensor(sorted(end_ids))
    batch = torch.arange(n)  # number of the row at each place of the current batch
    running = torch.ones(n, dtype=torch.bool)  # per place
    chosen: list[tuple[torch.Tensor, torch.Tensor]] = []
    best: list[torch.Tensor] = []  # the chosen tokens' logits, looked at once, when all steps are done
    for count in range(1, max_new_tokens + 1):
        tokens = logits.argmax(-1)
        places = running.nonzero()[:, 0]
        best.append(logits.gather(1, tokens[:, None])[places.to(device), 0])
        on_step(places, batch[places])
        fetched = tokens.cpu()
        chosen.append((batch[places], fetched[places]))
        running &= ~torch.isin(fetched, ends)
        left = int(running.sum())
        if left == 0 or count == max_new_tokens:
            break
        keep = None
        if left <= 0.75 * len(running):
            left_over = running.nonzero()[:, 0]
            batch, running = batch[left_over], running[left_over]
            keep = left_over.to(device)
            tokens = tokens[keep]
        logits = step(tokens, keep)
    check_logits(torch.cat(best))
    tokens_by_row: list[list[int]] = [[] for _ in range(n)]
    for rows, tokens in chosen:
        for row, token in zip(rows.tolist(), tokens.tolist(), strict=True):
            tokens_by_row[row].append(token)
    ended = [tokens[-1] in end_ids for tokens in tokens_by_row]
    return FinishedRows(tokens_by_row, ended)


def read_hidden(
    replies: Sequence[DecodedReply],
    reader: HiddenRows | None,
    names: Sequence[str],
    lens: LogitLens | None,
    n_options: Sequence[int],
) -> None:
    """Put into replies the states that were read of their prompts, and what these would have answered."""
    if reader is None:
        return
    for reply, states in zip(replies, reader.build(names), strict=True):
        reply.hidden = states
    if lens is not None:
        scores = [reply.option_logprobs for reply in replies]
        by_layer = lens.read(reader.answer_states(), n_options, scores)
        for reply, found in zip(replies, by_layer, strict=True):
            reply.lens = found
