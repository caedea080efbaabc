"""Check the fast path against the study's way on some questions: correctness is measured, not assumed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from relcli.captures import OF_EVERY_ANSWER, QUERY_ROWS
from relcli.errors import UsageError
from relcli.models.items import AskItem, AttentionSummary
from relcli.models.local.engine import Engine
from relcli.models.local.reference import Reference, ReferenceAnswer, summarise
from relcli.models.local.rounding import Difference, Rounding
from relcli.models.local.verify_prompt import places_read, reading_error, with_halves
from relcli.token_layout import TokenLayout

# In half precision rounding decides which token is likeliest where the second lies less than this behind.
NEAR_TIE = 0.25  # logits

COMPARED = OF_EVERY_ANSWER
FIRST_STEP = "first_step"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check found.

    tokens_equal: literally, near ties counted as differences.
    max_attention_error: largest absolute difference of a weight; of replies with other tokens, at the first
        step and in the prompt.
    attention_equal: every weight agrees within what rounding does to it.
    passed: everything agrees; in half precision tokens may differ at near ties.
    """

    n_questions: int
    tokens_equal: bool
    max_attention_error: float
    answers_equal_across_batch: bool
    attention_equal: bool
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

    advance is called with 1 for each question asked the slow way. Attention is compared in every mode: the
    answer's, of the question's rows, and shares of single heads and tokens.
    Raises UsageError if there is no question.
    """
    chosen = first_questions(items, n)
    layouts = [engine.describe(item.image).layout for item in chosen]
    chosen = with_halves(chosen, [layout or TokenLayout.unplaced(1) for layout in layouts])
    asked = [(item, prompt) for item in chosen for prompt in item.prompts]
    if not asked:
        raise UsageError("There is no question to verify with: choose a data set that has some.")
    loaded, limit = engine.loaded, engine.max_new_tokens
    sizes = list(dict.fromkeys((len(asked), min(7, len(asked)), 1)))
    runs = [
        Engine(
            loaded,
            attention=("tokens", "heads"),
            rows=QUERY_ROWS,
            max_new_tokens=limit,
            batch_size=size,
            shared_prefix=False if engine.whole_prompts else None,
        ).answer(chosen)
        for size in sizes
    ]
    rounding = Rounding.of(loaded.dtype)
    slow, read = [], []
    with Reference(loaded, end_ids=engine.end_ids, max_new_tokens=limit) as study:
        for (item, prompt), answer in zip(asked, runs[0], strict=True):
            slowly = study.ask(item.image, prompt.text, places_read(answer))
            assert prompt.regions is not None
            assert slowly.prompt is not None
            read.append(reading_error(answer, slowly.prompt, slowly.weights[0], prompt.regions, rounding))
            slowly.prompt = None  # large, and compared
            slow.append(slowly)
            if advance:
                advance(1)
    half = loaded.dtype is not torch.float32
    tokens = Agreement.of([answer.token_ids for answer in runs[0]], slow, half)
    across = [Agreement.of([answer.token_ids for answer in run], slow, half) for run in runs[1:]]
    same_across = all(
        one.token_ids == other.token_ids for run in runs[1:] for one, other in zip(runs[0], run, strict=True)
    )
    # Replies that part have the first step in common, whatever they say.
    errors = [
        attention_error(
            answer.attention,
            summarise(slowly),
            rounding,
            COMPARED if answer.token_ids == slowly.token_ids else (FIRST_STEP,),
        )
        for answer, slowly in zip(runs[0], slow, strict=True)
    ]
    error = Difference.most([*errors, *read])
    problems = []
    if tokens.wrong:
        problems.append(f"tokens differ in {tokens.wrong} of {len(asked)} questions")
    if error.of_allowed > 1:
        problems.append(
            f"attention differs by up to {error.largest:.2g}, {error.of_allowed:.1f} times what rounding may "
            f"do ({rounding})"
        )
    if any(one.wrong for one in across) or not (same_across or half):
        problems.append("answers change with the batch size")
    ties = f" but for {tokens.ties} near ties" if tokens.ties else ""
    detail = "; ".join(problems) or (
        f"{len(asked)} questions: tokens equal{ties}, attention within {error.largest:.1e}, "
        f"the same in batches of {' and '.join(map(str, reversed(sizes)))}"
        f"{' or near ties' if not same_across else ''}"
    )
    equal = tokens.wrong + tokens.ties == 0
    return Verification(
        len(asked), equal, error.largest, same_across, error.of_allowed <= 1, not problems, detail
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many replies differ from the study's way: at a tie that half precision can't settle, or wrongly."""

    ties: int
    wrong: int

    @staticmethod
    def of(ours: Sequence[list[int]], slow: Sequence[ReferenceAnswer], half: bool) -> "Agreement":
        ties = wrong = 0
        for tokens, slowly in zip(ours, slow, strict=True):
            if tokens == slowly.token_ids:
                continue
            pairs = zip(tokens, slowly.token_ids, strict=False)
            step = next((i for i, (one, other) in enumerate(pairs) if one != other), None)
            if half and step is not None and slowly.runners_up[step][1] < NEAR_TIE:
                ties += 1
            else:
                wrong += 1
        return Agreement(ties, wrong)


def attention_error(
    ours: AttentionSummary | None,
    theirs: AttentionSummary,
    rounding: Rounding,
    names: Sequence[str] = COMPARED,
) -> Difference:
    """Difference between two summaries' weights, of the maps `names`."""
    assert ours is not None
    there = ~np.isnan(ours.mean_heads[:, 0])  # layers that have attention
    return Difference.most(
        rounding.difference(getattr(ours, name)[there], getattr(theirs, name)) for name in names
    )


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
