"""What the words alone score, beside every accuracy: rows in, rows out."""

import numpy as np
import pytest

from relcli.warehouse.opening import connect
from relcli.warehouse.reads import read
from relcli.warehouse.words_alone import WordsAlone, known_words_alone, write_words_alone
from tests.sql.scene_oracle import accuracy_interval

RAW = WordsAlone("count", "raw", [(2, 2), (1, 0), (2, 1), (1, 1)], accuracy=0.7, likeliest=0.4)
MASKED = WordsAlone("count", "masked", [(1, 1)] * 20, accuracy=1.0, likeliest=0.9)
COLUMNS = "variant, words_alone, likeliest, n_words_alone"


@pytest.fixture
def asked(warehouse):
    """Two runs on one data set, of different question sets, one also on the blank picture."""
    warehouse.put("run", {"run": "r", "question_set": "seed"}, {"run": "other", "question_set": "balanced"})
    warehouse.answers("count", [(True, False), (True, True)])
    warehouse.put("inference", {"question_index": 0, "variant": "blank", "correct": False})
    warehouse.put("inference", {"run": "other", "question_index": 0})
    return warehouse


def test_each_accuracy_stands_beside_the_words_of_its_own_truth(asked):
    write_words_alone(asked.path, "d", "seed", [RAW, MASKED], reader=1)
    rows = asked.ask(f"SELECT {COLUMNS} FROM accuracy_by_category WHERE run = 'r' ORDER BY variant").rows
    # the blank picture is graded against the raw truth
    assert rows == [("blank", 0.7, 0.4, 6), ("masked", 1.0, 0.9, 20), ("raw", 0.7, 0.4, 6)]
    [row] = read(asked.path, "category_table", run="r").as_dicts()
    assert (row["words_alone"], row["likeliest"], row["n_words_alone"]) == (0.7, 0.4, 6)
    assert (row["masked_words_alone"], row["masked_likeliest"], row["n_masked_words_alone"]) == (1.0, 0.9, 20)
    assert row["raw"] == 1 and row["masked"] == 0.5 and row["blank"] == 0


def test_the_interval_is_over_scenes_like_every_other(asked):
    write_words_alone(asked.path, "d", "seed", [RAW, MASKED], reader=1)
    found = asked.ask("SELECT variant, n, n_scenes, ci_low, ci_high FROM words_alone ORDER BY variant").rows
    for (variant, n, n_scenes, low, high), score in zip(found, (MASKED, RAW), strict=True):
        sizes, right = np.array(score.by_scene).T
        assert (variant, n, n_scenes) == (score.variant, sizes.sum(), len(sizes))
        assert (low, high) == pytest.approx(accuracy_interval(sizes, right))
    assert found[0][3] < 1  # all right is no certainty


def test_other_questions_and_data_sets_have_none(asked):
    write_words_alone(asked.path, "d", "seed", [RAW], reader=1)
    write_words_alone(asked.path, "elsewhere", "balanced", [RAW], reader=1)
    rows = asked.ask(f"SELECT run, {COLUMNS} FROM accuracy_by_category ORDER BY run, variant").rows
    assert [row[2] for row in rows] == [None, 0.7, None, 0.7]
    assert rows[0] == ("other", "raw", None, None, None)


def test_a_score_takes_the_place_of_the_one_before(asked):
    write_words_alone(asked.path, "d", "seed", [RAW, MASKED], reader=1)
    write_words_alone(asked.path, "d", "seed", [WordsAlone("count", "raw", [(3, 0)], 0.0, 0.5)], reader=2)
    rows = asked.ask("SELECT variant, n, accuracy, likeliest, reader FROM words_alone ORDER BY variant").rows
    assert rows == [("masked", 20, 1.0, 0.9, 1), ("raw", 3, 0.0, 0.5, 2)]
    assert known_words_alone(asked.path, "d", "seed", 1) == {("count", "raw"), ("count", "masked")}
    assert known_words_alone(asked.path, "d", "seed", 2) == {("count", "raw")}
    assert known_words_alone(asked.path, "d", "balanced", 1) == set()


def test_all_scores_are_kept_or_none(asked):
    broken = WordsAlone("count", "masked", [(1, 1)], accuracy=None, likeliest=0.5)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="NOT NULL"):
        write_words_alone(asked.path, "d", "seed", [RAW, broken], reader=1)
    assert asked.ask("FROM words_alone").rows == []


def test_every_column_that_needs_it_says_what_it_is(asked):
    with connect(asked.path, read_only=True) as connection:
        bare = connection.execute(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = 'words_alone' AND comment IS NULL"
        ).fetchall()
    assert {name for (name,) in bare} == {"dataset", "question_set", "category"}
