"""The options of `relcli import`."""

from dataclasses import dataclass
from pathlib import Path

from relcli.options.declaration import option

_NAME = "What the run will be called."


@dataclass(frozen=True, kw_only=True)
class SeedImportOptions:
    results: Path = option(help="The study's evaluation_results.csv.")
    name: str = option(help=_NAME)
    queries: Path | None = option(None, "Its queries.json.", empty="the questions stand in the CSV")
    attention: Path | None = option(None, "The folder that holds its attention_per_layer.")
    dataset: str | None = option(
        None, "The folder of its pictures, `bundled`, or a data set the warehouse knows."
    )
    model: str | None = option(None, "Which model answered; the files don't say.")
    encoding: str | None = option(None, "The CSV's encoding.", empty="found out")
    partial: bool = option(False, "Import what can be, and say what was left out.")


@dataclass(frozen=True, kw_only=True)
class PicturesImportOptions:
    images: Path = option(help="The folder of the pictures; the paths in the other files start there.")
    questions: Path = option(help="The questions, one JSON object a line.")
    name: str = option(help="What the data set will be called.")
    boxes: Path | None = option(
        None, "Where things are: a file in COCO's format.", empty="as in the questions"
    )


@dataclass(frozen=True, kw_only=True)
class DatasetImportOptions:
    folder: Path = option(help="What relcli export dataset wrote.", argument=True, metavar="DIR")
    name: str | None = option(None, _NAME, empty="its own name")
