-- Which categories can be answered without looking? Words alone: what question and options give away to a reader that
-- sees no picture. The blank picture shows only what the model says by habit (NULL without --variants raw,masked,blank).
SELECT raw.run, raw.category, raw.accuracy AS with_picture, raw.ci_low, raw.words_alone, raw.words_alone_high,
    raw.likeliest, blank.accuracy AS on_blank_picture
FROM accuracy_by_category AS raw
LEFT JOIN accuracy_by_category AS blank
    ON blank.run = raw.run AND blank.category = raw.category AND blank.variant = 'blank'
WHERE raw.variant = 'raw'
ORDER BY raw.run, with_picture - greatest(raw.words_alone, raw.likeliest), raw.category;
