"""What is read of a prompt beside the answer (rows, heads, tokens), held against full eager maps."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from relcli.captures import TOKEN
from relcli.models.items import Answer, AskItem, PictureRegions, RegionShares
from relcli.models.local.rounding import Difference, Rounding
from relcli.token_layout import TokenLayout

Values = NDArray[np.float32]
Maps = NDArray[np.float32]
"""float32 [layers, heads, places, cells]: eager weights on the image of some tokens of a prompt."""


def with_halves(items: Sequence[AskItem], layouts: Sequence[TokenLayout]) -> list[AskItem]:
    """The items with a region that is the first half of their image tokens: what the shares are of does not
    matter for whether they are right."""
    found = []
    for item, layout in zip(items, layouts, strict=True):
        first = np.arange(layout.n_tokens) < layout.n_tokens // 2
        covers = {"target": first.astype(np.float32), "rest": (~first).astype(np.float32)}
        regions = PictureRegions(covers, np.ones(layout.n_tokens, np.float32))
        prompts = [replace(prompt, regions=regions) for prompt in item.prompts]
        found.append(AskItem(item.key, item.image, prompts))
    return found


def places_read(answer: Answer) -> list[int]:
    """The tokens of a prompt that were read, each once."""
    return sorted({token.index for token in answer.tokens})


def reading_error(
    answer: Answer, maps: Maps, last: Maps, regions: PictureRegions, rounding: Rounding
) -> Difference:
    """Difference of weights and shares between what was read and what the maps say.

    maps: of the tokens `places_read`. last: [layers, heads, cells] of the prompt's last token.
    """
    summary = answer.attention
    assert summary is not None
    at = {index: place for place, index in enumerate(places_read(answer))}
    by_row = {
        role: maps[:, :, sorted({at[token.index] for token in answer.tokens if token.role == role})]
        for role in {token.role for token in answer.tokens}
    }
    pairs = [(row.mean_heads, by_row[name].mean(axis=(1, 2))) for name, row in summary.rows.items()]
    for name, heads in summary.heads.items():
        expected = last if name == "answer" else by_row[name].mean(axis=2)
        if name != "answer" or not answer.answer_step:  # further on in a reply it is another row's
            pairs += _shares(heads, expected, regions)
    if summary.tokens is not None and TOKEN in by_row:
        pairs += _shares(summary.tokens, by_row[TOKEN].mean(axis=1), regions)
    return Difference.most(rounding.difference(_with_attention(ours), theirs) for ours, theirs in pairs)


def _shares(found: RegionShares, maps: Values, regions: PictureRegions) -> list[tuple[Values, Values]]:
    """Shares that were read and those of the maps [layers, n, cells]."""
    total = np.maximum((maps * regions.placed).sum(-1), np.finfo(np.float32).tiny)  # shares of nothing are 0
    return [(found.image_mass, maps.sum(-1))] + [
        (found.shares[name], (maps * cover).sum(-1) / total) for name, cover in regions.covers.items()
    ]


def _with_attention(values: Values) -> Values:
    """The layers that have attention."""
    return values[~np.isnan(values).reshape(len(values), -1).all(1)]
