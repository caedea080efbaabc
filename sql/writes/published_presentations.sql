-- The other ways in which a published data set's questions were put (part_presentation); those known already stay.
INSERT OR IGNORE INTO question_presentation BY NAME
FROM part_presentation;
