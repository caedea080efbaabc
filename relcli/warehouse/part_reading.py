"""Spool parts read and checked before the warehouse sees anything of them."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from relcli.captures import REGIONS, STORED, VECTORS, entropy_of
from relcli.errors import RelcliError
from relcli.warehouse.across import beside, parquet
from relcli.warehouse.batch import Key
from relcli.warehouse.failures import DISK_FULL, explain, first_line
from relcli.warehouse.parts import BAD, Part
from relcli.warehouse.spool import PART_COLUMNS
from relcli.warehouse.writes import write_text

ATTENTION_COLUMNS = STORED["summary"].columns
PART_TABLES = {"summary": "part_attention", "heads": "part_head_attention", "tokens": "part_token_attention"}
"""What the tables of a part are called while it is taken in, by the mode that keeps them."""
_OPTIONAL = {name for name, vector in VECTORS.items() if not vector.always}
_OPTIONAL |= set(map(entropy_of, _OPTIONAL))
_DEFAULTS = {
    **{name: f"'{value}'" for name, value in Key._field_defaults.items()},
    "query_row": "'answer'",
    **{
        name: f"NULL::{PART_COLUMNS[name]}"
        for name in ("prompt_tokens", "token_layout", "answer_step", "lens_logprobs")
    },
    "layout": "NULL::VARCHAR",
    # Vectors that not every answer has, and those that a relcli before them did not keep.
    **{name: f"NULL::{kind}" for name, kind in ATTENTION_COLUMNS.items() if name in _OPTIONAL},
    # A batch none of whose pictures has the region brings no column of it.
    **dict.fromkeys(REGIONS, "NULL::FLOAT[]"),
}
_MOST_ROWS = 5_000_000  # a few bytes of Parquet can claim any number of equal rows
_MEMORY = "4GB"


class CorruptPart(RelcliError):
    """A part that can't be taken in. It is moved aside; its answers count as not given."""

    def __init__(self, run: str, part: Part, reason: str) -> None:
        super().__init__(
            f"The spool part {part.inference.name} of run {run} can't be taken in ({reason}): it was moved "
            f"to {part.inference.parent / BAD}; `relcli run --name {run} --resume` asks its questions again."
        )


@contextmanager
def read_part(run: str, part: Part) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in memory with the part as tables `part_inference` and PART_TABLES, sound in itself.

    Raises CorruptPart for one that is not, FileNotFoundError for one that another process has just taken in,
    and WarehouseError where this machine is the matter: permissions, open files, the disk.
    """
    with beside() as memory:
        memory.execute(f"SET memory_limit = '{_MEMORY}'")
        memory.execute("SET temp_directory = ''")
        try:
            _load(memory, part)
            faults = memory.execute(write_text("part_faults"), {"run": run}).fetchall()
            faults = faults or memory.execute(write_text("part_share_faults"), {"run": run}).fetchall()
        except duckdb.Error as error:
            if not part.inference.exists():
                raise FileNotFoundError(part.inference) from error
            if any(sign in str(error) for sign in _OF_THIS_MACHINE):
                raise explain(part.inference, error) from error
            raise CorruptPart(run, part, first_line(str(error))) from error
        if faults:
            raise CorruptPart(run, part, faults[0][0])
        yield memory


_OF_THIS_MACHINE = (*DISK_FULL, "Too many open files", "Permission denied")


def _load(memory: duckdb.DuckDBPyConnection, part: Part) -> None:
    files = part.stored
    tables = [("part_inference", part.inference, PART_COLUMNS)]
    tables += [(name, files.get(mode), STORED[mode].columns) for mode, name in PART_TABLES.items()]
    for table, file, types in tables:
        if file is None:
            nothing = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in types.items())
            memory.execute(f"CREATE TABLE {table} AS SELECT {nothing} LIMIT 0")
            continue
        [(n_rows,)] = parquet(memory, [file], "count(*)").fetchall()
        if n_rows > _MOST_ROWS:
            raise duckdb.InvalidInputException(f"it claims {n_rows:,} rows")
        there = set(parquet(memory, [file]).columns)
        if unknown := there - types.keys():
            raise duckdb.InvalidInputException(f"it has a column {min(unknown)!r}, which no part has")
        columns = [_column(name, kind, name in there) for name, kind in types.items()]
        parquet(memory, [file], ", ".join(columns)).create(table)


def _column(name: str, kind: str, is_there: bool) -> str:
    """SQL for a column of the type it should have. Parts of a relcli before these columns are plain."""
    if not is_there and name in _DEFAULTS:
        return f'{_DEFAULTS[name]} AS "{name}"'
    return f'"{name}"::{kind} AS "{name}"'
