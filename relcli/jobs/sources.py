"""Where a run's questions and pictures come from."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from relcli import paths
from relcli.errors import UsageError
from relcli.jobs.request import BUNDLED, RunRequest
from relcli.progress import Progress
from relcli.scenes.items import Dataset
from relcli.scenes.layout import IMAGES
from relcli.scenes.reading import read_folder
from relcli.warehouse.datasets import dataset_names, load_dataset, register_dataset
from relcli.warehouse.names import make_name
from relcli.warehouse.runs import RunRecord


@dataclass(frozen=True, slots=True)
class Source:
    """A data set and the name it has, or will have, in the warehouse."""

    dataset: Dataset
    name: str
    registered: bool

    def register(self, database: Path) -> str:
        """Put it into the warehouse unless it is there; returns the name it has there."""
        return self.name if self.registered else register_dataset(database, self.dataset)


def open_source(
    database: Path, request: RunRequest, progress: Progress, started: RunRecord | None = None
) -> Source:
    """The data set of a request; of a run that continues, the one in the warehouse.

    Raises UsageError when there is none of that name, RelcliError when a file of it breaks its schema.
    """
    explicit = bool(request.given & {"dataset", "queries", "images"})
    if started is not None and not explicit:
        return Source(load_dataset(database, started.dataset), started.dataset, True)
    named = request.dataset
    known = dataset_names(database) if database.exists() else []
    if named is not None and named != BUNDLED and not _is_folder(named, known):
        if named not in known:
            raise UsageError(
                f"There is no data set {named}: it is no folder here, and {database} knows "
                f"{', '.join(known) or 'none'}; give a folder, one of these, or bundled."
            )
        return Source(load_dataset(database, named), named, True)
    dataset = _read(request, progress)
    if started is not None:
        same = dataset.content_hash == load_dataset(database, started.dataset).content_hash
        return Source(dataset, started.dataset if same else f"other content in {dataset.name}", same)
    return Source(dataset, make_name(dataset.name), False)


def _is_folder(named: str, known: Collection[str]) -> bool:
    """Whether a folder of scenes is meant: own pictures may lie in a folder of their data set's name."""
    folder = Path(named)
    return folder.is_dir() and (named not in known or (folder / IMAGES).is_dir())


def _read(request: RunRequest, progress: Progress) -> Dataset:
    if request.dataset == BUNDLED:
        folder = paths.assets_dir() / "scenes"
        if not folder.is_dir():
            raise UsageError(f"The bundled scenes are missing in {folder}; install relcli again.")
        return read_folder(folder, name=BUNDLED)
    where = request.dataset or request.images
    progress.start(None, "scenes", f"Reading {where}")
    return read_folder(
        request.dataset,
        queries=request.queries,
        images=request.images,
        masked_images=request.masked_images,
        on_scene=lambda done: progress.advance(),
    )
