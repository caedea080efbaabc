-- When an object is taken away, does the attention leave its place? Its share raw and masked, beside the share of the
-- area, in the layers where the difference is largest.
SELECT raw.run, raw.category, raw.layer,
    raw.masked_place_share AS share_with_object,
    masked.masked_place_share AS share_without,
    masked.masked_place_area AS share_of_area,
    masked.n_masked_place AS n
FROM attention_grounding AS raw
JOIN attention_grounding AS masked ON masked.run = raw.run AND masked.category = raw.category
    AND masked.layer = raw.layer AND masked.variant = 'masked'
WHERE raw.variant = 'raw' AND masked.n_masked_place > 0
ORDER BY share_with_object - share_without DESC
LIMIT 20;
