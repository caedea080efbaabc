CREATE OR REPLACE VIEW letter_preference AS
WITH ordered AS (
    SELECT *
    FROM answer_presented
    WHERE correct IS NOT NULL AND wording = ''
    QUALIFY count(*) OVER (PARTITION BY run, variant, scene_id, question_index) > 1
), offered AS (
    SELECT
        run, category, variant, scene_id, chr(97 + place::INTEGER) AS letter,
        coalesce(choice = chr(97 + place::INTEGER), false) AS chosen,
        trim(lower(ground_truth), ')') = chr(97 + place::INTEGER) AS is_right
    FROM ordered
    CROSS JOIN unnest(range(len(options))) AS u (place)
    UNION ALL
    SELECT run, category, variant, scene_id, 'none', coalesce(choice = 'none', false), lower(ground_truth) = 'none'
    FROM ordered
), of_scene AS (
    SELECT
        run, category, variant, letter, scene_id,
        count(*) AS n,
        count(*) FILTER (chosen) AS chosen,
        count(*) FILTER (is_right) AS is_right
    FROM offered
    GROUP BY run, category, variant, letter, scene_id
)
SELECT
    run, category, variant, letter,
    sum(n)::BIGINT AS n,
    sum(chosen) / sum(n) AS chosen,
    sum(is_right) / sum(n) AS is_right,
    (sum(chosen) - sum(is_right)) / sum(n) AS preference,
    difference_end(n, chosen - is_right, -1) AS preference_low,
    difference_end(n, chosen - is_right, 1) AS preference_high
FROM of_scene
GROUP BY run, category, variant, letter;

COMMENT ON VIEW letter_preference IS 'One row per run, category, variant and letter, of runs with --orders: how often a letter is chosen beside how often it is right. With as many orders as options every letter is right equally often.';
COMMENT ON COLUMN letter_preference.letter IS 'a and on, or none.';
COMMENT ON COLUMN letter_preference.n IS 'Answers in which it was offered.';
COMMENT ON COLUMN letter_preference.chosen IS 'Share of these that chose it.';
COMMENT ON COLUMN letter_preference.is_right IS 'Share of these in which it was right.';
COMMENT ON COLUMN letter_preference.preference IS 'chosen minus is_right; preference_low and preference_high are its 95% interval over scenes.';
