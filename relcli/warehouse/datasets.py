"""Data sets in the warehouse: registered whole, pictures included, and read back."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from relcli.errors import RelcliError, UsageError
from relcli.scenes.items import Dataset, DatasetItem, Picture
from relcli.scenes.vocabulary import RAW
from relcli.token_layout import TokenLayout
from relcli.warehouse import scene_rows
from relcli.warehouse.insert import insert_rows
from relcli.warehouse.layouts import add_layout, load_layout
from relcli.warehouse.names import check_name, make_name
from relcli.warehouse.opening import connect, rollback, scalar
from relcli.warehouse.runs import utc_now
from relcli.warehouse.variant_rows import edited_rows, picture_rows, to_variants, truth_rows, variant_rows

DEFAULT_GRID = (8, 8)  # what the study's processor makes of its pictures


# Warehouses from before regions had a variant lack those of what variants show otherwise.
_HAS_REGIONS = """
WITH held AS (
    FROM region WHERE dataset = $1 AND layout_name(layout, grid_height, grid_width) = $2
)
SELECT EXISTS (FROM held) AND (
    EXISTS (FROM held WHERE variant IS NOT NULL)
    OR NOT EXISTS (FROM variant_entity WHERE dataset = $1 AND is_there)
    AND NOT EXISTS (FROM variant_relation WHERE dataset = $1 AND is_there AND explicit))"""
_OLD_REGIONS = "DELETE FROM region WHERE dataset = ? AND layout_name(layout, grid_height, grid_width) = ?"


@dataclass(frozen=True, slots=True)
class NewDataset:
    """A data set read and ready to go into the warehouse: the name it wants, and its rows by table."""

    name: str
    content_hash: str
    rows: dict[str, list[scene_rows.Row]]


def register_dataset(database: Path | str, dataset: Dataset, name: str | None = None) -> str:
    """Put a data set into the warehouse in one transaction; returns the name it has there.

    Content that is known already keeps the name it has. If other content has the name, it gets a suffix
    (`-2`, `-3`, ...). Regions are computed for the study's 8 x 8 grid; for others see `ensure_regions`.
    Raises UsageError for a `name` that can't be one, RelcliError for unreadable pictures.
    """
    wanted = check_name(name, "data set") if name else make_name(dataset.name)
    if known := find_dataset(database, dataset, wanted):
        return known
    new = prepare_dataset(dataset, wanted)
    with connect(database, read_only=False) as connection:
        connection.execute("BEGIN")
        registered = add_dataset(connection, new)
        connection.execute("COMMIT")
    return registered


def add_new_dataset(database: Path | str, new: NewDataset) -> None:
    """Put a data set into the warehouse under the name it wants, in one transaction. Raises UsageError where
    the name is another one's by now."""
    with connect(database, read_only=False) as connection:
        connection.execute("BEGIN")
        try:
            if add_dataset(connection, new) != new.name:
                raise UsageError(
                    f"There is a data set {new.name} in {database} by now: choose another --name."
                )
            connection.execute("COMMIT")
        except BaseException:
            rollback(connection)
            raise


def find_dataset(database: Path | str, dataset: Dataset, name: str) -> str | None:
    """The name under which this content is registered, `name` if under several; None if it isn't."""
    with connect(database, read_only=True) as connection:
        return _name_of(connection, dataset.content_hash, name)


def prepare_dataset(dataset: Dataset, name: str | None = None) -> NewDataset:
    """Read all of a data set, so that nobody waits for its pictures while the file is held. Raises as
    `register_dataset`."""
    wanted = check_name(name, "data set") if name else make_name(dataset.name)
    return NewDataset(wanted, dataset.content_hash, _all_rows(dataset))


def add_dataset(connection: duckdb.DuckDBPyConnection, new: NewDataset) -> str:
    """Insert a data set within the caller's transaction unless its content is there; returns its name."""
    if known := _name_of(connection, new.content_hash, new.name):
        return known
    free = _free_name(connection, new.name)
    for table, of_table in new.rows.items():
        insert_rows(connection, table, ({**row, "dataset": free} for row in of_table))
    return free


def ensure_regions(database: Path | str, dataset: str, grid_height: int, grid_width: int) -> int:
    """Compute a data set's regions for another grid unless they are there; returns how many were added."""
    return ensure_layout_regions(database, dataset, TokenLayout.of_grid(grid_height, grid_width))


def ensure_layout_regions(database: Path | str, dataset: str, layout: TokenLayout) -> int:
    """The same for a layout of image tokens, which is taken in with them; none where no place is known."""
    if not layout.is_placed:
        return 0
    known = [dataset, layout.name]
    with connect(database, read_only=True) as connection:
        _require(connection, database, dataset)
        if scalar(connection, _HAS_REGIONS, known):
            return 0
    items = load_dataset(database, dataset).items
    rows = [
        {**row, "dataset": dataset} for item in items for row in scene_rows.item_region_rows(item, layout)
    ]
    with connect(database, read_only=False) as connection:
        if not rows or scalar(connection, _HAS_REGIONS, known):
            return 0
        connection.execute("BEGIN")
        add_layout(connection, layout)
        connection.execute(_OLD_REGIONS, known)
        added = insert_rows(connection, "region", rows)
        connection.execute("COMMIT")
    return added


def ensure_run_regions(database: Path | str, run: str, dataset: str) -> None:
    """The same for every layout of a run's attention; pictures of several sizes have several."""
    name_of = "layout_name(layout, grid_height, grid_width)"
    layouts = f"SELECT DISTINCT {name_of} FROM answer_attention WHERE run = ?"
    with connect(database, read_only=True) as connection:
        names = [name for (name,) in connection.execute(layouts, [run]).fetchall()]
    for name in names:
        if layout := load_layout(database, name):
            ensure_layout_regions(database, dataset, layout)


def load_dataset(database: Path | str, name: str) -> Dataset:
    """A registered data set with its pictures, as it was. Raises RelcliError if there is none so named."""
    with connect(database, read_only=True) as connection:
        _require(connection, database, name)
        [about] = _dicts(connection, "dataset", name, "dataset")
        kinds = {row["variant"]: row["kind"] for row in _dicts(connection, "variant", name, "variant")}
        scenes = _dicts(connection, "raw_scene", name, "scene_id")
        pictures = _by_scene(_dicts(connection, "picture", name, "scene_id"))
        entities = _by_scene(_dicts(connection, "raw_entity", name, "scene_id, entity_id"))
        relations = _by_scene(_dicts(connection, "raw_relation", name, "scene_id, relation_index"))
        edited = _by_scene(_dicts(connection, "variant_entity", name, "scene_id, entity_id"))
        joined = _by_scene(_dicts(connection, "variant_relation", name, "scene_id, relation_index"))
        questions = _by_scene(_dicts(connection, "question_text", name, "scene_id, question_index"))
        truths = _by_scene(_dicts(connection, "question_truth", name, "scene_id, question_index"))
    items = []
    for row in scenes:
        at = row["scene_id"]
        scene = None
        if row["n_entities"] is not None:
            size = row["width"], row["height"]
            scene = scene_rows.to_scene(at, entities[at], relations[at], size)
        [raw] = [each for each in pictures[at] if each["variant"] == RAW]
        of_question: dict[int, list[scene_rows.Row]] = defaultdict(list)
        for each in truths[at]:
            of_question[each["question_index"]].append(each)
        items.append(
            DatasetItem(
                scene_id=at,
                image_filename=raw["image_filename"],
                image=Picture(raw["image"], raw["image_filename"]),
                variants=to_variants(scene, pictures[at], edited[at], joined[at]),
                scene=scene,
                questions=tuple(
                    scene_rows.to_question(each, of_question[each["question_index"]])
                    for each in questions[at]
                ),
                split=row["split"],
                width=row["width"],
                height=row["height"],
            )
        )
    return Dataset(name, None, items, about["seed"], source="warehouse", kinds=kinds)


def dataset_names(database: Path | str) -> list[str]:
    """Names of all registered data sets, in order."""
    with connect(database, read_only=True) as connection:
        return [name for (name,) in connection.execute("SELECT dataset FROM dataset ORDER BY 1").fetchall()]


def _all_rows(dataset: Dataset) -> dict[str, list[scene_rows.Row]]:
    rows: dict[str, list[scene_rows.Row]] = defaultdict(list)
    rows["dataset"].append(_dataset_row(dataset))
    rows["variant"].extend(variant_rows(dataset))
    for item in dataset.items:
        rows["raw_scene"].append(scene_rows.scene_row(item))
        rows["picture"].extend(picture_rows(item))
        rows["question_text"].extend(map(scene_rows.question_row, item.questions))
        for question in item.questions:
            rows["question_truth"].extend(truth_rows(question))
        if item.scene:
            rows["raw_entity"].extend(scene_rows.entity_rows(item.scene))
            rows["raw_relation"].extend(scene_rows.relation_rows(item.scene))
            for variant in item.variants:
                if variant.twin is not None:
                    for table, edited in edited_rows(item.scene, variant.name, variant.twin).items():
                        rows[table].extend(edited)
            rows["region"].extend(scene_rows.item_region_rows(item, TokenLayout.of_grid(*DEFAULT_GRID)))
    return rows


def _dataset_row(dataset: Dataset) -> scene_rows.Row:
    return {
        "source": str(dataset.root) if dataset.root else dataset.source,
        "seed": dataset.seed,
        "n_scenes": len(dataset.items),
        "question_sets": list(dataset.question_sets),
        "has_annotations": dataset.has_annotations,
        "content_hash": dataset.content_hash,
        "created_at": utc_now(),
    }


def _name_of(connection: duckdb.DuckDBPyConnection, content_hash: str, wanted: str) -> str | None:
    """The name under which this content is registered: `wanted` if there are several."""
    return scalar(
        connection,
        "SELECT dataset FROM dataset WHERE content_hash = ? ORDER BY dataset <> ?, created_at LIMIT 1",
        [content_hash, wanted],
    )


def _free_name(connection: duckdb.DuckDBPyConnection, wanted: str) -> str:
    taken = {name for (name,) in connection.execute("SELECT dataset FROM dataset").fetchall()}
    suffix, name = 2, wanted
    while name in taken:
        name, suffix = f"{wanted}-{suffix}", suffix + 1
    return name


def _require(connection: duckdb.DuckDBPyConnection, database: Path | str, name: str) -> None:
    if not scalar(connection, "SELECT 1 FROM dataset WHERE dataset = ?", [name]):
        names = connection.execute("SELECT dataset FROM dataset ORDER BY 1").fetchall()
        raise RelcliError(
            f"There is no data set {name} in {database}: choose one of "
            f"{', '.join(row[0] for row in names) or '(none yet)'}, or name a folder."
        )


def _dicts(
    connection: duckdb.DuckDBPyConnection, table: str, dataset: str, order: str
) -> list[scene_rows.Row]:
    rows = connection.execute(f"SELECT * FROM {table} WHERE dataset = ? ORDER BY {order}", [dataset])
    names = [str(column[0]) for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def _by_scene(rows: Iterable[scene_rows.Row]) -> dict[int, list[scene_rows.Row]]:
    grouped: dict[int, list[scene_rows.Row]] = defaultdict(list)
    for row in rows:
        grouped[row["scene_id"]].append(row)
    return grouped
