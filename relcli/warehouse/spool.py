"""The spool: finished batches as Parquet parts under `<database file>.spool/<run>/`.

A batch is one part of several files: NAME.inference.parquet, and one for each table that it brings rows of
(relcli.captures.STORED), such as NAME.attention.parquet. All are written under temporary names, synced to
disk, and renamed, the inference file last: it is the mark that the part is whole. A name ends in the letters
of these tables, `-a` for attention, else in `-n`, and is never used twice.
"""

import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from relcli.atomic import sync
from relcli.captures import STORED
from relcli.errors import WarehouseError
from relcli.warehouse.attention_columns import attention_columns, row_columns
from relcli.warehouse.batch import AttentionBatch, Key
from relcli.warehouse.failures import explain
from relcli.warehouse.insert import as_columns, unnest_columns
from relcli.warehouse.layouts import with_layouts
from relcli.warehouse.names import make_name
from relcli.warehouse.opening import make_folder
from relcli.warehouse.parts import INFERENCE, TEMPORARY, Part, run_folder
from relcli.warehouse.quoting import literal
from relcli.warehouse.share_columns import Columns, head_columns, token_columns

INFERENCE_COLUMNS = {
    "run": "VARCHAR",
    "dataset": "VARCHAR",
    "scene_id": "INTEGER",
    "question_index": "INTEGER",
    "variant": "VARCHAR",
    "presentation": "VARCHAR",
    "intervention": "VARCHAR",
    "answer": "VARCHAR",
    "choice": "VARCHAR",
    "correct": "BOOLEAN",
    "seed_correct": "BOOLEAN",
    "ground_truth": "VARCHAR",
    "option_logprobs": "FLOAT[]",
    "lens_logprobs": "FLOAT[][]",
    "n_steps": "INTEGER",
    "truncated": "BOOLEAN",
    "answer_step": "INTEGER",
    "full_attention_path": "VARCHAR",
    "created_at": "TIMESTAMP",
}
# What a part's inference file holds besides: the tokens of the question that were read (table prompt_token),
# and where the image tokens stand (table token_layout), once for each layout that is no plain grid.
PART_COLUMNS = {
    **INFERENCE_COLUMNS,
    "prompt_tokens": "STRUCT(token_index INTEGER, text VARCHAR, role VARCHAR)[]",
    "token_layout": (
        "STRUCT(layout VARCHAR, token_index INTEGER, part VARCHAR, "
        "x_min DOUBLE, y_min DOUBLE, x_max DOUBLE, y_max DOUBLE)[]"
    ),
}


class SpoolWriter:
    """Writes the batches of one worker. Not for several threads at once; every process makes its own.

    Raises RelcliError when the disk is full or the folder can't be written (nothing of the batch remains),
    or when the run was removed meanwhile.
    """

    def __init__(self, database: Path | str, run: str, rank: int = 0) -> None:
        self.run = run
        self.folder = run_folder(database, run)
        self._stem = f"{rank:04d}-{make_name(socket.gethostname())}-{os.getpid()}-{secrets.token_hex(4)}"
        self._written = 0
        make_folder(self.folder)
        sync(self.folder.parent)
        self._memory = duckdb.connect(":memory:")

    def __enter__(self) -> "SpoolWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._memory.close()

    def write(
        self, inference: Sequence[Mapping[str, Any]], attention: AttentionBatch | None = None
    ) -> Part | None:
        """Put one batch on disk; whole or not at all, even if the process or the machine dies in between.

        `inference` rows are mappings with the columns of table `answer`, and `prompt_tokens`, mappings with
        those columns of `prompt_token` that are not in its key; `run` and `created_at` are filled in. Every
        key of `attention` must be among them. An empty batch writes nothing.
        """
        if not inference:
            return None
        self._check_keys(inference, attention)
        if not self.folder.is_dir():
            raise WarehouseError(
                f"The run {self.run} was removed while it was being answered: start it again."
            )
        found = {mode: columns for mode, columns in _columns_of(attention).items() if columns}
        letters = "".join(STORED[mode].letter for mode in found) or "n"
        part = Part(self.folder / f"{self._stem}-{self._written:06d}-{letters}{INFERENCE}")
        temporary = [file.with_name(f".{file.name}{TEMPORARY}") for file in part.files]
        try:
            self._write_inference(with_layouts(inference, attention), temporary[0])
            for columns, file in zip(found.values(), temporary[1:], strict=True):
                self._write_table(columns, file)
            for file in temporary:
                sync(file)
            for source, target in reversed(list(zip(temporary, part.files, strict=True))):
                os.replace(source, target)
            sync(self.folder)
        except BaseException as error:
            for file in temporary:
                file.unlink(missing_ok=True)
            if not part.inference.exists():
                for file in part.stored.values():
                    file.unlink(missing_ok=True)
            if isinstance(error, OSError | duckdb.IOException):
                raise explain(self.folder, error) from error
            raise
        self._written += 1
        return part

    def _check_keys(self, inference: Sequence[Mapping[str, Any]], attention: AttentionBatch | None) -> None:
        keys = [Key(**{name: row[name] for name in Key._fields if name in row}) for row in inference]
        if len(set(keys)) != len(keys):
            raise ValueError("a batch holds the same scene, question and variant twice")
        looked_at = list(attention.keys) if attention else []
        if len(set(looked_at)) != len(looked_at) or not set(looked_at) <= set(keys):
            raise ValueError("attention must belong to answers of the same batch, once each")

    def _write_inference(self, rows: Sequence[Mapping[str, Any]], file: Path) -> None:
        now = datetime.now(UTC).replace(tzinfo=None)
        filled = [{"created_at": now, **Key._field_defaults, **row, "run": self.run} for row in rows]
        self._memory.execute(
            f"COPY (SELECT {unnest_columns(PART_COLUMNS)}) TO {literal(str(file))} (FORMAT parquet)",
            as_columns(filled, PART_COLUMNS),
        )

    def _write_table(self, made: Sequence[Columns], file: Path) -> None:
        selects = []
        for i, (columns, select) in enumerate(made):
            # numpy columns by name: the type stub knows only data frames, the client takes both
            self._memory.register(f"batch_{i}", columns)
            selects.append(f"{select.removesuffix(' FROM batch')} FROM batch_{i}")
        try:
            rows = " UNION ALL BY NAME ".join(selects)
            self._memory.execute(
                f"COPY ({rows}) TO {literal(str(file))} (FORMAT parquet, COMPRESSION zstd)", {"run": self.run}
            )
        finally:
            for i in range(len(selects)):
                self._memory.unregister(f"batch_{i}")


def _columns_of(attention: AttentionBatch | None) -> dict[str, list[Columns]]:
    """What there is for each table of STORED, in its order."""
    if attention is None or not attention.keys:
        return {}
    groups = list(attention.groups())
    summary = [make(group) for group in groups for make in (attention_columns, row_columns)]
    return {
        "summary": [columns for columns in summary if columns],
        "heads": list(head_columns(attention)),
        "tokens": list(token_columns(attention)),
    }
