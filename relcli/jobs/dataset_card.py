"""The card of a published run: what `datasets` has to know, and what a reader has to."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from relcli.version import VERSION

_SPLIT = "test"
_TYPES = {
    "BIGINT": "int64",
    "INTEGER": "int32",
    "SMALLINT": "int16",
    "BOOLEAN": "bool",
    "VARCHAR": "string",
    "DOUBLE": "float64",
    "FLOAT": "float32",
}
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_TEXT = Path(__file__).with_suffix(".md")
_DRAWN = ("seed", "balanced")  # question sets about scenes drawn here; of own pictures none of this holds
_PAIRS = """

Scenes come in pairs: the masked twin of a scene is the same picture with one object or one arrow taken away,
and each question has a truth for either."""
_DESIGN = """
The design (scenes, masked twins, categories of questions, attention by layer) is that of
[Investigating relational reasoning in VLMs](https://github.com/xandaaaa/Investigating-relational-reasoning-in-VLMs).
"""


def card(
    about: Mapping[str, Any],
    columns: Mapping[str, Sequence[tuple[str, str]]],
    comments: Mapping[str, str],
    categories: Sequence[Mapping[str, Any]],
    counts: Mapping[str, int],
) -> str:
    """README.md of a published folder: YAML for the hub, and text.

    about: what relcli.json holds. columns: names and DuckDB types of each table's columns. comments: what a
    row of a table is. categories: rows of the read `category_table`. counts: the row of `publish_counts`.
    """
    run, tables = about["run"], about["tables"]
    model = run.get("model") or "an unknown model"
    drawn = run.get("question_set") in _DRAWN
    return _TEXT.read_text(encoding="utf-8").format(
        front=_front(about, columns),
        run=_plain(run["run"]),
        model=_plain(model),
        n_answers=counts["n_answers"],
        scenes="1 scene" if counts["n_scenes"] == 1 else f"{counts['n_scenes']:,} scenes",
        version=VERSION,
        edited=_edited(counts["n_edited"]),
        pairs=_PAIRS if drawn and "masked" in (run.get("variants") or ()) else "",
        design=_DESIGN if drawn else "",
        table=_accuracy(categories),
        tables="\n".join(
            f"| `{name}` | {n:,} | {comments.get(name, '').partition('.')[0]} |" for name, n in tables.items()
        ),
        made=_made(run),
    )


def _edited(n: int) -> str:
    return f"\n{n:,} of them were given while it was interfered with (`intervention`)." if n else ""


def _front(about: Mapping[str, Any], columns: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    size = next((name for most, name in _SIZES if about["tables"]["answer"] < most), "n>1M")
    lines = [
        f"pretty_name: {json.dumps(about['run']['run'])}",
        "tags: [relcli, vision-language-models, attention]",
        "task_categories: [visual-question-answering]",
        f"size_categories: [{size}]",
        "configs:",
    ]
    for name in about["tables"]:
        lines += [f"- config_name: {name}", "  data_files:"]
        lines.append(f"  - {{split: {_SPLIT}, path: {name}/*.parquet}}")
        if name == "answer":
            lines.append("  default: true")
    # Only tables with pictures have to say what their columns are.
    pictured = [name for name, of in columns.items() if any(_is_picture(kind) for _, kind in of)]
    lines += ["dataset_info:"] if pictured else []
    for table in pictured:
        lines += [f"- config_name: {table}", "  features:"]
        for name, kind in columns[table]:
            known = "image" if _is_picture(kind) else _TYPES.get(kind, "string")
            lines += [f"  - name: {name}", f"    dtype: {known}"]
    return "\n".join(lines) + "\n"


def _is_picture(kind: str) -> bool:
    return kind == "STRUCT(bytes BLOB, path VARCHAR)"


def _accuracy(categories: Sequence[Mapping[str, Any]]) -> str:
    head = "| category | n | raw | masked | blank | words alone |\n|---|---|---|---|---|---|"
    return "\n".join([head, *(f"| {' | '.join(_cells(row))} |" for row in categories)])


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    yield str(row["category"])
    yield "/".join(str(n) for n in (row["n_raw"], row["n_masked"]) if n is not None)
    for name in ("raw", "masked", "blank"):
        value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
        yield "" if value is None else f"{value:.3f} ({low:.2f}-{high:.2f})"
    both = (row["words_alone"], row["masked_words_alone"])
    yield "/".join(f"{value:.3f}" for value in both if value is not None)


def _made(run: Mapping[str, Any]) -> str:
    names = ("model", "revision", "weights_hash", "dtype", "device", "question_set", "question_set_version")
    names += ("variants", "image_width", "image_height", "grid_width", "grid_height", "decoding", "versions")
    names += ("git_commit", "command", "started_at")
    rows = [f"| {name} | {_plain(_shown(run[name]))} |" for name in names if run.get(name) is not None]
    return "\n".join(["| setting | value |", "|---|---|", *rows])


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    line = " ".join(str(text).split())
    for mark in "\\`*_[]<>|#":
        line = line.replace(mark, "\\" + mark)
    return line
