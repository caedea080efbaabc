CREATE OR REPLACE VIEW raw_vs_masked AS
FROM raw_vs_masked_of(false);

COMMENT ON VIEW raw_vs_masked IS 'One row per run and category: the same questions on the raw and on the masked picture.';
COMMENT ON COLUMN raw_vs_masked.n IS 'Questions graded on both pictures.';
COMMENT ON COLUMN raw_vs_masked."drop" IS 'accuracy_raw less accuracy_masked.';
COMMENT ON COLUMN raw_vs_masked.drop_pct IS 'The drop in percent of accuracy_raw; NULL if that is 0.';
COMMENT ON COLUMN raw_vs_masked.retain_rate IS 'Of the right raw answers, the share still right masked.';
COMMENT ON COLUMN raw_vs_masked.fix_rate IS 'Of the wrong raw answers, the share right masked.';
COMMENT ON COLUMN raw_vs_masked.drop_low IS '95% interval of the drop over scenes, lower end; questions of a scene may agree.';
COMMENT ON COLUMN raw_vs_masked.p IS 'Sign-flip test over scenes of no difference; corrected for the categories in raw_vs_masked_test.';
COMMENT ON COLUMN raw_vs_masked.mcnemar_p IS 'The study''s kind of test: exact two-sided McNemar, which takes questions of a scene as independent.';
