-- A run's answers as they are published: each with its question, with the tokens whose attention was read, and, beside
-- the first answer of each layout of image tokens that is no plain grid, with the layout.
WITH first_of AS (
    SELECT layout, min(k) AS k
    FROM (
        SELECT DISTINCT
            layout,
            {
                scene_id: scene_id, question_index: question_index, variant: variant, presentation: presentation,
                intervention: intervention
            } AS k
        FROM answer_attention
        WHERE run = $run AND layout IS NOT NULL
    )
    GROUP BY layout
), layout_of AS (
    SELECT k, list(t ORDER BY t.layout, t.token_index) AS token_layout
    FROM first_of
    JOIN token_layout AS t USING (layout)
    GROUP BY k
), token_of AS (
    SELECT
        scene_id,
        question_index,
        presentation,
        list({token_index: token_index, text: text, role: role} ORDER BY token_index, role) AS prompt_tokens
    FROM prompt_token
    WHERE run = $run
    GROUP BY ALL
)
SELECT
    a.scene_id,
    a.question_index,
    a.variant,
    a.presentation,
    a.intervention,
    q.question_set,
    q.category,
    q.text AS question,
    q.options,
    a.* EXCLUDE (run, dataset, scene_id, question_index, variant, presentation, intervention, full_attention_path),
    t.prompt_tokens,
    l.token_layout
FROM answer AS a
LEFT JOIN question AS q USING (dataset, scene_id, question_index)
LEFT JOIN token_of AS t USING (scene_id, question_index, presentation)
LEFT JOIN layout_of AS l ON l.k = {
    scene_id: a.scene_id, question_index: a.question_index, variant: a.variant, presentation: a.presentation,
    intervention: a.intervention
}
WHERE a.run = $run
ORDER BY a.scene_id, a.question_index, a.variant, a.presentation, a.intervention;
