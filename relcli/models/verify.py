"""Check the fast path against the study's way on some questions: correctness is measured, not assumed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from relcli.errors import UsageError
from relcli.models.engine import Engine
from relcli.models.items import Answer, AskItem, AttentionSummary
from relcli.models.reference import Reference, summarise

# Largest allowed difference of an attention weight. In half precision the two ways round differently.
TOLERANCE = {torch.float32: 1e-5}
HALF_TOLERANCE = 2e-2

COMPARED = ("mean_heads", "max_heads", "first_step", "last_step")


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check found. max_attention_error: largest difference of a summary's weight, absolute."""

    n_questions: int
    tokens_equal: bool
    max_attention_error: float
    answers_equal_across_batch: bool
    tolerance: float
    passed: bool
    detail: str


def verify(
    engine: Engine,
    items: Sequence[AskItem],
    n: int = 20,
    *,
    advance: Callable[[int], None] | None = None,
) -> Verification:
    """Ask the first n questions of `items` both ways, and the fast way in batches of 1, 7 and n.

    advance is called with 1 for each question asked the slow way. Attention is compared in every mode.
    Raises UsageError if there is no question, or if the model is not one of the shared-prefix path's.
    """
    chosen = first_questions(items, n)
    asked = [(item, prompt) for item in chosen for prompt in item.prompts]
    if not asked:
        raise UsageError("There is no question to verify with: choose a data set that has some.")
    if engine.loaded.processor is not None:
        raise UsageError(
            f"The model {engine.loaded.name!r} takes the plain path already: there is no faster path to "
            "verify."
        )
    loaded, limit = engine.loaded, engine.max_new_tokens
    runs = [
        Engine(loaded, max_new_tokens=limit, batch_size=size, shared_prefix=engine.shared_prefix).answer(
            chosen
        )
        for size in (len(asked), 7, 1)
    ]
    slow = []
    with Reference(loaded, end_ids=engine.end_ids, max_new_tokens=limit) as study:
        for item, prompt in asked:
            slow.append(study.ask(item.image, prompt.text))
            if advance:
                advance(1)
    differing = [
        str(answer.key)
        for answer, slowly in zip(runs[0], slow, strict=True)
        if answer.token_ids != slowly.token_ids
    ]
    error = (
        max(
            attention_error(answer.attention, summarise(slowly))
            for answer, slowly in zip(runs[0], slow, strict=True)
            if answer.token_ids == slowly.token_ids
        )
        if len(differing) < len(asked)
        else float("inf")
    )
    across = all(same_tokens(runs[0], other) for other in runs[1:])
    tolerance = TOLERANCE.get(loaded.dtype, HALF_TOLERANCE)
    problems = []
    if differing:
        problems.append(
            f"tokens differ in {len(differing)} of {len(asked)} questions, {differing[0]} among them"
        )
    if error > tolerance:
        problems.append(f"attention differs by up to {error:.2g}, above {tolerance:.0e}")
    if not across:
        problems.append("answers change with the batch size")
    detail = "; ".join(problems) or (
        f"{len(asked)} questions: tokens equal, attention within {error:.1e}, the same in batches of 1, 7, "
        f"{len(asked)}"
    )
    return Verification(len(asked), not differing, error, across, tolerance, not problems, detail)


def attention_error(ours: AttentionSummary | None, theirs: AttentionSummary) -> float:
    """Largest absolute difference between two summaries' weights."""
    assert ours is not None
    return max(float(np.abs(getattr(ours, name) - getattr(theirs, name)).max()) for name in COMPARED)


def same_tokens(one: Sequence[Answer], other: Sequence[Answer]) -> bool:
    return all(a.token_ids == b.token_ids for a, b in zip(one, other, strict=True))


def first_questions(items: Sequence[AskItem], n: int) -> list[AskItem]:
    """The items, cut off after n questions."""
    chosen: list[AskItem] = []
    left = n
    for item in items:
        if left <= 0:
            break
        prompts = list(item.prompts)[:left]
        left -= len(prompts)
        chosen.append(AskItem(item.key, item.image, prompts))
    return chosen
