CREATE OR REPLACE VIEW question_audit AS
WITH flawed AS (
    SELECT
        dataset, scene_id, question_index, category, stem, options, entities,
        unnest(flaws) AS flaw,
        generate_subscripts(flaws, 1) AS place,
        names_in(stem) AS named,
        if(ground_truth LIKE '_)', options[ascii(lower(ground_truth)) - 96], NULL) AS truth
    FROM question
), arrows AS (
    SELECT r.dataset, r.scene_id,
        list_sort(list_distinct(list(array_to_string(list_sort([s.name, o.name]), ' + ')))) AS pairs
    FROM relation AS r
    JOIN entity AS s ON s.dataset = r.dataset AND s.scene_id = r.scene_id AND s.entity_id = r.subject_id
    JOIN entity AS o ON o.dataset = r.dataset AND o.scene_id = r.scene_id AND o.entity_id = r.object_id
    WHERE r.explicit
    GROUP BY r.dataset, r.scene_id
), twice AS (
    SELECT dataset, scene_id, map_from_entries(list((name, n))) AS counts
    FROM (SELECT dataset, scene_id, name, count(*) AS n FROM entity GROUP BY ALL HAVING count(*) > 1)
    GROUP BY dataset, scene_id
), explained AS (
    SELECT
        f.*,
        list_filter(range(1, len(f.options) + 1), lambda spot:
            f.options[spot] IS DISTINCT FROM f.truth
            AND option_pairs(f.options[spot]) <> []
            AND (option_pairs(f.options[spot]) = option_pairs(f.truth) OR option_pairs(f.options[spot]) = a.pairs)) AS same,
        [abs(e1.center_x - e2.center_x), abs(e1.center_y - e2.center_y)] AS apart,
        d.counts,
        list_filter(if(len(f.named) = 0, flatten(list_transform(f.options, lambda option: names_in(option))),
            f.named), lambda name: map_contains(d.counts, name))[1] AS first_double
    FROM flawed AS f
    LEFT JOIN arrows AS a ON a.dataset = f.dataset AND a.scene_id = f.scene_id
    LEFT JOIN entity AS e1 ON e1.dataset = f.dataset AND e1.scene_id = f.scene_id AND e1.entity_id = f.entities[1]
    LEFT JOIN entity AS e2 ON e2.dataset = f.dataset AND e2.scene_id = f.scene_id AND e2.entity_id = f.entities[2]
    LEFT JOIN twice AS d ON d.dataset = f.dataset AND d.scene_id = f.scene_id
)
SELECT
    dataset, scene_id, question_index, category, flaw,
    CASE flaw
        WHEN 'equivalent_option' THEN
            array_to_string(list_transform(same, lambda spot: chr((96 + spot)::INTEGER) || ')'), ', ')
            || if(len(same) = 1, ' lists', ' list') || ' the same pairs as the truth'
        WHEN 'two_axes' THEN
            format('the objects are {} px apart on one axis and {} px on the other', list_min(apart), list_max(apart))
        WHEN 'referent_not_unique' THEN
            if(category <> 'explicit_connection' AND named[1] = named[2], 'the question names the ' || named[1] || ' twice',
                format('the scene has {} of the {}', counts[first_double], first_double))
        WHEN 'wording' THEN
            if(category = 'explicit_arrow_direction', 'the stem names the arrow''s source first',
                'the stem ' || if(lower(stem) LIKE '% shape', 'adds', 'leaves out') || ' the word shape')
        WHEN 'fixed_negative' THEN 'the ' || named[1] || ' is the first absent pair in a fixed order'
        WHEN 'fixed_letter' THEN 'Yes is always a) and No always b)'
    END AS detail
FROM explained
ORDER BY dataset, scene_id, question_index, place;

COMMENT ON VIEW question_audit IS 'One row per question and flaw: what is wrong with the question, from its text and, where there is some, from the scene''s geometry.';
COMMENT ON COLUMN question_audit.flaw IS 'More than one right answer: equivalent_option, two_axes, referent_not_unique. A leak, which a reader without the picture can use: wording, fixed_negative, fixed_letter.';
