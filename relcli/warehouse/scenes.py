"""What the pictures of one scene show, read back from the warehouse."""

from pathlib import Path

from relcli.scenes.scene import Scene
from relcli.scenes.vocabulary import RAW
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import fetch
from relcli.warehouse.scene_rows import Row, to_scene
from relcli.warehouse.variant_rows import to_variants

_TABLES = {
    "picture": "variant",
    "raw_entity": "entity_id",
    "raw_relation": "relation_index",
    "variant_entity": "entity_id",
    "variant_relation": "relation_index",
}


def load_scenes(
    database: Path | str, dataset: str, scene_id: int, *, timeout_s: float = 10
) -> dict[str, Scene]:
    """The scene as each of its variants shows it, by the variant's name; without annotations none, and none
    of a variant whose edit isn't known. Raises WarehouseError, and RelcliError for a file not migrated.
    """
    rows: dict[str, list[Row]] = {}
    with connect(database, read_only=True, timeout_s=timeout_s) as connection:
        for table, order in _TABLES.items():
            columns = "* REPLACE (NULL AS image)" if table == "picture" else "*"
            sql = f"SELECT {columns} FROM {table} WHERE dataset = ? AND scene_id = ? ORDER BY {order}"
            rows[table] = fetch(connection, database, sql, [dataset, scene_id]).as_dicts()
        size_of = "SELECT width, height FROM raw_scene WHERE dataset = ? AND scene_id = ?"
        sizes = fetch(connection, database, size_of, [dataset, scene_id]).rows
    if not rows["raw_entity"]:
        return {}
    width, height = sizes[0] if sizes else (None, None)
    raw = to_scene(scene_id, rows["raw_entity"], rows["raw_relation"], (width, height))
    variants = to_variants(raw, rows["picture"], rows["variant_entity"], rows["variant_relation"])
    return {RAW: raw} | {each.name: each.twin.scene for each in variants if each.twin is not None}
