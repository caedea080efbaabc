-- The shares of each cell that several items cover, added up. Shapes don't overlap. Boxes may: of these a cell is covered once,
-- less what is `taken` (NULL: nothing) by others.
CREATE OR REPLACE MACRO covered_together(covers, boxed, taken) AS
    CASE WHEN NOT boxed THEN cell_sum(covers)
    WHEN taken IS NULL THEN list_transform(cell_sum(covers), lambda share: least(share, 1::FLOAT))
    ELSE list_transform(list_zip(cell_sum(covers), taken),
        lambda pair: least(pair[1], greatest(1 - pair[2], 0))::FLOAT) END;
COMMENT ON MACRO covered_together IS 'The share of each cell that some items cover together; of boxes, which may overlap, at most what is left of it.';
