-- Which cells what each question is about touches: the numbers of those with any coverage, for one grid or layout; NULL where the
-- picture has no such thing.
SELECT
    scene_id, question_index, variant,
    list_filter(range(len(entity)), lambda cell: entity[cell + 1] > 0) AS target,
    list_filter(range(len(distractor)), lambda cell: distractor[cell + 1] > 0) AS distractor,
    list_filter(range(len(arrow)), lambda cell: arrow[cell + 1] > 0) AS arrow,
    list_filter(range(len(masked_place)), lambda cell: masked_place[cell + 1] > 0) AS removed
FROM question_region_of([$dataset])
WHERE layout = layout_name($layout, $grid_height, $grid_width);
