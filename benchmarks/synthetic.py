"""A made-up warehouse of the study's size: real scenes and questions, random answers and attention.

Scenes, twins, questions and regions come from relcli.scenes (no pictures). Attention is drawn, layer by
layer, from pools of random vectors: heavy-tailed, each with its own weight on the picture, and in every third
layer with one cell that takes a fifth of it whatever is asked.
"""

from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from relcli.captures import OF_EVERY_ANSWER
from relcli.scenes.balanced import ask_balanced
from relcli.scenes.masking import make_twin, mask_object
from relcli.scenes.scene import derived_rng, generate_scene
from relcli.scenes.study_questions import ask_seed
from relcli.warehouse import scene_rows
from relcli.warehouse.insert import insert_rows
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect
from relcli.warehouse.variant_rows import edited_rows, truth_rows

N_SCENES, N_QUESTIONS, N_LAYERS, GRID = 2726, 25_743, 36, (8, 8)
SEED = 7
_POOL = 256  # vectors a layer


def build(
    path: Path,
    *,
    n_scenes: int = N_SCENES,
    n_questions: int = N_QUESTIONS,
    n_layers: int = N_LAYERS,
    settings: str = "",
) -> None:
    """Make the warehouse: run `one` with attention, raw and masked, and run `two` with answers only.

    `settings` is SQL (threads, memory); the connection is not shut off, which would lock them.
    """
    ensure(path)
    rows = scene_tables(n_scenes, n_questions)
    with connect(path, read_only=False, allow_external=True) as connection:
        connection.execute(settings)
        dataset = {"dataset": "d", "n_scenes": n_scenes, "question_sets": ["seed"], "has_annotations": True}
        insert_rows(connection, "dataset", [{**dataset, "content_hash": "", "created_at": "2026-01-01"}])
        for table, of_table in rows.items():
            insert_rows(connection, table, ({**row, "dataset": "d"} for row in of_table))
        _answers(connection)
        _attention(connection, n_layers)


def scene_tables(n_scenes: int, n_questions: int) -> dict[str, list[dict[str, Any]]]:
    """Rows of the tables about scenes and questions; balanced questions make up the number."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    spare, questions = [], []
    for scene_id in range(n_scenes):
        scene = generate_scene(SEED, scene_id)
        twin = make_twin(scene, SEED) or mask_object(scene, scene.entities[-1].id)
        row = {
            "scene_id": scene_id, "width": 224, "height": 224,
            "n_entities": len(scene.entities), "n_relations": len(scene.relations),
        }  # fmt: skip
        rows["raw_scene"].append(row)
        rows["raw_entity"] += scene_rows.entity_rows(scene)
        rows["raw_relation"] += scene_rows.relation_rows(scene)
        image, masked = f"image_{scene_id:05d}.png", f"image_{scene_id:05d}_masked.png"
        rows["picture"] += [
            {"scene_id": scene_id, "variant": "raw", "image_filename": image},
            {
                "scene_id": scene_id, "variant": "masked", "image_filename": masked, "differs": twin.changed,
                "edit": twin.kind, "entity_id": twin.entity_id, "relation_index": twin.relation_index,
            },
        ]  # fmt: skip
        for table, edited in edited_rows(scene, "masked", twin).items():
            rows[table] += edited
        rows["region"] += scene_rows.region_rows(scene, *GRID)
        asked = ask_seed(scene, twin, derived_rng(SEED, scene_id, "questions/seed"))
        questions += asked
        spare.append((scene, twin))
    more = (
        question
        for scene, twin in spare
        for question in ask_balanced(scene, twin, derived_rng(SEED, scene.scene_id, "questions/balanced"))
    )
    questions += islice(more, max(0, n_questions - len(questions)))
    for question in questions[:n_questions]:
        rows["question_text"].append(scene_rows.question_row(question))
        rows["question_truth"] += truth_rows(question)
    return rows


def _answers(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        INSERT INTO run BY NAME
        SELECT run, 'd' AS dataset, 'run' AS kind, 'done' AS state, 'synthetic' AS model,
            if(run = 'one', 'summary', 'none') AS attention, TIMESTAMP '2026-01-01' AS started_at
        FROM (VALUES ('one'), ('two')) AS r (run);

        INSERT INTO answer BY NAME
        SELECT run, dataset, scene_id, question_index, variant, correct,
            if(correct, truth, if(truth = 'a)', 'b)', 'a)')) AS answer,
            lower(trim(if(correct, truth, if(truth = 'a)', 'b)', 'a)')), ')')) AS choice,
            truth AS ground_truth, [-0.5, -1.5, -2.5]::FLOAT[] AS option_logprobs, 2 AS n_steps
        FROM (
            SELECT run, q.*, variant, if(variant = 'raw', ground_truth, ground_truth_masked) AS truth,
                hash(run, scene_id, question_index, variant) % 10 < 7 AS correct
            FROM (VALUES ('one'), ('two')) AS r (run), question AS q,
                (VALUES ('raw'), ('masked')) AS v (variant)
        )
        ORDER BY run, scene_id, question_index, variant;
        """
    )


def _attention(connection: duckdb.DuckDBPyConnection, n_layers: int) -> None:
    columns = pool(n_layers)
    cells = range(GRID[0] * GRID[1])
    vectors = ", ".join(
        f"[{', '.join(f'{name}_{cell}' for cell in cells)}] AS {name}, {name}_entropy"
        for name in OF_EVERY_ANSWER
    )
    connection.register("pool_columns", columns)  # type: ignore[arg-type]  # numpy columns by name
    connection.execute(f"CREATE TEMP TABLE pool AS SELECT layer, k, image_mass, {vectors} FROM pool_columns")
    connection.execute(
        f"""
        INSERT INTO answer_attention BY NAME
        SELECT 'one' AS run, a.scene_id, a.question_index, a.variant, a.layer, {GRID[0]} AS grid_height,
            {GRID[1]} AS grid_width, p.* EXCLUDE (layer, k),
            [p.first_step_entropy, p.last_step_entropy] AS step_entropy, 2 AS n_steps
        FROM (
            SELECT scene_id, question_index, variant, layer::SMALLINT AS layer,
                (hash(scene_id, question_index, variant, layer) % {_POOL})::SMALLINT AS k
            FROM question, (VALUES ('raw'), ('masked')) AS v (variant), range({n_layers}) AS r (layer)
            ORDER BY scene_id, question_index, variant, layer
        ) AS a
        JOIN pool AS p USING (layer, k)
        """
    )


def pool(n_layers: int) -> dict[str, NDArray[Any]]:
    """Columns of random attention, `_POOL` rows a layer: a column per vector and cell."""
    rng = np.random.default_rng(SEED)
    n, n_cells = n_layers * _POOL, GRID[0] * GRID[1]
    layer = np.repeat(np.arange(n_layers, dtype=np.int16), _POOL)
    shares = rng.gamma(0.6, 1, (n, n_cells))
    shares /= shares.sum(1, keepdims=True)
    has_sink = layer % 3 == 0
    shares[has_sink] *= 0.8
    shares[has_sink, layer[has_sink] % n_cells] += 0.2
    mean = shares * rng.uniform(0.05, 0.5, (n, 1))
    vectors = {
        "mean_heads": mean,
        "max_heads": np.minimum(mean * rng.uniform(1, 8, (n, n_cells)), 1),
        "first_step": mean * rng.uniform(0.7, 1.3, (n, n_cells)),
        "last_step": mean * rng.uniform(0.7, 1.3, (n, n_cells)),
    }
    columns: dict[str, NDArray[Any]] = {
        "layer": layer,
        "k": np.tile(np.arange(_POOL, dtype=np.int16), n_layers),
        "image_mass": _rounded(mean.sum(1)),
    }
    for name, values in vectors.items():
        columns[f"{name}_entropy"] = _rounded(entropy(values))
        for cell in range(n_cells):
            columns[f"{name}_{cell}"] = _rounded(values[:, cell])
    return columns


def entropy(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shannon entropy (natural log) of each row normalised to sum 1."""
    shares = values / values.sum(1, keepdims=True)
    return -np.sum(shares * np.log(np.maximum(shares, 1e-30)), axis=1)


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.round(values, 6).astype(np.float32))
