"""Sinks that a run found before it began, so that the shares on them could be kept."""

from collections.abc import Iterable
from pathlib import Path

from relcli.warehouse.insert import insert_rows
from relcli.warehouse.opening import connect

SinkRow = tuple[str, int, list[int]]
"""Layout, layer, and the numbers of its sinks."""


def save_sinks(database: Path | str, run: str, sinks: Iterable[SinkRow], n_answers: int) -> None:
    """Store a run's sinks in the place of what was there; n_answers: found over so many."""
    rows = [
        {"run": run, "layout": layout, "layer": layer, "cells": cells, "n_answers": n_answers}
        for layout, layer, cells in sinks
    ]
    with connect(database, read_only=False) as connection:
        connection.execute("DELETE FROM calibrated_sink WHERE run = ?", [run])
        insert_rows(connection, "calibrated_sink", rows)


def load_sinks(database: Path | str, run: str) -> list[SinkRow]:
    """A run's sinks, in order of layout and layer; none where none were looked for."""
    with connect(database, read_only=True) as connection:
        return connection.execute(
            "SELECT layout, layer, cells FROM calibrated_sink WHERE run = ? ORDER BY layout, layer", [run]
        ).fetchall()
