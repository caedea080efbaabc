CREATE OR REPLACE VIEW raw_vs_masked_changed AS
FROM raw_vs_masked_of(true);

COMMENT ON VIEW raw_vs_masked_changed IS 'One row per run and category: the same as without _changed, over scenes whose two pictures differ. Twins that are pixel for pixel the original, and those not known to differ, are left out.';
