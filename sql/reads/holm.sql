-- p-values after Holm's correction for all of the list $p, in its order; those that are NULL stay so.
SELECT holm(p, $p::DOUBLE[]) AS holm_p
FROM (SELECT unnest($p::DOUBLE[]) AS p, generate_subscripts($p::DOUBLE[], 1) AS place)
ORDER BY place;
