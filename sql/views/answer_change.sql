CREATE OR REPLACE VIEW answer_change AS
FROM answer_change_of('raw');

COMMENT ON VIEW answer_change IS 'One row per run, category and variant of the picture (masked, changed, placebo, own ones): does the answer change when the truth changes, and stay when it stays? Pictures that are pixel for pixel the original are counted apart.';
COMMENT ON COLUMN answer_change.n_truth_changes IS 'Questions whose right answer on this variant is another than on the raw picture.';
COMMENT ON COLUMN answer_change.changes_with_truth IS 'Share of these with another answer than on the raw picture, right or wrong; changes_low and changes_high are its 95% interval over scenes.';
COMMENT ON COLUMN answer_change.changes_rightly IS 'Share of these with another answer, and the right one.';
COMMENT ON COLUMN answer_change.none_of_changes IS 'Of the answers that changed with the truth, the share that changed to None.';
COMMENT ON COLUMN answer_change.none_if_truth_changes IS 'How often None is said where the truth changes. To be held against none_if_truth_stays: a model that just says None on odd pictures has both high.';
COMMENT ON COLUMN answer_change.n_truth_stays IS 'Questions whose right answer is the raw picture''s, though the picture differs.';
COMMENT ON COLUMN answer_change.stays_with_truth IS 'Share of these with the same answer as on the raw picture; stays_low and stays_high are its 95% interval over scenes.';
COMMENT ON COLUMN answer_change.left_for_none IS 'Share of these that left an option for None, though nothing asked for it.';
COMMENT ON COLUMN answer_change.n_same_picture IS 'Questions on twins without any difference, left out above: there an answer can only stay.';
COMMENT ON COLUMN answer_change.n_unreadable IS 'Pairs with an unreadable answer, which count as neither changed nor stayed.';
