-- The study's table of probes (assets/reference) into reference_probe_accuracy; $file is the CSV.
INSERT OR REPLACE INTO reference_probe_accuracy BY NAME
SELECT
    'study' AS source,
    query_type AS category,
    label_name AS label,
    * EXCLUDE (query_type, label_name)
FROM published;
