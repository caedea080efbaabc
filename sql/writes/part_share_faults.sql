-- What is wrong with the shares of heads and tokens within a spool part, one line a fault; as part_faults.
WITH looked AS (
    SELECT *, 'heads' AS of_what FROM part_head_attention
    UNION ALL BY NAME
    SELECT *, 'tokens' AS of_what FROM part_token_attention
), share AS (
    SELECT len(image_mass) AS n, unnest([target, chance, distractor, arrow, removed, sink, rest]) AS shares
    FROM looked
)
SELECT 'it holds shares of another run' AS fault
WHERE EXISTS (FROM looked WHERE run IS DISTINCT FROM $run)
UNION ALL
SELECT 'it holds shares of a question it has no answer to'
WHERE EXISTS (
    FROM looked
    ANTI JOIN part_inference USING (scene_id, question_index, variant, presentation, intervention)
)
UNION ALL
SELECT 'shares name no query row or no first token'
WHERE EXISTS (
    FROM looked
    WHERE (of_what = 'heads' AND query_row IS NULL) OR (of_what = 'tokens' AND (first_token IS NULL OR first_token < 0))
)
UNION ALL
SELECT 'it holds the shares of one layer twice, or not of every layer'
WHERE EXISTS (
    SELECT 1
    FROM looked
    GROUP BY of_what, scene_id, question_index, variant, presentation, intervention, query_row
    HAVING count(*) <> count(DISTINCT layer) OR min(layer) <> 0 OR max(layer) <> count(*) - 1 OR count(layer) <> count(*)
)
UNION ALL
SELECT 'shares are of different numbers of heads or tokens'
WHERE EXISTS (FROM share WHERE n < 1 OR len(shares) <> n OR (n IS NULL AND shares IS NOT NULL))
    OR EXISTS (FROM looked WHERE of_what = 'heads' AND len(entropy) IS DISTINCT FROM len(image_mass))
UNION ALL
SELECT 'an answer has no shares in any layer'
WHERE EXISTS (
    SELECT 1
    FROM looked
    GROUP BY of_what, scene_id, question_index, variant, presentation, intervention, query_row
    HAVING count(image_mass) = 0
)
UNION ALL
SELECT 'a share is missing or not finite'
WHERE EXISTS (FROM share WHERE len(list_filter(coalesce(shares, []), lambda x: x IS NULL OR NOT isfinite(x))) > 0)
    OR EXISTS (
        FROM looked
        WHERE len(list_filter(image_mass || coalesce(entropy, []), lambda x: x IS NULL OR NOT isfinite(x))) > 0
    );
