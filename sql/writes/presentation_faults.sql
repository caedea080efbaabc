-- What in published presentations (part_presentation) does not go with the data set here, one line a fault. An answer's
-- letter is told by the order of the options, so that has to be one of the question's own.
WITH presented AS MATERIALIZED (FROM part_presentation)
SELECT 'it puts questions that the data set does not have' AS fault
WHERE EXISTS (FROM presented ANTI JOIN question_text USING (dataset, scene_id, question_index))
UNION ALL
SELECT 'it puts a question with other options than its own'
WHERE EXISTS (
    FROM presented AS p
    JOIN question_text AS q USING (dataset, scene_id, question_index)
    WHERE list_sort(p.option_order) IS DISTINCT FROM range(len(q.options))::INTEGER[]
        OR p.options IS DISTINCT FROM list_transform(p.option_order, lambda place: q.options[place + 1])
)
UNION ALL
SELECT 'it puts a question in another way than this warehouse under that name (--db takes one of its own)'
WHERE EXISTS (
    FROM presented AS p
    JOIN question_presentation AS known USING (dataset, scene_id, question_index, presentation)
    WHERE p.text IS DISTINCT FROM known.text OR p.option_order IS DISTINCT FROM known.option_order
);
