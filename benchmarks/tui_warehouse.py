"""A large invented warehouse for measuring the terminal application.

Made with SQL in a minute or two, not through a model: sizes are real, contents are not.
"""

from pathlib import Path

from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect

_DATASET = """
INSERT INTO dataset (dataset, seed, n_scenes, question_sets, has_annotations, content_hash, created_at)
SELECT 'big', 1, $n, ['seed'], true, 'big', TIMESTAMP '2025-01-01'
"""
_SCENES = """
INSERT INTO raw_scene (dataset, scene_id, width, height, n_entities, n_relations)
SELECT 'big', i, 224, 224, 3, 0 FROM range($n) AS t(i)
"""
_PICTURES = """
INSERT INTO picture (dataset, scene_id, variant, image_filename, image, differs, edit, entity_id)
SELECT 'big', i, 'raw', format('image_{:05d}.png', i), $picture, NULL, NULL, NULL FROM range($n) AS t(i)
UNION ALL
SELECT 'big', i, 'masked', format('image_{:05d}_masked.png', i), $picture, true, 'object', 2
FROM range($n) AS t(i)
"""
_GONE = """
INSERT INTO variant_entity (dataset, scene_id, variant, entity_id, is_there)
SELECT 'big', i, 'masked', 2, false FROM range($n) AS t(i)
"""
_ENTITIES = """
INSERT INTO raw_entity (dataset, scene_id, entity_id, shape, size, color, name, center_x, center_y, x_min,
    y_min, x_max, y_max)
SELECT 'big', s, e, 'circle', 'small', 'red', 'red circle', 60 + 40 * e, 60 + 40 * e, 40 + 40 * e,
    40 + 40 * e, 80 + 40 * e, 80 + 40 * e
FROM range($n) AS a(s), range(3) AS b(e)
"""
_REGIONS = """
INSERT INTO region (dataset, scene_id, kind, item_id, grid_height, grid_width, coverage)
SELECT 'big', scene_id, 'entity', entity_id, 8, 8,
    list_transform(range(64), lambda c: (c % 9 = entity_id)::INT::FLOAT)
FROM entity WHERE dataset = 'big'
"""
_QUESTIONS = """
INSERT INTO question_text (dataset, scene_id, question_index, question_set, category, text, stem, options,
    entities, flaws)
SELECT 'big', s, q, 'seed',
    ['count', 'recognition_shape', 'recognition_shape', 'recognition_color', 'recognition_color',
     'recognition_shape_and_color', 'recognition_shape_and_color', 'implicit_spatial', 'explicit_connection',
     'explicit_arrow_direction'][q + 1],
    format('Question {} about scene {}, is there a {} circle? Here are your options: a) Yes b) No', q, s,
        color),
    format('Question {} about scene {}, is there a {} circle', q, s, color),
    ['Yes', 'No'], [0], CASE WHEN hash(s, q, 5) % 3 = 0 THEN ['two_axes'] ELSE [] END
FROM (
    SELECT s, q, ['red', 'green', 'blue', 'cyan'][(1 + hash(s, q) % 4)::INT] AS color
    FROM range($n) AS a(s), range($per_scene) AS b(q)
)
"""
_TRUTHS = """
INSERT INTO question_truth (dataset, scene_id, question_index, variant, ground_truth)
SELECT dataset, scene_id, question_index, variant, if(variant = 'raw',
    ['a)', 'b)'][(1 + hash(question_index, scene_id) % 2)::INT],
    ['a)', 'b)', 'None'][(1 + hash(question_index, scene_id, 1) % 3)::INT])
FROM question_text, (VALUES ('raw'), ('masked')) AS v (variant)
WHERE dataset = 'big'
"""
_RUN = """
INSERT INTO run (run, dataset, question_set, kind, state, model, attention, variants, n_planned, grid_height,
    grid_width, started_at, heartbeat_at, finished_at)
VALUES ($run, 'big', 'seed', 'run', 'done', 'Qwen/Qwen3-VL-4B-Instruct', $attention, $variants, $planned, 8,
    8,
    TIMESTAMP '2025-01-01', TIMESTAMP '2025-01-01 02:00', TIMESTAMP '2025-01-01 02:00')
"""
_ANSWERS = """
INSERT INTO answer (run, dataset, scene_id, question_index, variant, answer, choice, correct, seed_correct,
    ground_truth, option_logprobs, n_steps, truncated, created_at)
SELECT $run, 'big', scene_id, question_index, variant, if(good, truth, 'c)'),
    if(good, trim(lower(truth), ')'), 'c'), good, good, truth, [-0.2, -2.0, -4.0], 3, false,
    TIMESTAMP '2025-01-01'
FROM (
    SELECT *, hash(scene_id, question_index, variant, $run) % 100 < if(variant = 'raw', 80, 65) AS good,
        if(variant = 'masked', ground_truth_masked, ground_truth) AS truth
    FROM question, (SELECT unnest($variants) AS variant)
    WHERE dataset = 'big'
)
ORDER BY scene_id, question_index
"""
_ATTENTION = """
INSERT INTO answer_attention (run, scene_id, question_index, variant, layer, grid_height, grid_width,
    mean_heads, max_heads, first_step, last_step, mean_heads_entropy, max_heads_entropy, first_step_entropy,
    last_step_entropy, step_entropy, image_mass, n_steps)
SELECT run, scene_id, question_index, variant, layer, 8, 8, cells, cells, cells, cells, 3.9, 3.9, 3.9, 3.9,
    [3.9, 3.8, 3.7]::FLOAT[], 0.4, 3
FROM (
    SELECT i.run, i.scene_id, i.question_index, i.variant, l.layer::SMALLINT AS layer,
        list_transform(range(64), lambda c: round(
            0.001 + (hash(i.scene_id, i.question_index, l.layer, c) % 9999) / 9e5, 6)::FLOAT) AS cells
    FROM (FROM inference WHERE run = $run ORDER BY scene_id, question_index) AS i, range($layers) AS l(layer)
)
"""


def make(
    path: Path,
    n_scenes: int,
    picture: bytes,
    *,
    per_scene: int = 10,
    layers: int = 0,
    n_runs: int = 1,
    variants: tuple[str, ...] = ("raw", "masked"),
) -> Path:
    """A warehouse with `n_runs` runs on `n_scenes` scenes; attention of `layers` layers for the first."""
    ensure(path)
    with connect(path, read_only=False) as connection:
        connection.execute(_DATASET, {"n": n_scenes})
        connection.execute(_SCENES, {"n": n_scenes})
        connection.execute(_PICTURES, {"n": n_scenes, "picture": picture})
        connection.execute(_GONE, {"n": n_scenes})
        connection.execute(_ENTITIES, {"n": n_scenes})
        connection.execute(_REGIONS)
        connection.execute(_QUESTIONS, {"n": n_scenes, "per_scene": per_scene})
        connection.execute(_TRUTHS)
        for number in range(n_runs):
            of_run = {"run": f"big-{number}", "variants": list(variants)}
            kept = "summary" if layers and number == 0 else "none"
            planned = n_scenes * per_scene * len(variants)
            connection.execute(_RUN, {**of_run, "attention": kept, "planned": planned})
            connection.execute(_ANSWERS, of_run)
            if kept == "summary":
                connection.execute(_ATTENTION, {"run": of_run["run"], "layers": layers})
    return path
