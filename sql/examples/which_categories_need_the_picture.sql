-- Which categories can be answered without looking? The blank picture shows what the wording alone gives away
-- (answered with --variants raw,masked,blank; empty without it).
SELECT raw.run, raw.category, raw.accuracy AS with_picture, blank.accuracy AS without_picture,
    blank.ci_low AS without_low, blank.ci_high AS without_high, blank.n
FROM accuracy_by_category AS raw
JOIN accuracy_by_category AS blank ON blank.run = raw.run AND blank.category = raw.category
WHERE raw.variant = 'raw' AND blank.variant = 'blank'
ORDER BY raw.run, with_picture - without_picture;
