"""What reading the question's tokens costs beside the answer alone: time and bytes, in one run.

    python -m benchmarks.rows --questions 240 --repeats 7

Asks the same questions with the answer's row alone and with the rows that `relcli run` keeps, in turns, each
into the spool. Printed: processor time a question (steadier than the clock on a busy machine) and the median
ratio of neighbouring turns, of the engine alone and with the spool; bytes of a Parquet part, and of a DuckDB
file with its rows.
"""

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import duckdb
import torch

from benchmarks.engine import questions
from relcli.captures import DEFAULT_ROWS
from relcli.models.items import Answer, AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import LoadedModel, load
from relcli.scenes.parsing import parse_prompt
from relcli.scenes.spans import question_spans
from relcli.warehouse.batch import AttentionBatch, Key
from relcli.warehouse.parts import run_folder
from relcli.warehouse.quoting import literal
from relcli.warehouse.spool import SpoolWriter

ROWS = {"answer": ("answer",), "default": DEFAULT_ROWS}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="bundled", help="bundled, a folder or a hub id")
    parser.add_argument("--questions", type=int, default=240)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    items, loaded = with_spans(questions(options.questions)), load(options.model)
    asked: dict[str, list[float]] = {name: [] for name in ROWS}
    kept: dict[str, list[float]] = {name: [] for name in ROWS}
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "w.duckdb"
        for repeat in range(options.repeats + 1):
            for name in ROWS:
                first, second = once(loaded, items, database, name, repeat)
                if repeat:  # the first turn warms up
                    asked[name].append(first)
                    kept[name].append(second)
        for name in ROWS:
            each = 1000 / options.questions
            print(
                f"{name:8} {each * statistics.median(asked[name]):6.2f} ms a question to ask, "
                f"{each * statistics.median(kept[name]):6.2f} with the spool; {size(database, name)}"
            )
    for what, seconds in (("asking", asked), ("with the spool", kept)):
        pairs = zip(seconds["default"], seconds["answer"], strict=True)
        print(f"ratio, {what}: {statistics.median(more / less for more, less in pairs):.3f}")


def with_spans(items: list[AskItem]) -> list[AskItem]:
    def spanned(prompt: PromptItem) -> PromptItem:
        stem = parse_prompt(prompt.text).stem
        return replace(prompt, spans=question_spans(prompt.text, stem, prompt.options))

    return [replace(item, prompts=[spanned(prompt) for prompt in item.prompts]) for item in items]


def once(
    loaded: LoadedModel, items: list[AskItem], database: Path, name: str, repeat: int
) -> tuple[float, float]:
    """Processor seconds to ask, and to ask and write."""
    engine = Engine(loaded, rows=ROWS[name])
    with SpoolWriter(database, f"{name}-{repeat}") as writer:
        started = time.process_time()
        answers = engine.answer(items)
        done = time.process_time()
        writer.write(*batch(answers))
        return done - started, time.process_time() - started


def batch(answers: list[Answer]) -> tuple[list[dict[str, Any]], AttentionBatch]:
    """What relcli/jobs/inference_loop.py writes of them, without grades."""
    rows, keys, summaries = [], [], []
    for answer in answers:
        (scene, variant), question = cast("tuple[tuple[int, str], int]", answer.key)
        key = Key(scene, question, variant)
        tokens = [{"token_index": t.index, "text": t.text, "role": t.role} for t in answer.tokens]
        rows.append({**key._asdict(), "answer": answer.text, "prompt_tokens": tokens or None})
        assert answer.attention is not None
        keys.append(key)
        summaries.append(answer.attention)
    return rows, AttentionBatch(keys, summaries, [summary.rows for summary in summaries])


def size(database: Path, name: str) -> str:
    """Bytes of the attention of one turn."""
    [part] = run_folder(database, f"{name}-1").glob("*.attention.parquet")
    file = database.with_name(f"{name}.duckdb")
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"CREATE TABLE attention AS FROM {literal(str(part))}")
        connection.execute("CHECKPOINT")
    return f"{part.stat().st_size / 1e6:.2f} MB of Parquet, {file.stat().st_size / 1e6:.2f} MB in DuckDB"


if __name__ == "__main__":
    main()
