-- What in a spool part (part_inference) does not belong to its run, one line a fault.
WITH answer AS MATERIALIZED (FROM part_inference),
own AS (FROM run WHERE run = $run)
SELECT 'it holds answers on another data set' AS fault
WHERE EXISTS (FROM answer, own WHERE answer.dataset <> own.dataset)
UNION ALL
SELECT 'it holds answers on a variant the run does not ask about'
WHERE EXISTS (FROM answer, own WHERE NOT list_contains(own.variants, answer.variant))
UNION ALL
SELECT 'it holds answers under an intervention that the warehouse does not know'
WHERE EXISTS (FROM answer ANTI JOIN intervention USING (intervention))
UNION ALL
SELECT 'it holds answers to questions the data set does not have'
WHERE EXISTS (FROM question_text JOIN own USING (dataset))
    AND EXISTS (FROM answer ANTI JOIN question_text USING (dataset, scene_id, question_index));
