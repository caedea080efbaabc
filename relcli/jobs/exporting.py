"""A run back in the study's own form: its CSV, its queries.json, its attention files."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from relcli.atomic import replaced
from relcli.errors import InterruptedRun, RelcliError, UsageError
from relcli.inputs import is_plain_name
from relcli.jobs import study_format as seed_form
from relcli.jobs.stopping import stoppable
from relcli.progress import Progress
from relcli.scenes.layout import QUERIES
from relcli.scenes.queries import entry_to_json
from relcli.scenes.records import brief
from relcli.warehouse.load_attention import StoredAttention, stored_attention
from relcli.warehouse.reads import read
from relcli.warehouse.runs import get_run
from relcli.warehouse.scene_rows import to_study_question
from relcli.warehouse.unknown import unknown_run

Row = Mapping[str, Any]
_PICTURES = 16  # whose attention is fetched at once
_ANSWER_COLUMNS = ("answer", "correct", "truth_raw", "answer_masked", "correct_masked", "truth_masked")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: lines of the CSV without its first, and attention files."""

    out: Path
    n_lines: int
    n_files: int


def export_run(
    database: Path, run: str, out: Path, *, attention: bool | None = None, progress: Progress
) -> Exported:
    """Write a run to the new folder `out`, or its CSV alone if `out` ends in .csv; whole or not at all.

    `evaluation` is the warehouse's `correct`; texts of truths and answers are lower-cased, as the study has
    them. Left out, with a note: answers on blank pictures, which the form has no place for. `attention` None
    takes it along where there is some. Raises UsageError for an unknown run, RelcliError if `out` is there
    already, or if the run has no answers, or no attention though it is asked for.
    """
    record = get_run(database, run)
    if record is None:
        raise unknown_run(database, run)
    alone = out.suffix.lower() == ".csv"
    if alone and attention:
        raise UsageError(f"{out} is one file, and attention takes a folder: name one with --out.")
    refuse_taken(out)
    rows = read(database, "export_rows", run=run).as_dicts()
    [left] = read(database, "export_left", run=run).as_dicts()
    if not rows:
        raise RelcliError(f"The run {run} has no graded raw answers to export.")
    if attention and not left["n_attention"]:
        raise RelcliError(
            f"The run {run} holds no attention: export it with --no-attention, or run it again with "
            "--attention summary."
        )
    _note_left(left, progress)
    with stoppable(watch_stdin=progress.watch_stdin):
        try:
            n_files = 0
            with new_place(out) as place:
                if alone:
                    _write_csv(rows, place)
                else:
                    place.mkdir()
                    _write_csv(rows, place / seed_form.RESULTS)
                    _write_queries(rows, place / QUERIES)
                    if left["n_attention"] and attention is not False:
                        vision = left["vision_token_range"]
                        n_files = _write_attention(database, run, rows, vision, place, progress)
        except KeyboardInterrupt:
            raise InterruptedRun(f"Interrupted; nothing was kept in {out}.") from None
    progress.finish({"out": str(out), "lines": len(rows), "files": n_files})
    return Exported(out, len(rows), n_files)


def npz_arrays(found: StoredAttention, vision: Sequence[int] | None) -> dict[str, NDArray]:
    """All arrays of one attention file. Vectors are float16 [cells]; `vision` is the place of the image
    tokens in the prompt, that of Qwen's chat templates if None."""
    arrays: dict[str, NDArray] = {}
    n_layers, n_cells = found.vectors["mean_heads"].shape
    halves = {name: vectors.astype(np.float16) for name, vectors in found.vectors.items()}
    for layer in range(n_layers):
        for name, column in seed_form.VECTORS.items():
            arrays[seed_form.vector_key(layer, name)] = halves[column][layer]
        for name, column in seed_form.ENTROPIES.items():
            arrays[seed_form.entropy_key(layer, name)] = found.entropies[column][layer]
        arrays[seed_form.steps_key(layer)] = np.array(found.n_steps)
    start = seed_form.VISION_START
    return arrays | {
        "num_layers": np.array(n_layers),
        "num_steps": np.array(found.n_steps),
        "vision_token_range": np.array(vision or [start, start + n_cells]),
    }


def _note_left(left: Row, progress: Progress) -> None:
    for name, what in (("n_blank", "answers on blank pictures"), ("n_masked_alone", "masked answers alone")):
        if left[name]:
            progress.note(f"Left out: {left[name]:,} {what}, which the study's form has no place for.")


def refuse_taken(out: Path) -> None:
    """Raises RelcliError if `out` is a file, or a folder with something in it."""
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise RelcliError(f"{out} is there already: choose another place, or remove it first.")


@contextmanager
def new_place(out: Path) -> Iterator[Path]:
    """A name beside `out` to write to, which takes its place at the end or goes."""
    try:
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        with replaced(out) as temporary:
            yield temporary
    except OSError as error:
        raise RelcliError(
            f"{out} can't be written ({error.strerror or error}); nothing of it was kept."
        ) from error


def _write_csv(rows: Sequence[Row], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        _write_lines(rows, file)


def _write_lines(rows: Sequence[Row], file: IO[str]) -> None:
    writer = csv.writer(file)  # lines end as the study's do, in CR LF
    writer.writerow(seed_form.COLUMNS)
    graded = {right: word for word, right in seed_form.EVALUATIONS.items()}
    for row in rows:
        cells = [row["image_filename"], row["category"], row["text"]]
        cells += [row["truth_raw"].lower(), row["answer"].lower(), graded[row["correct"]]]
        if row["correct_masked"] is None:
            cells += ["", "", ""]
        else:
            masked = row["correct_masked"]
            cells += [row["truth_masked"].lower(), row["answer_masked"].lower(), graded[masked]]
        writer.writerow(cells)


def _write_queries(rows: Sequence[Row], path: Path) -> None:
    entries = []
    for (scene_id, name), group in groupby(rows, key=lambda row: (row["scene_id"], row["image_filename"])):
        questions = [
            to_study_question(
                {k: v for k, v in row.items() if k not in (*_ANSWER_COLUMNS, "image_filename")}
            )
            for row in group
        ]
        entries.append(entry_to_json(scene_id, name, questions))
    path.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_attention(
    database: Path,
    run: str,
    rows: Sequence[Row],
    vision: Sequence[int] | None,
    place: Path,
    progress: Progress,
) -> int:
    """One file an answer, named by its question's place among the picture's lines in the CSV."""
    names: dict[tuple[int, int], tuple[str, int]] = {}
    for _, group in groupby(rows, key=lambda row: row["scene_id"]):
        for number, row in enumerate(group):
            # The name comes from the warehouse, which may come from somebody else.
            if not is_plain_name(row["image_filename"]):
                raise RelcliError(f"The picture {brief(row['image_filename'])} has no plain file name.")
            stem = Path(row["image_filename"]).stem
            names[row["scene_id"], row["question_index"]] = (stem, number)
    scenes = sorted({scene_id for scene_id, _ in names})
    total = sum(1 + (row["correct_masked"] is not None) for row in rows)
    progress.start(total, "files", "Writing attention")
    written = 0
    for start in range(0, len(scenes), _PICTURES):
        some = scenes[start : start + _PICTURES]
        for found in stored_attention(database, run, some[0], some[-1]):
            scene_id, question_index, variant = found.key[:3]
            if (scene_id, question_index) not in names:
                continue
            stem, number = names[scene_id, question_index]
            folder = place / seed_form.ATTENTION / seed_form.attention_folder(stem, variant)
            folder.mkdir(parents=True, exist_ok=True)
            np.savez(folder / seed_form.attention_file(number), **npz_arrays(found, vision))  # type: ignore[arg-type]
            written += 1
            progress.advance()
    return written
