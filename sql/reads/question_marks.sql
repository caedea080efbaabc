-- The questions of a run that a person marked or wrote a note about, in order; of one scene or question
-- alone with $scene_id and $question_index.
SELECT m.scene_id, m.question_index, q.category, q.stem, m.marked, m.note, m.changed_at
FROM question_mark AS m
JOIN run AS r USING (run)
LEFT JOIN question AS q ON q.dataset = r.dataset AND q.scene_id = m.scene_id AND q.question_index = m.question_index
WHERE m.run = $run
    AND ($scene_id IS NULL OR m.scene_id = $scene_id)
    AND ($question_index IS NULL OR m.question_index = $question_index)
ORDER BY m.scene_id, m.question_index;
