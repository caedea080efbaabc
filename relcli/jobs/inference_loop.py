"""From tasks to rows: asks the engine chunk by chunk, grades, and leaves each chunk in the spool."""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from relcli.analysis.choices import read_choice
from relcli.analysis.grading import is_correct, seed_grade
from relcli.jobs.plan import RunPlan, Task
from relcli.models.answer_engine import AnswerEngine
from relcli.models.items import Answer, AskItem, PromptItem
from relcli.progress import Progress
from relcli.scenes.questions import Question
from relcli.scenes.spans import question_spans
from relcli.warehouse.batch import AttentionBatch
from relcli.warehouse.spool import SpoolWriter


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
    full_folder: Path,
    progress: Progress,
) -> Iterator[int]:
    """Ask everything in `plan`; yields after each chunk, when its answers are safe, how many there were."""
    chunker, position = Chunker(_least_pictures(engine, plan)), 0
    right: dict[str, list[int]] = {}
    while position < len(plan.tasks):
        tasks = plan.tasks[position : position + chunker.size]
        started = time.monotonic()
        answers = engine.answer([ask_item(task) for task in tasks])
        pairs = list(zip(((task, q) for task in tasks for q in task.questions), answers, strict=True))
        rows = [answer_row(dataset, task, q, answer, full_folder) for (task, q), answer in pairs]
        spool.write(rows, _attention(pairs))
        chunker.took(len(tasks), time.monotonic() - started)
        position += len(tasks)
        for row in rows:
            right.setdefault(row["variant"], []).append(row["correct"])
        progress.metric(**{f"accuracy_{name}": round(sum(r) / len(r), 4) for name, r in right.items()})
        progress.advance(len(rows))
        yield len(rows)


def _least_pictures(engine: AnswerEngine, plan: RunPlan) -> int:
    return -(-engine.least_questions * len(plan.tasks) // max(plan.n_planned, 1))


def picture(task: Task) -> Image.Image:
    """The picture of a task; blank is white and of the raw picture's size."""
    if task.variant == "masked":
        assert task.item.masked is not None  # plan.py asks nothing of a twin that isn't there
        return task.item.masked.image()
    raw = task.item.image.image()
    return raw if task.variant == "raw" else Image.new("RGB", raw.size, (255, 255, 255))


def ask_item(task: Task) -> AskItem:
    prompts = [
        PromptItem(task.key(q), q.text, q.options, spans=question_spans(q.text, q.stem, q.options))
        for q in task.questions
    ]
    return AskItem((task.item.scene_id, task.variant), picture(task), prompts)


def answer_row(
    dataset: str, task: Task, question: Question, answer: Answer, full_folder: Path
) -> dict[str, Any]:
    """A row of table `answer`: what was said, read and graded. A full map goes to a file."""
    truth = task.truth(question)
    choice = read_choice(answer.text, question.options)
    return {
        "dataset": dataset,
        "scene_id": task.item.scene_id,
        "question_index": question.question_index,
        "variant": task.variant,
        "answer": answer.text,
        "choice": choice,
        "correct": is_correct(choice, truth),
        "seed_correct": seed_grade(answer.text, truth),
        "ground_truth": truth,
        "option_logprobs": answer.option_logprobs,
        "n_steps": answer.n_steps or None,  # not every server counts them
        "truncated": answer.truncated,
        "full_attention_path": _save_full(answer, task, question, full_folder),
        "prompt_tokens": [
            {"token_index": token.index, "text": token.text, "role": token.role} for token in answer.tokens
        ]
        or None,
    }


def _attention(pairs: Sequence[tuple[tuple[Task, Question], Answer]]) -> AttentionBatch | None:
    kept = [(task.key(q), answer.attention) for (task, q), answer in pairs if answer.attention is not None]
    if not kept:
        return None
    summaries = [summary for _, summary in kept]
    return AttentionBatch([key for key, _ in kept], summaries, [summary.rows for summary in summaries])


def _save_full(answer: Answer, task: Task, question: Question, folder: Path) -> str | None:
    """Write the full maps, float16 [steps, layers, heads, cells], to an .npy file; returns its path as seen
    from the warehouse's folder, so that both can move together."""
    if answer.attention is None or answer.attention.full is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"scene_{task.item.scene_id:05d}_q{question.question_index}_{task.variant}.npy"
    temporary = target.with_suffix(".tmp")
    with temporary.open("wb") as file:
        np.save(file, answer.attention.full, allow_pickle=False)
    os.replace(temporary, target)
    # <folder of the warehouse>/<file>.spool/<run>/full/<name>
    return str(target.relative_to(folder.parents[2]))
