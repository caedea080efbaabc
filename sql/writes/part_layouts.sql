-- The layouts that a spool part's attention is on (part_inference), unless they are known.
INSERT OR IGNORE INTO token_layout BY NAME
SELECT DISTINCT ON (t.layout, t.token_index) t.layout, t.token_index, t.part, t.x_min, t.y_min, t.x_max, t.y_max
FROM part_inference AS i
CROSS JOIN unnest(i.token_layout) AS u (t)
WHERE i.token_layout IS NOT NULL;
