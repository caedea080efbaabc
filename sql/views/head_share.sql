CREATE OR REPLACE VIEW head_share AS
SELECT
    run, scene_id, question_index, variant, query_row, layer,
    generate_subscripts(image_mass, 1)::SMALLINT - 1::SMALLINT AS head,
    unnest(image_mass) AS image_mass,
    unnest(entropy) AS entropy,
    unnest(target) AS target,
    unnest(chance) AS chance,
    unnest(distractor) AS distractor,
    unnest(arrow) AS arrow,
    unnest(removed) AS removed,
    unnest(sink) AS sink,
    unnest(rest) AS rest
FROM head_attention
WHERE presentation = 'plain' AND intervention = 'none';

COMMENT ON VIEW head_share IS 'One row per plain answer, query row, layer and head of runs with --attention heads: the shares of its attention on the picture that lie on regions (as in head_attention).';
COMMENT ON COLUMN head_share.head IS 'Counts from 0.';
