"""From tasks to rows: asks the engine chunk by chunk, grades, and leaves each chunk in the spool."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from PIL import Image

from relcli.analysis.answer_step import is_still_thinking
from relcli.analysis.choices import read_choice
from relcli.analysis.grading import is_correct, seed_grade
from relcli.captures import TOKEN
from relcli.errors import RelcliError
from relcli.jobs.full_maps import FullMaps
from relcli.jobs.hidden_arrays import HiddenArrays
from relcli.jobs.plan import RunPlan, Task
from relcli.jobs.run_regions import RunRegions
from relcli.models.answer_engine import AnswerEngine
from relcli.models.items import Answer, AskItem, AttentionSummary, PromptItem
from relcli.progress import Progress
from relcli.scenes.questions import Question
from relcli.scenes.spans import spans_of
from relcli.warehouse.batch import AttentionBatch, Key, TokenShares
from relcli.warehouse.spool import SpoolWriter

_ENOUGH = 4
"""Replies from which on it is told that a model never comes to an answer."""


class Chunker:
    """How many pictures go to the engine at once. A chunk should take a few seconds, for that is what a kill
    costs and how often progress moves. But a pass has costs of its own, so that few pictures are slow ones:
    it goes below `FEW` only where a single picture takes long."""

    AIM_S = 3.0
    FEW, MOST = 8, 96
    LONG_S = 20.0

    def __init__(self, least: int = 1) -> None:
        """least: pictures below which the engine would idle."""
        self._least = least
        self.size = max(self.FEW, least)

    def took(self, n_pictures: int, seconds: float) -> None:
        each = max(seconds / n_pictures, 1e-6)
        least = max(self._least, 1 if each > self.LONG_S else self.FEW)
        # At most doubled: the first chunk also pays for warming up.
        self.size = int(max(least, min(self.AIM_S / each, 2 * self.size, self.MOST)))


def answer_all(
    engine: AnswerEngine,
    plan: RunPlan,
    dataset: str,
    spool: SpoolWriter,
    full: FullMaps,
    hidden: HiddenArrays,
    progress: Progress,
    regions: RunRegions | None = None,
) -> Iterator[int]:
    """Ask everything in `plan`; yields after each chunk, when its answers are safe, how many there were.

    full, hidden: where full maps and states go, if the engine keeps them. regions: what heads and tokens keep
    shares on.
    """
    chunker, position = Chunker(_least_pictures(engine, plan)), 0
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    while position < len(plan.tasks):
        tasks = plan.tasks[position : position + chunker.size]
        started = time.monotonic()
        answers = engine.answer([ask_item(task, regions) for task in tasks])
        if position == 0:
            refuse_endless_thoughts(answers)
        pairs = list(zip(((task, q) for task in tasks for q in task.questions), answers, strict=True))
        paths = full.write(_kept(pairs))
        hidden.write([(task.key(q), answer) for (task, q), answer in pairs])
        rows = [answer_row(dataset, task, q, answer, paths.get(task.key(q))) for (task, q), answer in pairs]
        spool.write(rows, _attention(pairs))
        chunker.took(len(tasks), time.monotonic() - started)
        position += len(tasks)
        for row in rows:
            right[row["variant"]] += row["correct"]
            asked[row["variant"]] += 1
        progress.metric(**{f"accuracy_{name}": round(right[name] / n, 4) for name, n in asked.items()})
        progress.advance(len(rows))
        yield len(rows)


def refuse_endless_thoughts(answers: Sequence[Answer]) -> None:
    """Raises RelcliError if none of the first replies comes to an end of its thoughts: no step yields an
    answer then. Some servers keep thoughts to themselves, and such a reply is empty. A reply that can't be
    read for another reason is kept as it is."""
    if len(answers) >= _ENOUGH and all(
        a.truncated and (not a.text or is_still_thinking(a.text)) for a in answers
    ):
        raise RelcliError(
            f"The model does not come to an answer: all of the first {len(answers)} replies end within their "
            "thoughts (<think>). Give it more tokens (--max-new-tokens), or take a model or chat template "
            "that answers at once."
        )


def _least_pictures(engine: AnswerEngine, plan: RunPlan) -> int:
    return -(-engine.least_questions * len(plan.tasks) // max(plan.n_planned, 1))


def picture(task: Task) -> Image.Image:
    """The picture of a task; blank is white and of the raw picture's size."""
    found = task.item.picture(task.variant)
    assert found is not None  # plan.py asks nothing of a variant that isn't there
    return found


def ask_item(task: Task, regions: RunRegions | None = None) -> AskItem:
    known = [None] * len(task.questions) if regions is None else regions.of_task(task)
    prompts = [
        PromptItem(task.key(q), q.text, q.options, spans=spans_of(q, task.item.scene), regions=places)
        for q, places in zip(task.questions, known, strict=True)
    ]
    return AskItem((task.item.scene_id, task.variant), picture(task), prompts)


def answer_row(
    dataset: str, task: Task, question: Question, answer: Answer, full_path: str | None = None
) -> dict[str, Any]:
    """A row of table `answer`: what was said, read and graded. full_path: where its full maps lie."""
    truth = task.truth(question)
    choice = read_choice(answer.text, question.options)
    return {
        "dataset": dataset,
        "scene_id": task.item.scene_id,
        "question_index": question.question_index,
        "variant": task.variant,
        "presentation": question.presentation,
        "answer": answer.text,
        "choice": choice,
        "correct": is_correct(choice, truth),
        "seed_correct": seed_grade(answer.text, truth),
        "ground_truth": truth,
        "option_logprobs": answer.option_logprobs,
        "lens_logprobs": answer.lens,
        "n_steps": answer.n_steps or None,  # not every server counts them
        "truncated": answer.truncated,
        "answer_step": answer.answer_step,
        "full_attention_path": full_path,
        "prompt_tokens": [
            {"token_index": token.index, "text": token.text, "role": token.role} for token in answer.tokens
        ]
        or None,
    }


def _attention(pairs: Sequence[tuple[tuple[Task, Question], Answer]]) -> AttentionBatch | None:
    kept = _kept(pairs)
    if not kept:
        return None
    tokens: list[TokenShares | None] = []
    for answer in (answer for _, answer in pairs if answer.attention is not None):
        places = [token.index for token in answer.tokens if token.role == TOKEN]
        shares = answer.attention.tokens if answer.attention else None
        tokens.append(TokenShares(min(places), shares) if places and shares is not None else None)
    return AttentionBatch(
        [key for key, _ in kept],
        [summary for _, summary in kept],
        [summary.rows for _, summary in kept],
        [summary.heads for _, summary in kept],
        tokens,
    )


def _kept(pairs: Sequence[tuple[tuple[Task, Question], Answer]]) -> list[tuple[Key, AttentionSummary]]:
    return [(task.key(q), answer.attention) for (task, q), answer in pairs if answer.attention is not None]
