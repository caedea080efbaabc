CREATE OR REPLACE VIEW attention_target AS
SELECT f.*
FROM attention_target_fill AS f
JOIN attention_fill_state AS s ON s.run = f.run AND s.part = 'mean' AND s.is_filled
UNION ALL BY NAME
FROM attention_target_live;

COMMENT ON VIEW attention_target IS 'One row per run, kind of question and layout: where on the picture stands what questions of that kind ask about, summed over the questions whose attention was kept.';
COMMENT ON COLUMN attention_target.none_is_right IS 'Whether None is the right answer on that variant; with question set, category, variant and layout it makes the kind.';
COMMENT ON COLUMN attention_target.n IS 'Questions that ask about something in the picture.';
COMMENT ON COLUMN attention_target.entity IS 'Over these, the sum of the share of each cell that is covered by what they ask about.';
COMMENT ON COLUMN attention_target.touched IS 'How many of them ask about something that touches the cell.';
