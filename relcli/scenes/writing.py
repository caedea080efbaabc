"""Writing a data set's folder: scene by scene, growing in batches, all of a batch or nothing.

While a batch is written its questions gather in a hidden file, one line a scene, put down before the scene's
other files. At the end they are merged into queries.json in one step. A batch that was killed leaves its
hidden file behind; the next one clears what it names.

Nothing is written or removed through a link: what lies outside the folder is never touched.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from relcli.errors import RelcliError
from relcli.inputs import is_plain_name
from relcli.scenes import layout
from relcli.scenes.annotations import scene_to_json, twin_to_json, variant_to_json
from relcli.scenes.items import Dataset
from relcli.scenes.masking import Twin
from relcli.scenes.queries import entry_to_json, read_entries
from relcli.scenes.questions import Question
from relcli.scenes.records import brief
from relcli.scenes.scene import Scene
from relcli.scenes.unfinished import clear, clear_killed, folders, lock, refuse_links
from relcli.scenes.vocabulary import BLANK, MASKED, RAW, SPLITS, in_order

try:
    import fcntl
except ImportError:  # Windows has no such locks; two batches at once are then the person's own care.
    fcntl = None

_SPLIT_SHARES: Final = (8, 1)
"""Tenths of a batch that go to train and val; test gets what is left."""


class FolderWriter:
    """Adds one batch of scenes to a folder; use it in a ``with`` block.

    ``question_sets``: the sets whose questions were made here, with the version of their rules.
    ``kinds``: the variants that scenes of the batch have beside the raw pictures, and the kind of each.

    Leaving the block by an error, Ctrl-C included, removes what the batch wrote. Raises RelcliError if a
    scene of the batch is there already, if the same batch is being written by another process, or if the
    folder can't be written.
    """

    def __init__(
        self,
        path: Path | str,
        scene_ids: Sequence[int],
        *,
        seed: int | None = None,
        splits: Mapping[str, Sequence[int]] | None = None,
        question_sets: Mapping[str, int] | None = None,
        kinds: Mapping[str, str] | None = None,
    ) -> None:
        if not scene_ids:
            raise RelcliError(f"There is nothing to write to {path}; ask for at least one scene.")
        self.root = Path(path)
        self._ids = sorted(scene_ids)
        self._seed = seed
        self._splits = split_lists(self._ids) if splits is None else splits
        self._question_sets = question_sets
        self._kinds = {MASKED: "mask"} if kinds is None else kinds
        odd = next((name for name in self._kinds if not layout.is_variant(name)), None)
        if odd is not None:
            raise RelcliError(
                f"A variant can't be called {brief(odd)}: take letters, digits, - and _, but not raw or "
                "blank."
            )
        self._hidden = self.root / layout.unfinished_name(self._ids[0], self._ids[-1])
        self._file: IO[str] | None = None

    def __enter__(self) -> "FolderWriter":
        with layout.as_sentence(f"write to {self.root}", "choose another folder"):
            refuse_links(self.root, self._folders())
            clear_killed(self.root)
            for folder in folders(self._kinds):
                (self.root / folder).mkdir(parents=True, exist_ok=True)
            if self._hidden.exists():
                raise self._busy()
            taken = _taken(self.root)
            clash = next((scene_id for scene_id in self._ids if scene_id in taken), None)
            if clash is not None:
                raise RelcliError(
                    f"Scene {clash} is already in {self.root}; start at --start-index {max(taken) + 1} "
                    "or choose another folder."
                )
            try:
                self._file = self._hidden.open("x", encoding="utf-8")
            except FileExistsError:
                raise self._busy() from None
            lock(self._file)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self._file is not None
        try:
            if kind is None:
                with layout.as_sentence(f"write to {self.root}", "free some space or choose another folder"):
                    self._file.flush()
                    self._write_metadata()
                    _merge(self.root, self._hidden)
                    self._hidden.unlink()
        except BaseException:
            kind = BaseException
            raise
        finally:
            self._file.close()
            if kind is not None:
                clear(self.root, self._hidden)
                for folder in self._folders():
                    with contextlib.suppress(OSError):  # not empty
                        (self.root / folder).rmdir()

    def add(
        self,
        image_filename: str,
        png: bytes,
        scene: Scene | None,
        questions: Sequence[Question],
        variants: Mapping[str, tuple[bytes, Twin | None]],
        *,
        scene_id: int,
    ) -> None:
        """Write one scene's pictures (PNG bytes) and annotations and note its questions. ``variants``: each
        other picture by name, and what it shows."""
        assert self._file is not None
        if not is_plain_name(image_filename):
            raise RelcliError(f"{brief(image_filename)} is not a plain file name; rename the picture.")
        annotation = layout.annotation_name(image_filename)
        with layout.as_sentence(f"write to {self.root}", "free some space or choose another folder"):
            self._file.write(json.dumps(entry_to_json(scene_id, image_filename, questions)) + "\n")
            self._file.flush()
            _write(self.root / layout.IMAGES / image_filename, png)
            if scene is not None:
                _write_json(self.root / layout.ANNOTATIONS / annotation, scene_to_json(scene, image_filename))
            for name, (other_png, twin) in variants.items():
                folder = self.root / layout.variant_folder(name)
                filename = layout.variant_name(image_filename, name)
                _write(folder / "images" / filename, other_png)
                if twin is not None:
                    content = (twin_to_json if name == MASKED else variant_to_json)(twin, filename)
                    _write_json(folder / "annotations" / layout.variant_name(annotation, name), content)

    def _folders(self) -> list[Path]:
        """The folders the batch writes to, and those that other batches have written to."""
        return folders(in_order({*self._kinds, *layout.variant_folders(self.root)}))

    def _layout(self) -> dict[str, Any]:
        """What the study's layout has no place for: nothing where only masked pictures are."""
        if set(self._kinds) <= {MASKED}:
            return {}
        return {"format": layout.FORMAT, "variants": dict(self._kinds)}

    def _busy(self) -> RelcliError:
        return RelcliError(
            f"Another process is writing these scenes to {self.root}; wait for it or choose another folder."
        )

    def _write_metadata(self) -> None:
        content = {
            "start_index": self._ids[0],
            "last_index": self._ids[-1],
            "num_images": len(self._ids),
            "seed": self._seed,
            **({"question_sets": self._question_sets} if self._question_sets else {}),
            **self._layout(),
            **self._splits,
        }
        with layout.replacing(self.root / layout.metadata_name(self._ids[0], self._ids[-1])) as file:
            json.dump(content, file, indent=2)


def write_folder(dataset: Dataset, path: Path | str) -> None:
    """Write a data set to a folder, so that reading it gives the same items; splits are made anew if it had
    none.

    Raises RelcliError as ``FolderWriter``.
    """
    ids = [item.scene_id for item in dataset.items]
    splits = {split: [item.scene_id for item in dataset.items if item.split == split] for split in SPLITS}
    known = splits if any(splits.values()) else None
    others = {MASKED, *dataset.variants} - {RAW, BLANK}
    kinds = {name: dataset.kind_of(name) for name in in_order(others)}
    with FolderWriter(path, ids, seed=dataset.seed, splits=known, kinds=kinds) as writer:
        for item in dataset.items:
            writer.add(
                item.image_filename,
                item.png,
                item.scene,
                item.questions,
                {each.name: (each.image.png(), each.twin) for each in item.variants},
                scene_id=item.scene_id,
            )


def split_lists(scene_ids: Sequence[int]) -> dict[str, list[int]]:
    """The contiguous 80/10/10 split of a batch: the first tenths to train, then val, the rest to test."""
    train, val = (len(scene_ids) * share // 10 for share in _SPLIT_SHARES)
    bounds = (0, train, train + val, len(scene_ids))
    return {
        split: list(scene_ids[low:high]) for split, low, high in zip(SPLITS, bounds, bounds[1:], strict=False)
    }


def _write(path: Path, data: bytes) -> None:
    """Write a file anew: what lay there goes first, or a link would lead the bytes elsewhere."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    _write(path, json.dumps(content, indent=2).encode())


def _taken(root: Path) -> set[int]:
    """Scenes that are in the folder, by its queries and by its pictures."""
    queries = root / layout.QUERIES
    found = {entry.scene_id for entry in read_entries(queries)} if queries.exists() else set[int]()
    found |= {
        scene_id
        for file in (root / layout.IMAGES).iterdir()
        if (scene_id := layout.scene_id_of(file.name)) is not None
    }
    return found


def _merge(root: Path, hidden: Path) -> None:
    """Merge a batch's lines into queries.json by scene number; other batches wait meanwhile."""
    with _locked(root):
        queries = root / layout.QUERIES
        old = read_entries(queries) if queries.exists() else []
        with hidden.open(encoding="utf-8") as lines, layout.replacing(queries) as file:
            # Only where the lines begin is kept, so that a large batch needs no memory.
            places: list[tuple[int, int | Mapping[str, Any]]] = [(e.scene_id, e.record.data) for e in old]
            place = 0
            while line := lines.readline():
                places.append((_id_of(json.loads(line)), place))
                place = lines.tell()
            places.sort(key=lambda pair: pair[0])
            file.write("[")
            for index, (_, entry) in enumerate(places):
                if isinstance(entry, int):
                    lines.seek(entry)
                    entry = json.loads(lines.readline())
                text = json.dumps(entry, indent=2, ensure_ascii=False).replace("\n", "\n  ")
                file.write(f"{',' if index else ''}\n  {text}")
            file.write("\n]\n")


def _id_of(entry: Mapping[str, Any]) -> int:
    scene_id = layout.scene_id_of(entry["image_filename"])
    return entry["image_id"] if scene_id is None else scene_id


@contextlib.contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Hold a folder's lock, waiting for whoever has it."""
    if fcntl is None:
        yield
        return
    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
