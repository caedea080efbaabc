"""A small warehouse built row by row, for views and audits: rows in, rows out."""

import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from relcli.warehouse import opening
from relcli.warehouse.insert import insert_rows
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import Rows, query

TABLES = {
    "inference": "answer", "attention": "answer_attention", "scene": "raw_scene", "entity": "raw_entity",
    "relation": "raw_relation", "question": "question_text",
}  # fmt: skip
"""Views that rows can be put into, and the table that has their rows."""
START = datetime(2026, 1, 2, 3, 4, 5)
DEFAULTS: dict[str, dict[str, Any]] = {
    "dataset": {"n_scenes": 0, "has_annotations": False, "content_hash": "x", "created_at": START},
    "scene": {"dataset": "d", "image_filename": "image.png", "has_twin": True, "twin_changed": True},
    "entity": {
        "dataset": "d", "scene_id": 0, "shape": "circle", "size": "small", "color": "red",
        "name": "red circle", "center_x": 60, "center_y": 60, "in_twin": True,
    },
    "relation": {"dataset": "d", "scene_id": 0, "relation": "above", "explicit": True, "in_twin": True},
    "region": {
        "dataset": "d", "scene_id": 0, "kind": "entity", "item_id": 0, "grid_height": 1, "grid_width": 2,
    },
    "question": {
        "dataset": "d", "scene_id": 0, "question_set": "seed", "category": "count", "text": "How many?",
        "stem": "How many", "options": ["1", "2"], "ground_truth": "a)", "ground_truth_masked": "b)",
    },
    "run": {
        "run": "r", "dataset": "d", "kind": "run", "state": "done", "model": "m", "started_at": START,
        "attention": "none",
    },
    "inference": {
        "run": "r", "dataset": "d", "scene_id": 0, "variant": "raw", "answer": "a)", "choice": "a",
        "correct": True, "ground_truth": "a)",
    },
    "attention": {
        "run": "r", "scene_id": 0, "question_index": 0, "variant": "raw", "layer": 0, "grid_height": 1,
        "grid_width": 2, "mean_heads": [0.25, 0.25], "max_heads": [0.5, 0.25], "first_step": [0.25, 0.25],
        "last_step": [0.25, 0.25], "mean_heads_entropy": 0.693147, "max_heads_entropy": 0.6365,
        "first_step_entropy": 0.693147, "last_step_entropy": 0.693147, "step_entropy": [0.693147],
        "image_mass": 0.5, "n_steps": 1,
    },
    "head_attention": {
        "run": "r", "scene_id": 0, "question_index": 0, "variant": "raw", "presentation": "plain",
        "intervention": "none", "query_row": "answer", "layer": 0, "image_mass": [0.5, 0.25],
        "entropy": [0.6, 0.0], "target": [1.0, 0.1], "rest": [0.0, 0.9],
    },
    "token_attention": {
        "run": "r", "scene_id": 0, "question_index": 0, "variant": "raw", "presentation": "plain",
        "intervention": "none", "layer": 0, "first_token": 3, "image_mass": [0.5], "rest": [0.9],
    },
    "prompt_token": {
        "run": "r", "scene_id": 0, "question_index": 0, "presentation": "plain", "token_index": 3,
        "text": "How", "role": "token",
    },
    "calibrated_sink": {"run": "r", "layout": "1x2", "layer": 0, "cells": [], "n_answers": 32},
    "token_layout": {
        "layout": "l", "token_index": 0, "part": "tile", "x_min": 0.0, "y_min": 0.0, "x_max": 1.0,
        "y_max": 0.5,
    },
    "verification": {"run": "r", "checked_at": START, "passed": True},
    "attention_shift_fill": {
        "run": "r", "scene_id": 0, "question_index": 0, "vector": "mean_heads", "layer": 0,
    },
    "reference_accuracy": {"source": "a paper", "category": "count", "n": 10},
}  # fmt: skip


_MASKED = {
    "masked_filename": "image_filename", "masked_image": "image", "twin_changed": "differs",
    "masked_kind": "edit", "masked_entity_id": "entity_id", "masked_relation_index": "relation_index",
}  # fmt: skip


def split_rows(view: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows of a view as rows of the tables it is made of. A scene with a twin has an edit, so that its items
    are known to be in it or not."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in map(dict, rows):
        key = {name: row.get(name) for name in ("dataset", "scene_id")}
        if view == "scene":
            filename, has_twin = row.pop("image_filename"), row.pop("has_twin")
            masked = {name: row.pop(old) for old, name in _MASKED.items() if old in row}
            found["picture"].append(
                {**key, "variant": "raw", "image_filename": filename, "image": row.pop("image", None)}
            )
            if has_twin:
                masked = {"image_filename": "masked.png", "edit": "object", **masked}
                found["picture"].append({**key, "variant": "masked", **masked})
        elif view in ("entity", "relation"):
            if not row.pop("in_twin"):
                item = "entity_id" if view == "entity" else "relation_index"
                gone = {**key, "variant": "masked", item: row[item], "is_there": False}
                found[f"variant_{view}"].append(gone)
        elif view == "question":
            key["question_index"] = row["question_index"]
            truths = {"raw": row.pop("ground_truth"), "masked": row.pop("ground_truth_masked")}
            for variant, truth in truths.items():
                if truth:
                    found["question_truth"].append({**key, "variant": variant, "ground_truth": truth})
        found[TABLES.get(view, view)].append(row)
    return found


class Warehouse:
    """A warehouse file with `put` for rows and `ask` for SQL."""

    def __init__(self, path: Path, template: Path | None = None) -> None:
        self._path = path
        self._waiting: list[tuple[str, list[dict[str, Any]]]] = []
        if template:
            shutil.copy(template, path)
        else:
            ensure(path)

    @property
    def path(self) -> Path:
        """The file, with all that was put into it."""
        self.write()
        return self._path

    def write(self) -> None:
        """Insert now what was put in."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            with connect(self._path, read_only=False) as connection:
                for into, of_table in waiting:
                    insert_rows(connection, into, of_table)

    def put(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Rows to insert before anybody looks, all at once: opening the file takes longer than inserting.
        Columns left out get a plain default."""
        full = [{**DEFAULTS.get(table, {"dataset": "d"}), **row} for row in rows]
        self._waiting += split_rows(table, full).items()

    def answers(self, category: str, outcomes: Iterable[tuple[bool, bool | None]], run: str = "r") -> None:
        """One question per outcome, answered raw and (unless None) masked, right or wrong as given."""
        first = self.ask("SELECT coalesce(max(question_index) + 1, 0) FROM question").rows[0][0]
        questions, given = [], []
        for index, (raw, masked) in enumerate(outcomes, first):
            questions.append({"question_index": index, "category": category})
            for variant, correct in (("raw", raw), ("masked", masked)):
                if correct is not None:
                    given.append(
                        {"run": run, "question_index": index, "variant": variant, "correct": correct}
                    )
        self.put("question", *questions)
        self.put("inference", *given)

    def ask(self, sql: str, **params: Any) -> Rows:
        return query(self.path, sql, params or None)


@pytest.fixture(scope="session", autouse=True)
def one_opening_for_reads() -> Iterator[None]:
    """Opening a warehouse takes longer than most reads: the one last read stays open until another file is
    read, or anything is written. Rows are what is looked at here, not files."""
    open_file = opening._open
    kept: list[tuple[object, duckdb.DuckDBPyConnection]] = []

    def open_or_join(path: Path, shown: Path, read_only: bool, timeout_s: float, config: dict[str, Any]):
        key = (path, config)
        if kept and (not read_only or kept[0][0] != key):
            kept.pop()[1].close()
        connection = open_file(path, shown, read_only, timeout_s, config)
        if read_only and not kept:
            kept.append((key, connection.cursor()))
        return connection

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(opening, "_open", open_or_join)
        yield
    for _, connection in kept:
        connection.close()


@pytest.fixture(scope="session")
def new_warehouse() -> type[Warehouse]:
    """To make a warehouse at a path, for fixtures with a wider scope."""
    return Warehouse


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty warehouse, made once and copied."""
    return Warehouse(tmp_path_factory.mktemp("template") / "test.duckdb").path


@pytest.fixture
def warehouse(tmp_path: Path, template: Path) -> Warehouse:
    return Warehouse(tmp_path / "test.duckdb", template)
