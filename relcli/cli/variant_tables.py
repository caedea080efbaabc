"""What `relcli run` prints of further variants of the pictures, and of questions put in several ways."""

from pathlib import Path
from typing import Any

from relcli.cli.output import talk, write_rows

Row = dict[str, Any]


def write_variant_tables(database: Path, run: str, form: str) -> None:
    """A table for each where the run has such answers. In forms for programs, which expect one table,
    nothing: the views accuracy_by_category, answer_change, consistency and robustness have it all."""
    if form not in ("table", "markdown"):
        return
    from relcli.warehouse.reads import read

    if variants := read(database, "variant_table", run=run).as_dicts():
        talk("")
        columns = ["category", "picture", "n", "accuracy (95%)", "follows the truth", "stays with it"]
        write_rows([*columns, "right on all (95%)"], [_variant(row) for row in variants], form)
        talk(
            "\nfollows the truth: of the questions with another right answer than on the raw picture, those "
            "with another\nanswer (in brackets, the right one). right on all: questions answered rightly on "
            "every picture but the blank one."
        )
    if ways := read(database, "robustness_table", run=run).as_dicts():
        talk("")
        columns = ["category", "picture", "n", "plain", "all ways (95%)", "worst case (95%)", "flips (95%)"]
        write_rows([*columns, "by order", "by wording"], [_ways(row) for row in ways], form)
        talk(
            "\nworst case: right however the question was put. flips: not always the same option, wherever "
            "it stands."
        )


def _variant(row: Row) -> list[Any]:
    follows = "" if not row["n_truth_changes"] else _share(row["changes_with_truth"])
    if follows:
        follows += f" ({_share(row['changes_rightly'])}) of {row['n_truth_changes']}"
    stays = "" if not row["n_truth_stays"] else f"{_share(row['stays_with_truth'])} of {row['n_truth_stays']}"
    return [
        row["category"],
        row["variant"],
        row["n"],
        _with_ends(row, "accuracy", "ci"),
        follows,
        stays,
        _with_ends(row, "consistent", "consistent"),
    ]


def _ways(row: Row) -> list[Any]:
    return [
        row["category"],
        row["variant"],
        row["n"],
        _share(row["accuracy_plain"]),
        _with_ends(row, "accuracy", "accuracy"),
        _with_ends(row, "worst_case", "worst_case"),
        _with_ends(row, "flips", "flips"),
        _share(row["flips_by_order"]),
        _share(row["flips_by_wording"]),
    ]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _with_ends(row: Row, name: str, ends: str) -> str:
    if row[name] is None:
        return ""
    return f"{row[name]:.3f} ({row[f'{ends}_low']:.2f}-{row[f'{ends}_high']:.2f})"
