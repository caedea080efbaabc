-- The heads of one answer that look most at what is asked about, less chance; where that is in the picture.
SELECT query_row, layer, head, target AS share, chance, distractor, arrow, removed, sink, rest, image_mass, entropy
FROM head_share
WHERE run = $run AND scene_id = $scene_id AND question_index = $question_index AND variant = $variant
    AND target IS NOT NULL
ORDER BY target - coalesce(chance, 0) DESC, query_row, layer, head
LIMIT $n;
