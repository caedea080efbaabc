"""Good inputs of every reader, broken by a number: the same number breaks them the same way.

    python -m tests.mutation_kit 0 500          tries the numbers 0 to 499
    python -m tests.mutation_kit 17 18          repeats number 17, with its traceback if it fails
    python -m tests.mutation_kit 17 18 OUT      also leaves the broken file in the folder OUT

A reader may take an input or refuse it with a RelcliError; anything else is a failure, and so is one that
takes longer than ten seconds.
"""

import json
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from relcli.config import command_defaults, read_config
from relcli.errors import RelcliError
from relcli.jobs.importing.attention import read_attention
from relcli.jobs.importing.npz import UnreadableNpz
from relcli.jobs.importing.problems import Problems
from relcli.jobs.importing.questions import dataset_of_entries, dataset_of_rows, match
from relcli.jobs.importing.results import read_results
from relcli.results.attention_maps import load_steps
from relcli.scenes.generation import generate_folder
from relcli.scenes.items import Dataset, Picture
from relcli.scenes.queries import read_entries
from relcli.scenes.reading import read_folder
from relcli.scenes.writing import FolderWriter
from relcli.tui.frame.settings import load_settings
from relcli.warehouse.datasets import prepare_dataset
from tests.mutation_ways import (
    ARCHIVE,
    BYTES,
    Way,
    change_cell,
    change_header,
    change_line,
    change_toml,
    change_tree,
    recode,
)

LONGEST_S = 10.0
SAMPLE = Path(__file__).parent / "fixtures" / "seed_sample"


@dataclass(frozen=True)
class Reader:
    """`file` is broken and stands there while `read` runs; `ways` break its bytes."""

    name: str
    file: Path
    read: Callable[[], object]
    ways: Sequence[Way]


def readers(root: Path) -> list[Reader]:
    """All readers, on good inputs made in a folder."""
    data = root / "data"
    generate_folder(data, n_scenes=4, seed=8, question_sets=("seed", "balanced"))
    victim = root / "victim.txt"
    victim.write_text("untouched")
    unfinished = root / "unfinished" / ".unfinished_00000_00003.jsonl"
    for name in ("settings.toml", "tui.json", "attention.npz", "study.duckdb.spool/run/full/map.npy"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(SAMPLE / "evaluation_results.csv", root / "results.csv")
    shutil.copy(SAMPLE / "queries.json", root / "queries.json")
    _write_attention(root / "attention.npz")
    np.save(root / "study.duckdb.spool/run/full/map.npy", np.full((2, 3, 4, 16), 0.05, np.float16))
    (root / "settings.toml").write_text(
        'db = "study.duckdb"\nformat = "csv"\n[run]\nmodel = "a/b"\nbatch-size = 16\n'
        '["db status"]\nformat = "json"\n'
    )
    remembered = {"theme": "relcli", "strength": 0.5, "statements": ["from run"]}
    (root / "tui.json").write_text(json.dumps(remembered))
    image = Image.open(data / "images/image_00001.png")
    for kind in ("jpg", "webp", "bmp"):
        image.save(root / f"picture.{kind}")
    Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 999).save(root / "picture.png")
    unfinished.parent.mkdir()
    shutil.copy(data / "images/image_00001.png", unfinished.parent)
    lines = [{"image_id": n, "image_filename": f"image_{n:05d}.png", "questions": []} for n in range(3)]
    unfinished.write_text("".join(json.dumps(line) + "\n" for line in lines))

    def results() -> None:
        read = read_results(root / "results.csv", Problems(), partial=True)
        made = dataset_of_rows(read.rows, "made")
        match(read.rows, made, Problems())
        _check_storable(made)

    def attention() -> None:
        try:
            read_attention(root / "attention.npz").step_entropy.sum()
        except UnreadableNpz as error:  # what `read_all` counts and continues after
            raise RelcliError(str(error)) from error

    def settings() -> None:
        commands = {"run": ["model", "batch_size", "db", "format"], "db status": ["db", "format"]}
        command_defaults(read_config(root / "settings.toml"), commands)

    def clear() -> None:
        with FolderWriter(unfinished.parent, [7]):
            pass
        shutil.rmtree(unfinished.parent)
        unfinished.parent.mkdir()

    def untouched() -> None:
        try:
            clear()
        finally:
            if not victim.exists():
                victim.write_text("untouched")
                raise AssertionError("a file outside the folder was touched")

    def folder() -> None:
        read = read_folder(data)
        json.dumps([read.question_sets, [item.twin_changed for item in read.items]])
        _check_storable(read)

    def queries() -> None:
        _check_storable(dataset_of_entries(read_entries(root / "queries.json"), "made"))

    text, tree = (*BYTES, recode), (*BYTES, recode, *[change_tree] * 12)
    made = [
        Reader("results", root / "results.csv", results, (*text, *[change_cell] * 12)),
        Reader("queries", root / "queries.json", queries, tree),
        Reader("attention", root / "attention.npz", attention, (*BYTES, *ARCHIVE * 4)),
        Reader("settings", root / "settings.toml", settings, (*text, *[change_toml] * 6)),
        Reader("tui settings", root / "tui.json", lambda: load_settings(root / "tui.json"), tree),
        Reader("unfinished", unfinished, untouched, (*text, *[change_line] * 12)),
        Reader("map", root / "study.duckdb.spool/run/full/map.npy",
               lambda: load_steps(root / "study.duckdb", "study.duckdb.spool/run/full/map.npy", 16),
               (*BYTES, *[change_header] * 5)),
    ]  # fmt: skip
    for name in (
        *("queries.json", "annotations/annotation_00001.json", "metadata_00000_00003.json"),
        *(f"masked/annotations/{file.name}" for file in sorted((data / "masked/annotations").iterdir())[:2]),
        *("images/image_00001.png", "masked/images/image_00001_masked.png"),
    ):
        made.append(Reader(f"folder {name}", data / name, folder, tree if name.endswith("json") else BYTES))
    for file in sorted(root.glob("picture.*")):
        made.append(Reader(file.name, file, lambda file=file: _look(Picture(file)), BYTES))
    return made


def _check_storable(dataset: Dataset) -> None:
    """Raise what the warehouse would: it takes no half characters, and numbers of 32 bits, a seed of 64."""
    for table, rows in prepare_dataset(dataset, "made").rows.items():
        for name, value in ((name, value) for row in rows for name, value in row.items()):
            for each in value if isinstance(value, list | tuple) else [value]:
                if isinstance(each, str):
                    each.encode()
                elif isinstance(each, int) and abs(each) >= 1 << (63 if name == "seed" else 31):
                    raise OverflowError(f"{table}.{name}: {str(each)[:30]}")


def _write_attention(path: Path) -> None:
    mean = np.full(64, 1 / 64, np.float16)
    arrays: dict[str, Any] = {"num_layers": 2, "num_steps": 3, "vision_token_range": np.array([4, 68])}
    for layer in range(2):
        for name in ("mean_pooled_heads", "max_pooled_heads", "mean_across_steps", "last_step"):
            arrays[f"layer_{layer}_{name}"] = mean
        for name in ("mean_heads", "max_heads", "mean_steps", "last"):
            arrays[f"layer_{layer}_entropy_{name}"] = np.float32(3.5)
    np.savez(path, **arrays)


def _look(picture: Picture) -> None:
    picture.check()
    picture.png()
    picture.image()


def break_by(number: int, reader: Reader) -> tuple[bytes, str]:
    """A reader's good input broken by a number, in one way or several, and the names of the ways."""
    rng = random.Random(f"{reader.name} {number}")
    ways = [rng.choice(reader.ways)]
    broken = ways[0](reader.file.read_bytes(), rng)
    while broken and rng.random() < 0.3:
        ways.append(rng.choice(BYTES))
        broken = ways[-1](broken, rng)
    return broken, ", ".join(way.__name__ for way in ways)


def attempt(reader: Reader, number: int) -> str | None:
    """Break a reader's input by a number and read it; says what went wrong, None if nothing did."""
    good = reader.file.read_bytes()
    broken, ways = break_by(number, reader)
    started = time.monotonic()
    try:
        reader.file.write_bytes(broken)
        reader.read()
    except RelcliError:
        pass
    except Exception:
        return f"{reader.name}, number {number}, {ways}: {traceback.format_exc(limit=-6)}"
    finally:
        reader.file.parent.mkdir(exist_ok=True)
        reader.file.write_bytes(good)
    if (took := time.monotonic() - started) > LONGEST_S:
        return f"{reader.name}, number {number}, {ways}: it took {took:.0f} s"
    return None


def peak_megabytes() -> int:
    """The most memory this process has held. On Linux not from getrusage, which also counts what the process
    that started this one held."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) >> 10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> (20 if sys.platform == "darwin" else 10)


def main(first: int, end: int, keep: Path | None = None) -> None:
    """Try the numbers, reader by reader in turn; prints failures and the most memory that was held, in MB."""
    warnings.simplefilter("ignore")
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        all_readers = readers(Path(folder))
        for number in range(first, end):
            reader = all_readers[number % len(all_readers)]
            if keep:
                broken, _ = break_by(number, reader)
                (keep / f"{number}-{reader.file.name}").write_bytes(broken)
            if failure := attempt(reader, number):
                failures.append(failure)
    megabytes = peak_megabytes()
    json.dump(
        {"failures": failures, "readers": len(all_readers), "megabytes": megabytes}, sys.stdout, indent=1
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
