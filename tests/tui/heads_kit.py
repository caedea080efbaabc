"""A warehouse with a run that keeps heads and tokens, with invented shares, made through the project's doors.

The token that names what is asked about looks at it, and so does head 1 of layer 3 in the row `target`; all
others know nothing of the question. Nothing in it depends on when or where it is made.
"""

import random
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from relcli.captures import QUERY_ROWS
from relcli.models.items import RegionShares, RowAttention
from relcli.scenes.questions import Question
from relcli.scenes.spans import question_spans
from relcli.warehouse.batch import AttentionBatch, Key, TokenShares
from relcli.warehouse.datasets import register_dataset
from relcli.warehouse.ingest import ingest
from relcli.warehouse.migrations import ensure
from relcli.warehouse.runs import RunRecord, create_run, finish, update_run
from relcli.warehouse.spool import SpoolWriter
from tests.tui.warehouse_kit import GRID, N_LAYERS, START, answer, look, scenes_dataset

RUN = "heads-4b"
N_HEADS = 4
READS = (3, 1)
"""Layer and head that read what is asked about."""
FIRST_TOKEN = 70
CATEGORIES = ("recognition_color", "implicit_spatial")


@dataclass(frozen=True)
class Written:
    """A question's tokens: words, and the prompt around it."""

    texts: list[str]
    roles: dict[str, list[int]]

    @classmethod
    def of(cls, question: Question) -> "Written":
        words = re.findall(r"\s?[^\s?]+|\?|\s", question.text)
        texts = [*words, "<|im_end|>", "\n", "assistant", "\n"]
        ends = np.cumsum([len(text) for text in texts])
        roles: dict[str, list[int]] = {}
        for span in question_spans(question.text, question.stem, [*question.options]):
            token = int(np.searchsorted(ends, span.end))
            roles.setdefault(span.role, []).append(token)
            if span.role == "target":
                roles.setdefault("target_next", []).append(token + 1)
        return cls(texts, roles)

    def stored(self) -> list[dict[str, object]]:
        every = [("token", at) for at in range(len(self.texts))]
        of_rows = [(role, at) for role, places in self.roles.items() for at in dict.fromkeys(places)]
        return [
            {"token_index": FIRST_TOKEN + at, "text": self.texts[at], "role": role}
            for role, at in (*every, *of_rows)
        ]


def make_heads_warehouse(path: Path, n_scenes: int = 12) -> Path:
    ensure(path)
    dataset = scenes_dataset(n_scenes, name="heads-scenes")
    name = register_dataset(path, dataset)
    rows, keys, summaries, of_rows, heads, tokens = [], [], [], [], [], []
    for item in dataset.items:
        assert item.scene is not None
        for question in item.questions:
            if question.category not in CATEGORIES:
                continue
            written = Written.of(question)
            for variant in ("raw", "masked") if item.twin else ("raw",):
                rng = random.Random(f"{item.scene_id} {question.question_index} {variant}")
                noise = np.random.default_rng(rng.randrange(2**32))
                rows.append(
                    {"dataset": name, **answer(question, variant, rng, 0), "prompt_tokens": written.stored()}
                )
                keys.append(Key(item.scene_id, question.question_index, variant))
                summary = look(item.scene, question, variant, rng)
                summaries.append(summary)
                kept = [row for row in QUERY_ROWS if row in written.roles and row != "options"]
                of_rows.append(
                    {
                        row: RowAttention(
                            np.roll(summary.mean_heads, at + 1, axis=1),
                            summary.mean_heads_entropy,
                            summary.image_mass,
                        )
                        for at, row in enumerate(kept)
                    }
                )
                heads.append({row: _heads(row, noise) for row in ("answer", *kept)})
                tokens.append(TokenShares(FIRST_TOKEN, _tokens(written, noise)))
    create_run(
        path,
        RunRecord(
            run=RUN,
            dataset=name,
            question_set="seed",
            model="Qwen/Qwen3-VL-4B-Instruct",
            dtype="bfloat16",
            device="cuda",
            attention="summary,tokens,heads",
            query_rows=["answer", "target", "target_next", "stem_end"],
            variants=("raw", "masked"),
            categories=list(CATEGORIES),
            n_planned=len(rows),
            image_tokens=64,
            grid_height=GRID[0],
            grid_width=GRID[1],
            layout=f"{GRID[0]}x{GRID[1]}",
            image_width=256,
            image_height=256,
            started_at=START,
        ),
    )
    with SpoolWriter(path, RUN) as spool:
        spool.write(rows, AttentionBatch(keys, summaries, of_rows, heads, tokens))
    ingest(path, RUN)
    finish(path, RUN)
    update_run(path, RUN, finished_at=START, heartbeat_at=START)
    return path


def _shares(noise: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Shares that know nothing of the question, [layers, n]."""
    means = {"target": 0.12, "chance": 0.12, "distractor": 0.2, "removed": 0.05, "sink": 0.1, "rest": 0.5}
    return {
        name: (mean * noise.uniform(0.7, 1.3, (N_LAYERS, n))).astype(np.float32)
        for name, mean in means.items()
    }


def _heads(row: str, noise: np.random.Generator) -> RegionShares:
    shares = _shares(noise, N_HEADS)
    if row == "target":
        shares["target"][READS] = noise.uniform(0.5, 0.7)
    size = (N_LAYERS, N_HEADS)
    return RegionShares(shares, np.full(size, 0.4, np.float32), np.full(size, 3.0, np.float32))


def _tokens(written: Written, noise: np.random.Generator) -> RegionShares:
    n = len(written.texts)
    shares = _shares(noise, n)
    for token in written.roles.get("target", []):
        shares["target"][READS[0], token] = 0.6
    return RegionShares(
        shares, np.full((N_LAYERS, n), 0.4, np.float32), np.full((N_LAYERS, n), 3.0, np.float32)
    )
