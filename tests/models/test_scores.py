"""Weights as plain arithmetic makes them, with bounded scores and with sinks."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.models.instrument import scores
from relcli.models.instrument.scores import Scoring, attended, last_query_weights, row_weights
from tests.examples import examples


def plainly(
    query: torch.Tensor, key: torch.Tensor, mask: torch.Tensor, scoring: Scoring
) -> torch.Tensor:
    """float64 [rows, heads, queries, keys], as transformers' eager functions for Gemma 2 and gpt-oss."""
    query, key = query.double(), key.double()
    found = query @ key.repeat_interleave(query.shape[1] // key.shape[1], 1).transpose(2, 3)
    found = found * (scoring.scaling or query.shape[-1] ** -0.5)
    if scoring.softcap:
        found = scoring.softcap * torch.tanh(found / scoring.softcap)
    found = found.masked_fill(~mask, float("-inf"))
    if scoring.sinks is None:
        return found.softmax(-1)
    sinks = scoring.sinks.double()[None, :, None, None].expand(*found.shape[:3], 1)
    return torch.cat([found, sinks], -1).softmax(-1)[..., :-1]


@settings(max_examples=examples(40), deadline=None)
@given(
    st.integers(1, 3), st.sampled_from([1, 2, 4]), st.integers(1, 6), st.sampled_from([None, 0.5, 20.0]),
    st.booleans(), st.booleans(), st.integers(0, 99),
)  # fmt: skip
def test_rows_and_output_are_those_of_the_full_map(
    rows: int, key_heads: int, queries: int, cap: float | None, sinks: bool, masked: bool, seed: int
):
    rng = torch.Generator().manual_seed(seed)
    query = torch.randn(rows, 4, queries, 8, generator=rng) * 2
    key, value = torch.randn(2, rows, key_heads, 7, 8, generator=rng)
    seen = torch.ones(queries, 7, dtype=torch.bool).tril(7 - queries).expand(rows, 1, -1, -1)
    if masked:
        seen = seen & (torch.rand(rows, 1, queries, 7, generator=rng) > 0.4)
        seen[..., 0] = True
    scoring = Scoring(0.3, cap, torch.randn(4, generator=rng) if sinks else None)
    expected = plainly(query, key, seen, scoring)
    mask = seen if masked else None
    same = torch.testing.assert_close
    same(last_query_weights(query, key, seen, scoring).double(), expected[:, :, -1], atol=1e-6, rtol=1e-5)
    every = torch.arange(queries).expand(rows, -1)
    same(row_weights(query, key, mask, scoring, every).double(), expected, atol=1e-6, rtol=1e-5)
    output = (expected @ value.double().repeat_interleave(4 // key_heads, 1)).transpose(1, 2)
    same(attended(query, key, value, mask, scoring).double(), output, atol=1e-5, rtol=1e-5)


def test_a_long_prompt_is_worked_through_in_pieces(monkeypatch):
    rng = torch.Generator().manual_seed(1)
    query, key, value = torch.randn(3, 2, 4, 50, 8, generator=rng)
    whole = attended(query, key, value, None, Scoring(softcap=3.0))
    monkeypatch.setattr(scores, "_MOST_BYTES", 4 * 2 * 4 * 50 * 7)
    torch.testing.assert_close(attended(query, key, value, None, Scoring(softcap=3.0)), whole)


def test_padding_that_sees_nothing_gives_numbers():
    query, key, value = torch.ones(3, 1, 2, 3, 8)
    mask = torch.ones(1, 1, 3, 3, dtype=torch.bool).tril()
    mask[:, :, 0] = False
    for scoring in (Scoring(softcap=2.0), Scoring(sinks=torch.zeros(2))):
        assert attended(query, key, value, mask, scoring).isfinite().all()
