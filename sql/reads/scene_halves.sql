-- The half, 1 or 2, of each scene of a run; as in macro head_tested.
SELECT scene_id, (md5_number_lower(scene_id::VARCHAR) % 2 + 1)::TINYINT AS half
FROM (SELECT DISTINCT scene_id FROM answer WHERE run = $run);
