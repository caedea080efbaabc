"""Batch sizes: chosen by memory, halved when it runs out, and never a doubled or lost row."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.errors import RelcliError
from relcli.models.local import memory
from relcli.models.local import shared_prefix_path as shared_path
from relcli.models.local.engine import Engine
from relcli.models.local.memory import Batching
from tests.examples import examples
from tests.models.engine_helpers import ask_items


def starve(limit: int, batch) -> None:
    """Ask torch for more memory than any machine has if the batch is above the limit: its own, real error."""
    if len(batch) > limit:
        torch.empty(1 << 60, dtype=torch.uint8)


@pytest.mark.slow
@settings(max_examples=examples(25), deadline=None)
@given(st.integers(0, 60), st.integers(1, 70), st.integers(1, 70))
def test_every_row_is_answered_once_and_in_order(rows, size, limit):
    notes: list[str] = []
    batching = Batching(size, notes.append)

    def work(batch):
        starve(limit, batch)
        return [row * 2 for row in batch]

    assert batching.run(range(rows), work) == [row * 2 for row in range(rows)]
    assert len(notes) == (1 if min(size, rows) > limit and batching.size < size else 0)


def test_batches_are_of_about_equal_size():
    sizes: list[int] = []

    def work(batch):
        sizes.append(len(batch))
        return list(batch)

    Batching(64, print).run(range(66), work)
    assert sizes == [33, 33]


def test_a_single_row_that_does_not_fit_is_an_error():
    def work(batch):
        starve(0, batch)
        return list(batch)

    with pytest.raises(RelcliError, match="not enough memory for a single question"):
        Batching(8, lambda note: None).run([1, 2, 3], work)


def test_other_errors_are_not_swallowed():
    def work(batch):
        raise RuntimeError("shape mismatch")

    with pytest.raises(RuntimeError, match="shape mismatch"):
        Batching(8, print).run([1, 2], work)


def test_the_engine_goes_on_with_half_and_says_so_once(loaded, monkeypatch):
    items = ask_items(30)
    expected = [answer.token_ids for answer in Engine(loaded, max_new_tokens=3).answer(items)]
    right = shared_path.answer_rows

    def hungry(model, prefix, at, rows, **settings):
        starve(5, rows)
        return right(model, prefix, at, rows, **settings)

    monkeypatch.setattr(shared_path, "answer_rows", hungry)
    notes: list[str] = []
    engine = Engine(loaded, max_new_tokens=3, batch_size=24, on_note=notes.append)
    assert [answer.token_ids for answer in engine.answer(items)] == expected
    assert engine.batch_size <= 5
    assert len(notes) == 1 and notes[0].startswith("Out of memory with ")


def test_the_automatic_size_follows_free_memory(loaded, monkeypatch):
    sizes = []
    for free in (1 << 20, 1 << 26, 1 << 40):
        monkeypatch.setattr(memory, "_free_bytes", lambda device, free=free: free)
        sizes.append(memory.automatic(loaded))
    assert sizes[0] == 1 < sizes[1] < sizes[2] == memory.MOST_ON_CPU
