"""A run's table of accuracy by category, as commands and notebooks print it."""

from collections.abc import Sequence
from typing import Any


def category_lines(records: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    """Columns and cells of a run's table, from the rows of the read `category_table`."""
    with_blank = any(record["n_blank"] for record in records)
    with_words = any(_words(record, "words_alone") for record in records)
    columns = ["category", "n", "raw (95%)", "clean", "masked (95%)", "clean", "drop (95%)"]
    columns += ["words alone", "likeliest"] * with_words + ["blank (95%)"] * with_blank + ["unreadable"]
    return columns, [_line(record, with_words, with_blank) for record in records]


def _line(record: dict[str, Any], with_words: bool, with_blank: bool) -> list[Any]:
    cells = [
        record["category"],
        _counts(record["n_raw"], record["n_masked"]),
        _share(record, "raw"),
        _plain(record["raw_clean"]),
        _share(record, "masked"),
        _plain(record["masked_clean"]),
        _drop(record),
    ]
    if with_words:
        cells += [_words(record, "words_alone"), _words(record, "likeliest")]
    cells += [_share(record, "blank")] * with_blank
    return [*cells, f"{record['unreadable']:.1%}"]


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _words(record: dict[str, Any], name: str) -> str:
    """A score without the picture against the truths the run was graded by; two where it saw twins."""
    return "/".join(_plain(record[key]) for key in (name, f"masked_{name}") if record[key] is not None)


def _drop(record: dict[str, Any]) -> str:
    if record["drop"] is None:
        return ""
    return f"{record['drop']:+.3f} ({record['drop_low']:+.2f} to {record['drop_high']:+.2f})"


def _counts(raw: int | None, masked: int | None) -> str:
    """Questions asked; two numbers where some scenes have no twin."""
    known = list(dict.fromkeys(str(n) for n in (raw, masked) if n is not None))
    return "/".join(known)


def _share(record: dict[str, Any], variant: str) -> str:
    if record[variant] is None:
        return ""
    return f"{record[variant]:.3f} ({record[f'{variant}_low']:.2f}-{record[f'{variant}_high']:.2f})"
