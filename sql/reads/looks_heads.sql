-- The shares of every head of the plain answers of a run, variant and category on what is asked about, where that is in
-- the picture; none of runs that keep no heads.
SELECT h.scene_id, h.question_index, h.query_row, h.layer, h.head, h.target, h.chance, h.distractor
FROM head_share AS h
JOIN run AS r USING (run)
JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = h.scene_id AND q.question_index = h.question_index
WHERE h.run = $run AND h.variant = $variant AND q.category = $category AND h.target IS NOT NULL AND h.chance IS NOT NULL
ORDER BY h.query_row, h.layer, h.head
