"""Import people's own pictures, with questions and boxes, as a data set; all of it or nothing."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from relcli.errors import InterruptedRun, RelcliError, UsageError
from relcli.jobs.importing.coco import read_coco
from relcli.jobs.importing.own_files import OwnFiles
from relcli.jobs.importing.own_lines import OwnLine, read_lines
from relcli.jobs.importing.own_scenes import OwnScene, names_of
from relcli.jobs.importing.own_shown import BoxCounts
from relcli.jobs.stopping import stoppable
from relcli.progress import Progress
from relcli.scenes.items import Dataset
from relcli.scenes.vocabulary import categories_in_order
from relcli.warehouse.datasets import add_new_dataset, dataset_names, find_dataset, prepare_dataset
from relcli.warehouse.migrations import ensure
from relcli.warehouse.names import check_name


@dataclass(frozen=True, slots=True)
class ImportedPictures:
    """What came in: the data set's name, and how many pictures, pictures of variants, questions and boxes;
    n_clipped: boxes that were cut off at the edge of their picture. is_new: whether it wasn't there
    already."""

    dataset: str
    n_pictures: int
    n_variants: int
    n_questions: int
    n_boxes: int
    n_clipped: int
    categories: str
    is_new: bool


def import_pictures(
    database: Path, images: Path, questions: Path, boxes: Path | None, name: str, progress: Progress
) -> ImportedPictures:
    """Read pictures below `images`, the questions (JSON lines) and COCO's boxes into the warehouse, in one
    transaction.

    Boxes are in pixels of the picture as it is seen, upright. Raises UsageError for a name that can't be one
    or is another data set's, RelcliError, naming file and line, for whatever breaks the format, a picture
    that is missing, damaged, too large or outside of the folder, and boxes that are no picture's;
    InterruptedRun when stopped.
    """
    check_name(name, "data set")
    with stoppable(watch_stdin=progress.watch_stdin):
        try:
            return _take_in(database, images, questions, boxes, name, progress)
        except KeyboardInterrupt:
            raise InterruptedRun("Interrupted; nothing was imported.") from None


def _take_in(
    database: Path, images: Path, questions: Path, boxes: Path | None, name: str, progress: Progress
) -> ImportedPictures:
    lines, files = read_lines(questions), OwnFiles(images)
    dataset, counts = _dataset(lines, files, boxes, name, progress)
    ensure(database)
    known = find_dataset(database, dataset, name)
    if known is None:
        if name in dataset_names(database):
            raise UsageError(
                f"There is a data set {name} in {database} with other content: choose another --name."
            )
        progress.note("Writing it into the warehouse.")
        add_new_dataset(database, prepare_dataset(dataset, name))
    if counts.clipped:
        progress.note(f"{counts.clipped:,} boxes reach beyond their picture and were cut off at its edge.")
    if counts.outside:
        progress.note(
            f"{counts.outside:,} boxes of the file have nothing on their picture and were left out."
        )
    asked = Counter(question.category for item in dataset.items for question in item.questions)
    done = ImportedPictures(
        dataset=known or name,
        n_pictures=len(dataset.items),
        n_variants=sum(len(item.variants) for item in dataset.items),
        n_questions=asked.total(),
        n_boxes=sum(len(item.scene.entities) for item in dataset.items if item.scene),
        n_clipped=counts.clipped,
        categories=", ".join(categories_in_order(asked)),
        is_new=known is None,
    )
    progress.finish({"dataset": done.dataset, "pictures": done.n_pictures, "questions": done.n_questions})
    return done


def _dataset(
    lines: list[OwnLine], files: OwnFiles, boxes: Path | None, name: str, progress: Progress
) -> tuple[Dataset, BoxCounts]:
    coco = None if boxes is None else read_coco(boxes)
    lines = [_normal(line) for line in lines]
    entries = coco.images_of(names_of(lines)) if coco else {}
    counts = BoxCounts()
    scenes: dict[str, OwnScene] = {}
    progress.start(len(lines), "questions", f"Reading {files.folder}")
    for line in lines:
        if line.image not in scenes:
            file = files.read(line.image, line.where)
            scenes[line.image] = OwnScene(len(scenes), file, coco, entries.get(line.image), counts)
        variants = {
            each: (files.read(given.image, line.where), entries.get(given.image))
            for each, given in line.variants.items()
        }
        scenes[line.image].add(line, variants)
        progress.advance()
    if coco and not entries:
        raise RelcliError(
            f"{boxes} has no picture of these questions: its file_name must be, or end, the path of one."
        )
    return Dataset(name, None, [scene.item() for scene in scenes.values()], source=str(files.folder)), counts


def _normal(line: OwnLine) -> OwnLine:
    """`./a//b.jpg` is a/b.jpg."""
    variants = {
        name: replace(given, image=str(PurePosixPath(given.image))) for name, given in line.variants.items()
    }
    return replace(line, image=str(PurePosixPath(line.image)), variants=variants)
