"""What keeping heads, tokens and full maps costs beside summaries: time and bytes, in one run.

    python -m benchmarks.heads --questions 120 --repeats 3

Asks the same questions in turns with each mode of --attention, each into the spool. Printed: processor time a
question and the median ratio to the summary of the same turn; bytes an answer in the tables of a DuckDB file.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import duckdb
import numpy as np
import torch

from benchmarks.engine import questions
from benchmarks.rows import with_spans
from relcli.captures import DEFAULT_ROWS, REGIONS, STORED, TOKEN
from relcli.models.items import Answer, AskItem, PictureRegions
from relcli.models.local.engine import Engine
from relcli.models.local.loading import LoadedModel, load
from relcli.warehouse.batch import AttentionBatch, Key, TokenShares
from relcli.warehouse.parts import finished_parts
from relcli.warehouse.quoting import literal
from relcli.warehouse.spool import SpoolWriter

MODES = ("summary", "tokens", "heads", "full")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="bundled", help="bundled, a folder or a hub id")
    parser.add_argument("--questions", type=int, default=120)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    loaded = load(options.model)
    items = with_regions(with_spans(questions(options.questions)), loaded)
    spent: dict[str, list[float]] = {mode: [] for mode in MODES}
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "w.duckdb"
        for repeat in range(options.repeats + 1):
            for mode in MODES:
                seconds = once(loaded, items, database, mode, repeat)
                if repeat:  # the first turn warms up
                    spent[mode].append(seconds)
        for mode in MODES:
            each = 1000 * statistics.median(spent[mode]) / options.questions
            ratio = statistics.median(a / b for a, b in zip(spent[mode], spent["summary"], strict=True))
            told = "" if mode == "full" else bytes_kept(database, mode, options.questions)
            print(f"{mode:8} {each:6.2f} ms a question, {ratio:.3f} of the summary{told}")


def with_regions(items: list[AskItem], loaded: LoadedModel) -> list[AskItem]:
    """The regions don't have to be right to cost what they cost."""
    engine = Engine(loaded)
    cells = engine.image_grid(items[0].image).cells
    layers = loaded.config.get_text_config().num_hidden_layers
    rng = np.random.default_rng(0)
    covers = {name: rng.random(cells).astype(np.float32) for name in REGIONS if name != "sink"}
    regions = PictureRegions(covers, np.ones(cells, np.float32), rng.random((layers, cells)) < 0.05)
    return [
        replace(item, prompts=[replace(prompt, regions=regions) for prompt in item.prompts]) for item in items
    ]


def once(loaded: LoadedModel, items: list[AskItem], database: Path, mode: str, repeat: int) -> float:
    """Processor seconds to ask and write; full maps aren't written, for that is the disk's time."""
    engine = Engine(loaded, rows=DEFAULT_ROWS, attention=mode)
    with SpoolWriter(database, f"{mode}-{repeat}") as writer:
        started = time.process_time()
        write(writer, engine.answer(items))
        return time.process_time() - started


def write(writer: SpoolWriter, answers: Sequence[Answer]) -> None:
    rows, keys, summaries, tokens = [], [], [], []
    for answer in answers:
        (scene, variant), question = cast("tuple[tuple[int, str], int]", answer.key)
        key = Key(scene, question, variant)
        assert answer.attention is not None
        rows.append({**key._asdict(), "answer": answer.text})
        keys.append(key)
        summaries.append(answer.attention)
        first = min((token.index for token in answer.tokens if token.role == TOKEN), default=0)
        shares = answer.attention.tokens
        tokens.append(None if shares is None else TokenShares(first, shares))
    heads = [summary.heads for summary in summaries]
    writer.write(rows, AttentionBatch(keys, summaries, [each.rows for each in summaries], heads, tokens))


def bytes_kept(database: Path, mode: str, n: int) -> str:
    """Bytes an answer, and a number where there are shares, of the mode's table."""
    [part] = finished_parts(database, f"{mode}-1")
    file = database.with_name(f"{mode}.duckdb")
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"CREATE TABLE kept AS FROM {literal(str(part.stored[mode]))}")
        connection.execute("CHECKPOINT")
        there = {row[0] for row in connection.execute("DESCRIBE kept").fetchall()}
        columns = STORED[mode].columns.items()
        lists = [name for name, kind in columns if kind == "FLOAT[]" and name in there]
        counted = " + ".join(f"coalesce(sum(len({name})), 0)" for name in lists)
        [(numbers,)] = connection.execute(f"SELECT {counted} FROM kept").fetchall()
    size = file.stat().st_size
    return f"; {size / n:,.0f} bytes an answer, {size / float(numbers):.2f} a number of its lists"


if __name__ == "__main__":
    main()
