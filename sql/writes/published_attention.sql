-- Attention of answers that were published elsewhere.
INSERT INTO answer_attention BY NAME
FROM part_attention;
