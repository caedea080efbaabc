-- In which layers does masking move the attention most? Only twins whose picture differs: the others can't move anything.
SELECT run, layer, count(*) AS n, avg(l1) AS l1, stddev_samp(l1) AS l1_sd, avg(cosine) AS cosine
FROM attention_shift
WHERE twin_changed
GROUP BY run, layer
ORDER BY run, l1 DESC;
