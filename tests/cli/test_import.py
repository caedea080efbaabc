"""relcli import seed: the study's own files, whole or not at all."""

import json
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from relcli.errors import RelcliError
from relcli.jobs.importing.attention import entropy, read_attention
from relcli.jobs.importing.npz import UnreadableNpz
from relcli.paths import sql_dir
from relcli.warehouse.datasets import load_dataset
from tests.cli.cli_helpers import Relcli, load_json, rows_of, sentence, start, tree
from tests.cli.import_kit import (
    CLOSING,
    QUERIES,
    RESULTS,
    attention_paths,
    npz_arrays,
    sample_lines,
    write_attention,
    write_lines,
)

pytestmark = pytest.mark.usefixtures("empty")
DB = Path("study.duckdb")
PUBLISHED = (
    # query_type, n, right raw, right masked, right on both: the counts behind the published table
    ("count", 2726, 2637, 2020, 1970),
    ("explicit_arrow_direction", 2244, 2067, 1715, 1616),
    ("explicit_connection", 2244, 1149, 1129, 750),
    ("recognition_shape_and_color", 5452, 5423, 5413, 5398),
    ("recognition_color", 5452, 5275, 5308, 5238),
    ("recognition_shape", 5345, 4310, 4412, 4226),
    ("implicit_spatial", 2280, 1410, 1471, 1196),
)
# query_type, drop, drop_pct, retain_rate, fix_rate as published
RATES = {
    "count": (0.22633895818048433, 23.397800530906345, 0.7470610542282897, 0.5617977528089888),
    "explicit_arrow_direction": (
        0.1568627450980392,
        17.02951136913401,
        0.7818093855829705,
        0.559322033898305,
    ),
    "explicit_connection": (0.0089126559714795, 1.7406440382941684, 0.6527415143603134, 0.3461187214611872),
    "recognition_shape_and_color": (
        0.0018341892883345645,
        0.1843997787202664,
        0.9953900055319934,
        0.5172413793103449,
    ),
    "recognition_color": (-0.00605282465150403, -0.6255924170616107, 0.9929857819905213, 0.3954802259887006),
    "recognition_shape": (-0.0190832553788588, -2.3665893271461784, 0.9805104408352668, 0.17971014492753623),
    "implicit_spatial": (-0.026754385964912197, -4.3262411347517595, 0.8482269503546099, 0.3160919540229885),
}


def seed(relcli: Relcli, results: Path = RESULTS, name: str = "published", *words: object):
    return relcli(
        "import", "seed", "--results", results, "--name", name, "--db", DB, "--format", "json", *words
    )


def test_the_sample_reads_right(relcli: Relcli) -> None:
    done = load_json(seed(relcli))
    assert (done["questions"], done["answers_added"], done["our_grade_differs"]) == (37, 74, 0)
    stored = rows_of(
        DB,
        "select image_filename, category, text, ground_truth_masked, answer, i.correct, our_correct, variant "
        "from inference i join question q using (dataset, scene_id, question_index) "
        "join scene using (dataset, scene_id) order by scene_id, question_index, variant desc",
    )
    expected = []
    for line in sample_lines():
        masked = line["ground_truth_masked"].replace("none", "None")
        for variant, suffix in (("raw", ""), ("masked", "_masked")):
            right = line["evaluation" + suffix] == "correct"
            about = (line["image_filename"], line["query_type"], line["question"], masked)
            expected.append((*about, line["prediction" + suffix], right, right, variant))
    assert stored == expected
    run = rows_of(DB, "select kind, state, attention, variants, question_set, n_planned from run")
    assert run == [("import", "done", "none", ["raw", "masked"], "seed", 74)]
    # On the first picture option c) is the true connection turned round, and the reader fell for it.
    flawed = rows_of(DB, "select flaws from question where scene_id = 0 and category = 'explicit_connection'")
    assert flawed == [(["equivalent_option"],)]


def test_a_data_set_of_questions_alone_has_no_pictures(relcli: Relcli) -> None:
    seed(relcli)
    item = load_dataset(DB, "published").items[0]
    assert not item.image.known and item.has_twin
    with pytest.raises(RelcliError, match=r"no picture image_00000.png .* import it again with --dataset"):
        item.image.image()


def test_removing_the_run_removes_where_it_came_from(relcli: Relcli) -> None:
    seed(relcli)
    assert relcli("runs", "remove", "published", "--yes", "--db", DB).exit_code == 0
    assert rows_of(DB, "select (select count(*) from import_source), (select count(*) from run)") == [(0, 0)]


def test_twice_adds_nothing_and_queries_give_the_same_data_set(relcli: Relcli) -> None:
    seed(relcli)
    before = rows_of(DB, "from inference order by all")
    again = load_json(seed(relcli, RESULTS, "published", "--queries", QUERIES))
    assert (again["answers_added"], again["dataset"]) == (0, "published")
    assert rows_of(DB, "from inference order by all") == before
    assert rows_of(DB, "select count(*) from run, dataset, import_source") == [(1,)]


def test_runs_of_the_same_questions_share_a_data_set(relcli: Relcli) -> None:
    seed(relcli)
    assert load_json(seed(relcli, RESULTS, "other"))["dataset"] == "published"


def test_a_name_with_other_answers_is_refused(relcli: Relcli) -> None:
    seed(relcli)
    lines = sample_lines()
    lines[3] |= {"prediction": "b) no", "evaluation": "incorrect"}
    refused = seed(relcli, write_lines(Path("other.csv"), lines))
    assert refused.exit_code == 1 and "other answers to 1" in sentence(refused)
    assert rows_of(DB, "select count(*) from inference where not correct") == rows_of(
        DB, "select count(*) from inference where not our_correct"
    )


@pytest.mark.slow
def test_the_published_counts_give_the_published_table(relcli: Relcli) -> None:
    results = write_lines(Path("published.csv"), published_lines())
    assert load_json(seed(relcli, results))["answers_added"] == 2 * 25743
    table = rows_of(
        DB,
        'select category, n, n_correct_raw, n_incorrect_raw, accuracy_raw, accuracy_masked, "drop", '
        "drop_pct, retain_rate, fix_rate from raw_vs_masked",
    )
    assert len(table) == 7
    for category, n, raw, masked, _ in PUBLISHED:
        [row] = [row for row in table if row[0] == category]
        wanted = (n, raw, n - raw, raw / n, masked / n, *RATES[category])
        assert row[1:] == pytest.approx(wanted, abs=1e-9)


def published_lines() -> list[dict[str, str]]:
    """A CSV whose rows add up to the published counts; every category's rows spread over 2,726 pictures."""
    stems = ("Does this image have a red circle", "Does this image have a red square")
    lines = []
    for category, n, raw, masked, both in PUBLISHED:
        outcomes = [(True, True)] * both + [(True, False)] * (raw - both) + [(False, True)] * (masked - both)
        outcomes += [(False, False)] * (n - len(outcomes))
        for i, (right, right_masked) in enumerate(outcomes):
            line = {"image_filename": f"image_{i % 2726:05d}.png", "query_type": category}
            line["question"] = f"{category} {stems[i // 2726]}? Here are your options: a) Yes b) No{CLOSING}"
            for suffix, correct in (("", right), ("_masked", right_masked)):
                line |= {
                    "ground_truth" + suffix: "a)",
                    "prediction" + suffix: "a) yes" if correct else "b) no",
                    "evaluation" + suffix: "correct" if correct else "incorrect",
                }
            lines.append(line)
    return lines


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_other_encodings_are_found_out_and_unknown_wording_stays_unparsed(
    relcli: Relcli, encoding: str
) -> None:
    lines = sample_lines()
    lines[1]["question"] = "Où est le « triangle »" + ("… la réponse" if encoding == "cp1252" else "")
    lines[1] |= {"prediction": "là", "evaluation": "incorrect"}
    done = load_json(seed(relcli, write_lines(Path("other.csv"), lines, encoding)))
    assert (done["questions"], done["questions_unparsed"], done["left_out"]) == (37, 1, 0)
    [row] = rows_of(
        DB,
        "select text, options, answer, correct, our_correct, choice from inference join question "
        "using (dataset, scene_id, question_index) where question_index = 1 and scene_id = 0 "
        "and variant = 'raw'",
    )
    assert row == (lines[1]["question"], [], "là", False, None, None)


def test_answers_without_a_twin_come_in_raw_alone(relcli: Relcli) -> None:
    lines = sample_lines()
    for line in lines[:9]:
        line |= dict.fromkeys(("ground_truth_masked", "prediction_masked", "evaluation_masked"), "")
    assert load_json(seed(relcli, write_lines(Path("some.csv"), lines)))["answers_added"] == 74 - 9
    twins = rows_of(DB, "select scene_id, has_twin, twin_changed, image is null from scene order by all")
    assert twins == [(0, False, None, True)] + [(at, True, None, True) for at in (1, 2, 3)]


def break_rows(lines):
    lines[5]["image_filename"] = "image_00099.png"
    return lines


def drop_columns(lines):
    return [{k: v for k, v in line.items() if "masked" not in k} for line in lines]


def repeat_question(lines):
    return [*lines, {**lines[4], "question": lines[4]["question"].upper()}]


def test_what_cant_be_imported_is_said_and_nothing_is_by_halves(relcli: Relcli) -> None:
    lines = sample_lines()
    wrong = {
        # line of the file: what is wrong there, and what the sentence says of it
        2: (
            {"image_filename": "image_00099.png"},
            "that published doesn't have: 1 (line 2, image_00099.png)",
        ),
        3: ({"question": "How many shapes?"}, "doesn't ask of the picture: 1 (line 3"),
        4: ({"ground_truth": "a)"}, "ground_truth a), not b)"),
        5: ({"ground_truth": "e)"}, "line 5, 'e)' of a), b)"),
        6: ({"evaluation_masked": "maybe"}, "is neither correct nor incorrect: 1 (line 6, 'maybe')"),
        7: ({"query_type": "shape_and_color"}, "nearest is recognition_shape_and_color"),
        8: ({"image_filename": "cat.png"}, "no number: 1 (line 8, 'cat.png')"),
        37: ({"image_filename": "photo_3.png"}, "1 (line 37, image_00003.png and photo_3.png)"),
    }
    for number, (change, _) in wrong.items():
        lines[number - 2] |= change
    lines.append({**lines[30], "question": lines[30]["question"].upper()})
    results = write_lines(Path("broken.csv"), lines)
    words = ("--queries", QUERIES, "--format", "json")
    refused = seed(relcli, results, "published", *words)
    assert refused.exit_code == 1
    for says in (
        *(says for _, says in wrong.values()),
        "stand twice: 1 (lines 32 and 39)",
        "nothing was imported",
    ):
        assert says in sentence(refused), says
    assert rows_of(DB, "select count(*) from run") == rows_of(DB, "select count(*) from dataset") == [(0,)]
    taken = seed(relcli, results, "published", *words, "--partial")
    done = load_json(taken)
    assert f"the other {done['questions']} of 38 lines" in sentence(refused)
    assert "Left out: questions that stand twice: 1" in taken.stderr
    assert rows_of(DB, "select n_left_out, n_lines, n_answers from import_source") == [
        (done["left_out"], 38, 2 * done["questions"])
    ]


def test_without_the_masked_columns_only_raw_comes_in_and_only_if_asked(relcli: Relcli) -> None:
    lines = [{k: v for k, v in line.items() if "masked" not in k} for line in sample_lines()]
    results = write_lines(Path("raw.csv"), lines)
    refused = seed(relcli, results)
    assert refused.exit_code == 1 and "no column ground_truth_masked, prediction_masked" in sentence(refused)
    assert load_json(seed(relcli, results, "published", "--partial"))["answers_added"] == 37
    assert rows_of(DB, "select distinct variant from inference") == [("raw",)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04\x00\x00binary", "is not a CSV file"),
        (b"image_filename,question\nimage_00000.png,x\n", "no column query_type"),
        (RESULTS.read_bytes().splitlines()[0], "no answers"),
        (RESULTS.read_bytes()[:700], "breaks off"),
        (b"\xef\xbb\xbf" + "image_filename,é".encode("cp1252"), "is not in utf-8-sig"),
    ],
)
def test_files_that_are_no_results(relcli: Relcli, content: bytes, says: str) -> None:
    DB.unlink()
    Path("results.csv").write_bytes(content)
    refused = seed(relcli, Path("results.csv"))
    assert refused.exit_code == 1 and says in sentence(refused)
    assert tree(Path.cwd()) == ["results.csv"]


def test_masked_answers_whose_truth_pandas_emptied_are_counted(relcli: Relcli) -> None:
    lines = sample_lines()
    for at in (4, 6):
        lines[at] |= {"ground_truth_masked": "", "prediction_masked": "None"}
    lines[8] |= {"ground_truth_masked": "nan", "prediction_masked": "", "evaluation_masked": "correct"}
    lines[10] |= dict.fromkeys(("ground_truth_masked", "prediction_masked", "evaluation_masked"), "")
    results = write_lines(Path("pandas.csv"), lines)
    refused = sentence(seed(relcli, results))
    assert "ground_truth_masked is empty" in refused and "keep_default_na=False" in refused
    assert ": 3 (first: line 6, image_00000.png)" in refused
    assert "the other 37 of 37 lines (of 3 the raw answer alone)" in refused
    done = load_json(seed(relcli, results, "published", "--partial"))
    assert (done["answers_added"], done["left_out"]) == (74 - 4, 3)
    lines[0]["ground_truth"] = ""
    refused = sentence(seed(relcli, write_lines(results, lines), "other"))
    assert "whose ground_truth is empty (pandas" in refused and "(line 2)" in refused


def test_pictures_that_the_warehouse_cant_number_or_name(relcli: Relcli) -> None:
    lines = sample_lines()[:4]
    lines[0]["image_filename"] = "1705312345678.png"
    lines[1]["image_filename"] = "9" * 6000 + ".png"
    lines[2]["image_filename"] = "image_\x1b[2J_7.png"
    refused = sentence(seed(relcli, write_lines(Path("odd.csv"), lines)))
    assert "a number beyond 2147483647: 2 (first: line 2, '1705312345678.png')" in refused
    assert "not a file's name: 1 (line 4" in refused and len(refused) < 500


@pytest.mark.parametrize("words", [["--results", "pipe"], ["--queries", "pipe"], ["--results", "/dev/zero"]])
def test_a_pipe_is_not_waited_for(relcli: Relcli, words: list[str]) -> None:
    os.mkfifo("pipe")
    refused = relcli("import", "seed", "--results", RESULTS, "--name", "x", "--db", DB, *words)
    assert refused.exit_code == 1 and "not a file" in sentence(refused)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"num_steps": 10**8}, "says it has 100,000,000 steps"),
        ({"num_steps": np.nan}, "num_steps is nan"),
        ({"num_steps": np.inf}, "num_steps is inf"),
        ({"num_steps": 2.5}, "not a whole number"),
        ({"num_layers": np.nan}, "num_layers is nan"),
        ({"num_layers": 2**40}, "layers"),
        ({"layer_0_entropy_last": np.array(["x"])}, "no number"),
        ({f"layer_{layer}_last_step": np.array([], np.float16) for layer in range(3)}, "holds nothing"),
    ],
)
def test_numbers_no_attention_file_can_have(tmp_path: Path, changed: dict[str, object], says: str) -> None:
    np.savez(tmp_path / "q.npz", **{**npz_arrays(np.random.default_rng(0)), **changed})
    started = time.monotonic()
    with pytest.raises(UnreadableNpz, match=says):
        read_attention(tmp_path / "q.npz")
    assert time.monotonic() - started < 1


def test_a_grid_too_fine_for_the_warehouse_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "q.npz", **npz_arrays(np.random.default_rng(0), layers=1, cells=65**2))
    with pytest.raises(UnreadableNpz, match="4,225 cells"):
        read_attention(tmp_path / "q.npz")


def test_places_that_are_not_there(relcli: Relcli) -> None:
    for words, says in (
        (["--queries", "none.json"], "none.json is missing"),
        (["--attention", "none"], "There is no folder none"),
        (["--dataset", "none"], "There is no data set none"),
        (["--encoding", "klingon"], "There is no encoding"),
    ):
        assert says in sentence(seed(relcli, RESULTS, "published", *words))
    assert "There is no file gone.csv" in sentence(seed(relcli, Path("gone.csv")))
    assert seed(relcli, RESULTS, "no/name").exit_code == 2


@pytest.mark.slow
def test_attention_comes_with_its_answers_or_later(relcli: Relcli) -> None:
    files = write_attention(Path("results"), sample_lines())
    assert len(files) == 74
    assert load_json(seed(relcli))["attention_added"] == 0
    for added in (74, 0):
        done = load_json(seed(relcli, RESULTS, "published", "--attention", "results"))
        assert (done["answers_added"], done["attention_added"]) == (0, added)
    assert rows_of(DB, "select attention, grid_height, grid_width, image_tokens from run") == [
        ("summary", 8, 8, 64)
    ]
    assert rows_of(DB, "select count(*), count(distinct layer) from attention") == [(74 * 3, 3)]
    [row] = rows_of(
        DB,
        "select mean_heads, max_heads, last_step, first_step, image_mass, mean_heads_entropy, step_entropy, "
        "a.n_steps, i.n_steps, vision_token_range from attention a "
        "join inference i using (run, scene_id, question_index, variant) join import_source s using (run) "
        "where scene_id = 2 and question_index = 5 and variant = 'masked' and layer = 1 and n_attention > 0",
    )
    with np.load(
        next(
            f
            for f in files
            if str(f.relative_to("results/attention_per_layer"))
            == "image_00002_masked/q5_attention_per_layer.npz"
        )
    ) as held:
        mean = held["layer_1_mean_pooled_heads"].astype(np.float32)
        assert row[0] == pytest.approx(mean, abs=5e-7)
        assert row[1] == pytest.approx(held["layer_1_max_pooled_heads"], abs=5e-7)
        assert row[2] == pytest.approx(held["layer_1_last_step"], abs=5e-7)
    assert row[3] is None and row[4] == pytest.approx(mean.sum(), abs=1e-6)
    assert row[5:] == (3.5, None, 2, 2, [15, 79])
    for audit in (sql_dir() / "audits").glob("*.sql"):
        assert rows_of(DB, audit.read_text()) == [], audit.name


def test_one_step_is_first_and_last(relcli: Relcli) -> None:
    write_attention(Path("results"), sample_lines()[:9], steps=1)
    lines = write_lines(Path("some.csv"), sample_lines()[:9])
    assert seed(relcli, lines, "published", "--attention", "results/attention_per_layer").exit_code == 0
    assert rows_of(
        DB,
        "select bool_and(first_step = last_step and step_entropy = [last_step_entropy] and "
        "first_step_entropy = last_step_entropy) from attention",
    ) == [(True,)]


DAMAGE = {
    "truncated": "truncated",
    "missing": "without their attention file: 1 (image_00001/q1_attention_per_layer.npz)",
    "pickled": "pickled",
    "length": "layers of different lengths",
    "grid": "60 cells, which fill no square grid",
    "layers": "3 layers of 64 cells: 1 (image_00001/q5_attention_per_layer.npz: 2",
    "values": "outside 0 to 1",
    "key": "has no layer_2_max_pooled_heads",
}


def damage(file: Path, how: str) -> None:
    rng = np.random.default_rng(1)
    arrays = npz_arrays(rng, cells=60 if how == "grid" else 64, layers=2 if how == "layers" else 3)
    if how == "truncated":
        file.write_bytes(file.read_bytes()[:-100])
    elif how == "missing":
        file.unlink()
    else:
        if how == "pickled":
            arrays["layer_1_last_step"] = np.array([None, {}], dtype=object)
        elif how == "length":
            arrays["layer_1_last_step"] = np.ones(63, dtype=np.float16) / 63
        elif how == "values":
            arrays["layer_0_mean_pooled_heads"] = np.full(64, np.nan, dtype=np.float16)
        elif how == "key":
            del arrays["layer_2_max_pooled_heads"]
        np.savez(file, **arrays)


def test_bad_attention_files_stop_the_import_unless_partial(relcli: Relcli) -> None:
    lines = sample_lines()[:18]
    results = write_lines(Path("some.csv"), lines)
    folder = Path("results", "attention_per_layer", "image_00001")
    for place, (how, says) in enumerate(DAMAGE.items()):
        write_attention(Path("results"), lines)
        file = folder / f"q{place}_attention_per_layer.npz"
        damage(file, how)
        if how in ("missing", "layers"):  # the job as a whole
            refused = seed(relcli, results, "published", "--attention", "results")
            assert refused.exit_code == 1 and says in sentence(refused), refused.stderr
            assert rows_of(DB, "select count(*) from run") == [(0,)]
        else:
            with pytest.raises(UnreadableNpz, match=says):
                read_attention(file)
    for place, how in enumerate(DAMAGE):
        damage(folder / f"q{place}_attention_per_layer.npz", how)
    done = load_json(seed(relcli, results, "published", "--attention", "results", "--partial"))
    assert (done["answers_added"], done["attention_added"], done["left_out"]) == (36, 28, 8)
    assert [path for path in tree(Path.cwd()) if "import-" in path] == []


@pytest.mark.slow
def test_files_are_numbered_by_the_questions_or_by_the_lines(relcli: Relcli) -> None:
    """A part of the questions was asked: their files may count all questions, or only those asked."""
    spatial = [line for line in sample_lines() if line["query_type"] == "implicit_spatial"]
    results = write_lines(Path("spatial.csv"), spatial)
    write_attention(Path("by_line"), spatial)
    write_attention(Path("by_question"), sample_lines())
    for folder in ("by_line", "by_question"):
        done = seed(relcli, results, folder, "--queries", QUERIES, "--attention", folder)
        assert load_json(done)["attention_added"] == 4
    places = rows_of(DB, "select run, list(distinct (scene_id, question_index)) from attention group by run")
    assert {tuple(sorted(keys)) for _, keys in places} == {((2, 6), (3, 7))}


def test_with_the_pictures_questions_know_their_scene(relcli: Relcli, scenes: Path, answered: Path) -> None:
    out = relcli("export", "first", "--out", "out.csv", "--db", answered)
    assert out.exit_code == 0
    done = load_json(seed(relcli, Path("out.csv"), "again", "--dataset", scenes))
    assert done["dataset"] == "six"
    same = rows_of(
        answered,
        "select count(*), bool_and(a.correct = b.correct and lower(a.answer) = b.answer) from inference a "
        "join inference b using (dataset, scene_id, question_index, variant) "
        "where a.run = 'first' and b.run = 'again'",
    )
    total = rows_of(answered, "select count(*) from inference where run = 'first' and variant <> 'blank'")
    assert same == [(total[0][0], True)]
    wrong = seed(relcli, RESULTS, "sample", "--dataset", scenes)
    assert wrong.exit_code == 1 and "six doesn't ask of the picture" in sentence(wrong)


def test_the_pictures_of_a_data_set_go_with_a_queries_file(relcli: Relcli, answered: Path) -> None:
    """Where --dataset names no folder: the data set as it is if it asks all of that, else with the file's
    questions."""
    assert relcli("export", "first", "--out", "out", "--no-attention", "--db", answered).exit_code == 0
    results, queries = Path("out/evaluation_results.csv"), Path("out/queries.json")
    words = ("--dataset", "six", "--queries")
    assert load_json(seed(relcli, results, "same", *words, queries))["dataset"] == "six"
    for file in (results, queries):
        file.write_text(file.read_text().replace("How many shapes", "How many things"))
    done = load_json(seed(relcli, results, "worded", *words, queries))
    assert done["dataset"] == "six-2" and done["left_out"] == 0
    sets = "select list(distinct variant order by variant), count(picture) from picture where dataset = "
    assert rows_of(DB, f"{sets} 'six-2'") == rows_of(DB, f"{sets} 'six'")
    asked = "select count(*) from question where text like 'How many things%' and dataset = 'six-2'"
    assert rows_of(DB, asked)[0][0] > 0
    [picture, same] = [load_dataset(DB, name).items[0].image.image() for name in ("six-2", "six")]
    assert picture.tobytes() == same.tobytes()
    beyond = json.loads(queries.read_text())
    beyond[0]["image_filename"] = "image_00099.png"
    queries.write_text(json.dumps(beyond))
    refused = seed(relcli, results, "beyond", *words, queries)
    assert refused.exit_code == 1 and "six has no picture 99" in sentence(refused)


def test_entropies_are_worked_out_where_a_file_has_none() -> None:
    assert entropy(np.ones((1, 64), dtype=np.float32)) == pytest.approx(np.log(64))
    assert entropy(np.zeros((1, 4), dtype=np.float32)) == 0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_import_that_is_ended_leaves_nothing(relcli: Relcli, how: signal.Signals) -> None:
    sample = sample_lines()[:9]
    lines = [{**line, "image_filename": f"image_{i:05d}.png"} for i in range(30) for line in sample]
    results = write_lines(Path("many.csv"), lines)
    [first, *others] = attention_paths(Path("results"), lines)
    np.savez(first, **npz_arrays(np.random.default_rng(0), layers=36))
    for other in others:
        os.link(first, other)
    words = ["--results", results, "--name", "many", "--attention", "results", "--db", DB]
    ended = start("import", "seed", *words, "--display", "jsonl", cwd=Path.cwd())
    assert ended.process.stdout is not None
    for line in ended.process.stdout:
        if json.loads(line)["event"] == "advance":
            break
    ended.process.send_signal(how)
    code, _, err = ended.finish()
    if how == signal.SIGINT:
        assert code == 130 and "nothing was imported" in err
    assert rows_of(DB, "select (select count(*) from run) + (select count(*) from dataset)") == [(0,)]
    if how == signal.SIGKILL:  # what it left is cleared away by the next one
        done = load_json(seed(relcli, results, "many", "--attention", "results"))
        assert done["attention_added"] == len(others) + 1 == 540
    assert [path for path in tree(Path.cwd()) if "import-" in path] == []
