"""relcli export: runs in the study's form and back, tables as files."""

import csv
import json
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.cli.cli_helpers import Relcli, load_json, rows_of, sentence, tree
from tests.cli.import_kit import QUERIES, RESULTS, npz_arrays, sample_lines, write_attention

pytestmark = pytest.mark.usefixtures("empty")
DB = Path("study.duckdb")
ANSWERS = (
    "select scene_id, question_index, variant, answer, choice, correct, our_correct, seed_correct, "
    "ground_truth, n_steps from inference where run = '{}' and variant <> 'blank' order by all"
)
ATTENTION = (
    "select * exclude (run) from attention where run = '{}' and variant <> 'blank' "
    "order by scene_id, question_index, variant, layer"
)


def run(relcli: Relcli, *words: object):
    result = relcli(*words, "--db", DB, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return load_json(result)


def take_in(relcli: Relcli, folder: str, name: str) -> None:
    results = f"{folder}/evaluation_results.csv"
    words = ("--queries", f"{folder}/queries.json", "--attention", folder)
    run(relcli, "import", "seed", "--results", results, "--name", name, *words)


def test_the_sample_comes_out_byte_for_byte(relcli: Relcli) -> None:
    run(relcli, "import", "seed", "--results", RESULTS, "--name", "sample")
    assert run(relcli, "export", "sample", "--out", "out") == {"out": "out", "lines": 37, "files": 0}
    assert Path("out/evaluation_results.csv").read_bytes() == RESULTS.read_bytes()
    written, given = (json.loads(Path(file).read_text()) for file in ("out/queries.json", QUERIES))
    for ours, theirs in zip(written, given, strict=True):
        assert [{key: q[key] for key in theirs["questions"][0]} for q in ours["questions"]] == theirs[
            "questions"
        ]
    run(relcli, "export", "sample", "--out", "alone.csv")
    assert Path("alone.csv").read_bytes() == RESULTS.read_bytes()


def test_attention_files_come_out_with_every_array(relcli: Relcli) -> None:
    write_attention(Path("in"), sample_lines())
    words = ("--results", RESULTS, "--name", "sample", "--attention", "in")
    run(relcli, "import", "seed", *words)
    assert run(relcli, "export", "sample", "--out", "out")["files"] == 74
    names = [path for path in tree(Path("in"))]
    assert [path for path in tree(Path("out")) if path.endswith(".npz")] == names
    for name in names[::15]:
        with np.load(f"in/{name}", allow_pickle=False) as given, np.load(f"out/{name}") as written:
            assert set(written.files) == set(given.files) == set(npz_arrays(np.random.default_rng(0)))
            for key in given.files:
                if key.startswith("layer") and given[key].ndim:
                    assert written[key].dtype == np.float16
                # Weights under 0.002 lie closer together in float16 than the six decimals kept.
                np.testing.assert_allclose(written[key], given[key], atol=1e-6)


def test_a_run_of_ours_goes_out_and_comes_back(relcli: Relcli, answered: Path) -> None:
    exported = relcli("export", "first", "--out", "once", "--db", DB)
    assert "answers on blank pictures" in exported.stderr and exported.exit_code == 0
    take_in(relcli, "once", "again")
    ours, theirs = rows_of(DB, ANSWERS.format("first")), rows_of(DB, ANSWERS.format("again"))
    assert len(ours) == len(theirs) > 0
    for mine, back in zip(ours, theirs, strict=True):
        # the form lower-cases answers; our grade stands beside the one that went through the file
        assert back[:3] == mine[:3] and back[3] == mine[3].lower() and back[5] == mine[5]
        assert back[8:] == mine[8:]
    mine, back = rows_of(DB, ATTENTION.format("first")), rows_of(DB, ATTENTION.format("again"))
    assert len(mine) == len(back) > 0
    vectors = [6, 7, 9]  # mean_heads, max_heads, last_step
    for a, b in zip(mine, back, strict=True):
        assert a[:6] == b[:6]
        for column in vectors:
            np.testing.assert_allclose(b[column], a[column], rtol=2**-11, atol=1e-6)

    # What went through the form once goes through it unchanged.
    run(relcli, "export", "again", "--out", "twice")
    take_in(relcli, "twice", "third")
    assert rows_of(DB, ANSWERS.format("third")) == rows_of(DB, ANSWERS.format("again"))
    assert rows_of(DB, ATTENTION.format("third")) == rows_of(DB, ATTENTION.format("again"))
    assert (
        Path("twice/evaluation_results.csv").read_bytes() == Path("once/evaluation_results.csv").read_bytes()
    )


def test_the_studys_columns_and_one_rows_words(relcli: Relcli, answered: Path) -> None:
    run(relcli, "export", "first", "--out", "out.csv")
    with Path("out.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == list(sample_lines()[0])
    for line in lines:
        assert line["prediction"] == line["prediction"].lower() and line["ground_truth"].islower()
        assert line["evaluation"] in ("correct", "incorrect")


def test_what_cant_be_exported(relcli: Relcli) -> None:
    run(relcli, "import", "seed", "--results", RESULTS, "--name", "sample")
    Path("full").mkdir()
    Path("full/mine.txt").touch()
    before = tree(Path.cwd())
    for words, says, code in (
        (["sample", "--out", "new", "--attention"], "holds no attention", 1),
        (["sample", "--out", "new.csv", "--attention"], "takes a folder", 2),
        (["none", "--out", "new"], "There is no run none", 2),
        (["sample", "--out", "full"], "full is there already", 1),
        (["sample", "--out", "full/mine.txt/new"], "can't be written", 1),
        (["--out", "new"], "Name a run", 2),
        (["--table", "raw_vs_maskd", "--out", "new.csv"], "did you mean raw_vs_masked?", 2),
        (["--table", "raw_vs_masked", "--out", "new.xlsx"], "must end in", 2),
        (["sample", "--table", "scene", "--out", "new.csv"], "belong to no run", 2),
    ):
        result = relcli("export", *words, "--db", DB)
        assert result.exit_code == code and says in sentence(result), (words, result.stderr)
    assert tree(Path.cwd()) == before


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_tables_and_views_as_files(relcli: Relcli, ending: str) -> None:
    run(relcli, "import", "seed", "--results", RESULTS, "--name", "sample")
    out = f"table.{ending}"
    assert run(relcli, "export", "--table", "raw_vs_masked", "--out", out) == {"out": out, "rows": 7}
    with duckdb.connect() as memory:
        written = memory.execute(f"select category, n, accuracy_raw from '{out}' order by 1").fetchall()
    assert written == rows_of(DB, "select category, n, accuracy_raw from raw_vs_masked order by 1")
    assert run(relcli, "export", "sample", "--table", "inference", "--out", out)["rows"] == 74
    before = Path(out).read_bytes()
    unknown = relcli("export", "--table", "inference", "smaple", "--out", out, "--db", DB)
    assert unknown.exit_code == 2 and "did you mean sample?" in sentence(unknown)
    assert Path(out).read_bytes() == before
