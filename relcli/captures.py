"""What a run can keep of a model's attention and states: each thing named once, with shape, type and place.

Spool columns, the columns of reads, exports, features of probes and options derive from these names. The
tables themselves stand in sql/migrations; a test holds them against this.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, get_args

from relcli.errors import UsageError

Mode = Literal["none", "summary", "tokens", "heads", "full"]
"""What --attention takes: nothing, or any of the others (the summary is always among them)."""
MODES: Final[tuple[Mode, ...]] = get_args(Mode)

QueryRow = Literal["answer", "target", "target_next", "stem_end", "options"]
QUERY_ROWS: Final[tuple[QueryRow, ...]] = get_args(QueryRow)
"""Whose attention can be read: the answer's, and of tokens of the question (relcli/scenes/spans.py)."""
DEFAULT_ROWS: Final[tuple[QueryRow, ...]] = ("answer", "target", "target_next", "stem_end")
TOKEN: Final = "token"
"""The role in table prompt_token of every token behind the picture, where tokens are kept."""


@dataclass(frozen=True, slots=True)
class Vector:
    """A vector over the image cells, float32 [layers, cells] of an answer: a column FLOAT[] a layer.

    words: what people call it. arrays, entropies: what the study's files call it and its entropy, several
    where these hold the same twice. probed: whether probes take it as features. always: whether every answer
    has it; else it is NULL where it would repeat another.
    """

    words: str
    arrays: tuple[str, ...] = ()
    entropies: tuple[str, ...] = ()
    probed: bool = False
    always: bool = True


VECTORS: Final = {
    "mean_heads": Vector(
        "mean", ("mean_pooled_heads", "mean_across_steps"), ("mean_heads", "mean_steps"), probed=True
    ),
    "max_heads": Vector("maximum", ("max_pooled_heads",), ("max_heads",)),
    "first_step": Vector("first step", probed=True),
    "last_step": Vector("last step", ("last_step",), ("last",), probed=True),
    "answer_step": Vector("answer's step", always=False),
}
"""The attention vectors of an answer. Rows of the question's tokens have the first one only."""
OF_EVERY_ANSWER: Final = tuple(name for name, vector in VECTORS.items() if vector.always)
OF_THE_STUDY: Final = tuple(name for name, vector in VECTORS.items() if vector.arrays)
ROW_VECTOR: Final = "mean_heads"
"""The vector that rows of the question's tokens have."""

Features = Literal["mean_heads", "first_step", "last_step"]
"""The vectors that probes take, for options; a test holds it against VECTORS."""
FEATURES: Final[tuple[Features, ...]] = get_args(Features)
HIDDEN: Final = "hidden"
ProbedFeatures = Literal["mean_heads", "first_step", "last_step", "hidden"]
"""These and the hidden states, for options."""


def entropy_of(vector: str) -> str:
    """The column of a vector's entropy."""
    return f"{vector}_entropy"


REGIONS: Final = {
    "target": "what is asked about",
    "chance": "what other scenes' questions of the same kind ask about, on average",
    "distractor": "all other objects",
    "arrow": "the arrow asked about, or all arrows",
    "removed": "the place of the object that the twin lacks",
    "sink": "cells that soak up attention whatever is asked",
    "rest": "the picture without all these",
}
"""Where heads and tokens look: shares of their attention on the picture, which may overlap."""

_KEY: Final = {
    "run": "VARCHAR",
    "scene_id": "INTEGER",
    "question_index": "INTEGER",
    "variant": "VARCHAR",
    "presentation": "VARCHAR",
    "intervention": "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A table that a spool part brings rows of, one a layer (and query row) of an answer.

    letter: what the names of parts say it by. file: how its Parquet file ends. columns: with DuckDB's types.
    """

    table: str
    letter: str
    file: str
    columns: dict[str, str]


STORED: Final = {
    "summary": Stored(
        "answer_attention",
        "a",
        ".attention.parquet",
        {
            **_KEY,
            "query_row": "VARCHAR",
            "layer": "SMALLINT",
            "grid_height": "SMALLINT",
            "grid_width": "SMALLINT",
            "layout": "VARCHAR",
            **dict.fromkeys(VECTORS, "FLOAT[]"),
            **dict.fromkeys(map(entropy_of, VECTORS), "FLOAT"),
            "step_entropy": "FLOAT[]",
            "image_mass": "FLOAT",
            "n_steps": "INTEGER",
        },
    ),
    "heads": Stored(
        "head_attention",
        "h",
        ".heads.parquet",
        {
            **_KEY,
            "query_row": "VARCHAR",
            "layer": "SMALLINT",
            "image_mass": "FLOAT[]",
            "entropy": "FLOAT[]",
            **dict.fromkeys(REGIONS, "FLOAT[]"),
        },
    ),
    "tokens": Stored(
        "token_attention",
        "t",
        ".tokens.parquet",
        {
            **_KEY,
            "layer": "SMALLINT",
            "first_token": "INTEGER",
            "image_mass": "FLOAT[]",
            **dict.fromkeys(REGIONS, "FLOAT[]"),
        },
    ),
}
"""What goes into the warehouse, by the mode that keeps it."""

ARRAYS: Final = {
    "full": ("layers", "entries", "heads", "cells"),
    "hidden": ("layers", "entries", "width"),
}
"""What lies beside the warehouse as arrays, read by layer (relcli/warehouse/array_store.py): the axes of
a file, by the name of its folder. An entry is a step or a query row of an answer; numbers are float16,
those of hidden states with a scale each vector."""


def attention_modes(asked: str | Collection[str]) -> tuple[Mode, ...]:
    """What --attention asks for, in one order: none alone, or the summary and whatever else is named.

    Raises UsageError for a name that isn't one, and for none beside others.
    """
    names = [part.strip() for part in asked.split(",")] if isinstance(asked, str) else list(asked)
    names = [name for name in names if name]
    if unknown := [name for name in names if name not in MODES]:
        raise UsageError(
            f"There is no attention mode {unknown[0]!r}; --attention takes {', '.join(MODES)}, separated by "
            "commas."
        )
    if not names or ("none" in names and len(set(names)) > 1):
        raise UsageError("--attention takes none alone, or what to keep: " + ", ".join(MODES[1:]) + ".")
    if "none" in names:
        return ("none",)
    return tuple(mode for mode in MODES[1:] if mode in names or mode == "summary")
