"""The options of `relcli export`."""

from dataclasses import dataclass
from pathlib import Path

from relcli.options.declaration import option


@dataclass(frozen=True, kw_only=True)
class AttentionTooOptions:
    attention: bool | None = option(
        None, "Its attention too, which is most of the bytes.", empty="if it has any"
    )


@dataclass(frozen=True, kw_only=True)
class StudyOptions(AttentionTooOptions):
    """run: required but for the table of old, which may be of all runs."""

    out: Path = option(help="A new folder, or a new .csv file.")
    run: str | None = option(None, "The run, as relcli runs list shows it.", argument=True)
    table: str | None = option(None, "As relcli export table.", hidden=True)


@dataclass(frozen=True, kw_only=True)
class NewFolderOptions:
    out: Path = option(help="A new folder.", argument=True, metavar="DIR")


@dataclass(frozen=True, kw_only=True)
class LogFolderOptions:
    out: Path = option(help="A new folder; it gets a log a variant.", argument=True, metavar="DIR")


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    name: str = option(help="A table or view, such as raw_vs_masked.", argument=True)
    out: Path = option(help="A .csv, .parquet or .json file, which is replaced.")
