-- What a patch copies, in columns that views can group by; and what steering is here.

ALTER TABLE intervention ADD COLUMN site VARCHAR;
ALTER TABLE intervention ADD COLUMN places VARCHAR;
ALTER TABLE intervention ADD COLUMN variants VARCHAR[];
ALTER TABLE intervention ADD COLUMN deepstack VARCHAR;
COMMENT ON COLUMN intervention.kind IS 'none, knock-out (attention edges are cut), patch (states of another prompt) or steer (a number is added to scores of attention).';
COMMENT ON COLUMN intervention.strength IS 'Of steering: what is added to the scores of the region''s cells before the softmax.';
COMMENT ON COLUMN intervention.site IS 'Of a patch: residual, attention, mlp or head.';
COMMENT ON COLUMN intervention.places IS 'Of a patch: at which tokens, as --at says it.';
COMMENT ON COLUMN intervention.variants IS 'Of a patch: the two variants between which states are copied.';
COMMENT ON COLUMN intervention.deepstack IS 'Of a patch: whose features are added to patched image tokens in later layers, source or destination.';
