"""Runs for others: a data set for the hub and back, and logs of inspect."""

import json
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from relcli.jobs.dataset_card import card
from relcli.warehouse.rows import query
from tests.cli.cli_helpers import Relcli, load_json, rows_of, sentence, tree

NEW = Path("new.duckdb")
OF_A_RUN = {
    "answer": "run, dataset, full_attention_path",
    "answer_attention": "run",
    "prompt_token": "run",
}
OF_A_DATASET = (
    *("variant", "raw_scene", "picture", "raw_entity", "raw_relation", "variant_entity", "variant_relation"),
    *("question_text", "question_truth", "region"),
)
MAY_DIFFER = {"run", "dataset", "kind", "model_path", "message", "heartbeat_at"}


def publish(relcli: Relcli, database: Path, *words: str) -> dict[str, Any]:
    result = relcli("export", "dataset", "out", *words, "--db", database, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return load_json(result)


def take_in(relcli: Relcli, *words: str) -> dict[str, Any]:
    result = relcli("import", "dataset", "out", *words, "--db", NEW, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return load_json(result)


def same(one: Path, other: Path, table: str, without: str) -> bool:
    sql = f"SELECT * EXCLUDE ({without}) FROM {table} ORDER BY ALL"
    return rows_of(one, sql) == rows_of(other, sql)


@pytest.mark.slow
def test_a_run_with_cuts_comes_back_as_it_was(relcli: Relcli, answered: Path) -> None:
    words = ("--region", "target", "--from", "answer", "--control", 1, "--name", "hidden")
    cut = relcli("cut", "--run", "first", "--category", "recognition_color", *words, "--db", answered)
    assert cut.exit_code == 0, cut.stderr
    written = publish(relcli, answered, "--run", "first")
    done = take_in(relcli, "--name", "theirs")
    assert done["run"] == "theirs" and done["n_answers"] == written["answer"]
    for table, without in OF_A_RUN.items():
        assert same(answered, NEW, table, without), table
    for table in OF_A_DATASET:
        assert same(answered, NEW, table, "dataset"), table
    assert same(answered, NEW, "intervention", "created_at")
    [ours], [theirs] = (query(file, "FROM run").as_dicts() for file in (answered, NEW))
    assert theirs["kind"] == "import" and theirs["run"] == "theirs"
    assert {name for name in ours if ours[name] != theirs[name]} <= MAY_DIFFER
    assert same(answered, NEW, "raw_vs_masked", "run")
    effects = "SELECT experiment, category, n, flip_rate FROM cut_effect ORDER BY ALL"
    assert rows_of(answered, effects) == rows_of(NEW, effects) != []
    again = relcli("import", "dataset", "out", "--name", "theirs", "--db", NEW)
    assert again.exit_code == 1 and "is a run theirs" in sentence(again)
    assert take_in(relcli)["dataset"] == done["dataset"]
    assert rows_of(NEW, "SELECT count(*) FROM dataset") == [(1,)]
    assert relcli("db", "status", "--db", NEW).exit_code == 0


def load_own(path: Path) -> dict[str, Any]:
    """What a published folder says of itself, as of a run on own pictures."""
    about = json.loads(path.read_text(encoding="utf-8"))
    return about | {"run": about["run"] | {"question_set": "own"}}


def test_the_card_tells_what_the_views_tell(relcli: Relcli, answered: Path) -> None:
    written = publish(relcli, answered)
    text = Path("out/README.md").read_text(encoding="utf-8")
    front = yaml.safe_load(text.split("---\n")[1])
    assert [config["config_name"] for config in front["configs"]] == list(written)[1:]
    [default] = [config["config_name"] for config in front["configs"] if config.get("default")]
    [info] = front["dataset_info"]
    features = {each["name"]: each["dtype"] for each in info["features"]}
    assert default == "answer" and info["config_name"] == "picture" and features["image"] == "image"
    accuracies = "SELECT category, accuracy, ci_low, ci_high FROM accuracy_by_category WHERE variant = 'raw'"
    for category, accuracy, low, high in rows_of(answered, accuracies):
        line = next(line for line in text.splitlines() if line.startswith(f"| {category} "))
        assert f"{accuracy:.3f} ({low:.2f}-{high:.2f})" in line
    counts = "SELECT count(*), count(DISTINCT scene_id) FROM answer"
    [(n, n_scenes)] = rows_of(answered, counts)
    assert f"\n{n} answers of " in text and f" to questions about {n_scenes} scenes," in text
    assert "interfered" not in text
    assert "Scenes come in pairs" in text and "The design" in text
    about = load_own(Path("out/relcli.json"))
    own = card(about, {}, {}, [], {"n_answers": 3000, "n_edited": 2, "n_scenes": 1})
    assert "3,000 answers of " in own and "about 1 scene," in own and "\n2 of them were given" in own
    assert "Scenes come in pairs" not in own and "The design" not in own
    assert str(answered.parent) not in text + Path("out/relcli.json").read_text()
    with duckdb.connect() as memory:
        found = memory.execute("SELECT image.bytes, image.path FROM 'out/picture/*.parquet'").fetchall()
    assert sorted(found) == sorted(rows_of(answered, "SELECT image, image_filename FROM picture"))


@pytest.mark.slow
def test_questions_put_otherwise_come_back_with_their_options(
    relcli: Relcli, answered: Path, scenes: Path, tiny_model: Path
) -> None:
    """Which option a letter stands for hangs on their order."""
    words = ("--dataset", scenes, "--model", tiny_model, "--category", "count", "--max-new-tokens", 2)
    ways = ("--orders", 3, "--wordings", 2, "--max-samples", 2, "--name", "ways", "--db", answered)
    done = relcli("run", *words, *ways)
    assert done.exit_code == 0, done.stderr
    publish(relcli, answered, "--run", "ways", "--no-attention")
    take_in(relcli)
    assert same(answered, NEW, "question_presentation", "dataset")
    for view in ("answer_presented", "letter_preference", "robustness"):
        shown = f"FROM {view} WHERE run = 'ways' ORDER BY ALL"
        assert rows_of(answered, shown) == rows_of(NEW, shown) != [], view
    take_in(relcli, "--name", "again")  # the same ways once more
    before = rows_of(NEW, "SELECT run FROM run ORDER BY run")
    for change, says in (
        ("list_reverse(option_order) AS option_order", "other options than its own"),
        ("'Otherwise?' AS text", "in another way than"),
        ("question_index + 1000 AS question_index", "questions that the data set does not have"),
    ):
        shutil.copytree("out", "kept")
        rewrite("question_presentation", f"SELECT * REPLACE ({change}) FROM '{{file}}'")
        refused = relcli("import", "dataset", "out", "--name", "odd", "--db", NEW)
        assert refused.exit_code == 1 and says in sentence(refused)
        shutil.rmtree("out")
        shutil.move("kept", "out")
    assert rows_of(NEW, "SELECT run FROM run ORDER BY run") == before


def test_attention_can_be_left_out(relcli: Relcli, answered: Path) -> None:
    assert "answer_attention" not in publish(relcli, answered, "--no-attention")
    assert not Path("out/answer_attention").exists()
    assert "attention/*" not in Path("out/README.md").read_text()


def rewrite(table: str, select: str) -> None:
    """Put other rows into a table's file."""
    [file] = Path("out", table).glob("*.parquet")
    with duckdb.connect() as memory:
        memory.execute(f"COPY ({select.format(file=file)}) TO 'changed.parquet' (FORMAT parquet)")
    shutil.move("changed.parquet", file)


def about(**changes: Any) -> None:
    file = Path("out/relcli.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def cut_short() -> None:
    [file] = Path("out/answer_attention").glob("*.parquet")
    file.write_bytes(file.read_bytes()[:1000])


DAMAGE: dict[str, tuple[Callable[[], Any], str]] = {
    "no folder": (lambda: shutil.rmtree("out"), "holds no relcli.json"),
    "no json": (lambda: Path("out/relcli.json").write_text("{"), "no valid JSON"),
    "a list": (lambda: Path("out/relcli.json").write_text("[]"), "doesn't describe a published run"),
    "a later format": (lambda: about(format=2), "format 2"),
    "a bad name": (lambda: about(run={"run": "../up"}), "can't name a run"),
    "odd run": (lambda: about(run={"run": "first", "batch_size": "many"}), "fits no warehouse"),
    "odd tables": (lambda: about(tables={"../up": 1}), "names no answers"),
    "a table gone": (lambda: shutil.rmtree("out/question_text"), "no .parquet file"),
    "cut short": (cut_short, "can't be taken in"),
    "a row gone": (lambda: rewrite("answer", "FROM '{file}' LIMIT 3"), "holds 3 rows instead of"),
    "no numbers": (
        lambda: rewrite("answer_attention", "SELECT * REPLACE ('nan'::FLOAT AS image_mass) FROM '{file}'"),
        "missing or not finite",
    ),
    "vectors too short": (
        lambda: rewrite("answer_attention", "SELECT * REPLACE (mean_heads[:3] AS mean_heads) FROM '{file}'"),
        "does not fill its",
    ),
    "other questions": (
        lambda: rewrite("answer", "SELECT * REPLACE (question_index + 1000 AS question_index) FROM '{file}'"),
        "question",
    ),
    "other words": (
        lambda: rewrite("answer", "SELECT * REPLACE ('x' AS scene_id) FROM '{file}'"),
        "can't be taken in",
    ),
    "no picture": (
        lambda: rewrite("picture", "SELECT * REPLACE ({{bytes: 'x'::BLOB}} AS image) FROM '{file}'"),
        "can't be decoded",
    ),
    "an outside name": (
        lambda: rewrite("picture", "SELECT * REPLACE ('../x.png' AS image_filename) FROM '{file}'"),
        "not a plain file name",
    ),
    "an odd object": (
        lambda: rewrite("raw_relation", "SELECT * REPLACE (NULL AS relation) FROM '{file}'"),
        "can't be taken in",
    ),
}


@pytest.fixture(scope="module")
def published(answered_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from relcli.jobs.export_dataset import export_dataset
    from relcli.progress import NullProgress

    out = tmp_path_factory.mktemp("published") / "out"
    export_dataset(answered_once, "first", out, progress=NullProgress())
    return out


QUICK = {"no folder", "a bad name", "a row gone", "no numbers", "no picture"}


@pytest.mark.parametrize(
    "what", [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow]) for name in DAMAGE]
)
def test_what_is_damaged_or_made_up_is_refused_whole(
    relcli: Relcli, empty: Path, published: Path, what: str
) -> None:
    shutil.copytree(published, "out")
    damage, says = DAMAGE[what]
    damage()
    result = relcli("import", "dataset", "out", "--db", empty)
    assert result.exit_code in (1, 2) and says in sentence(result), result.stderr
    for table in ("run", "dataset", "answer", "answer_attention", "picture"):
        assert rows_of(empty, f"SELECT count(*) FROM {table}") == [(0,)]
    assert not [name for name in tree(Path.cwd()) if ".published-" in name]


def test_what_cant_be_published(relcli: Relcli, answered: Path, empty_once: Path) -> None:
    Path("full").mkdir()
    Path("full/mine.txt").touch()
    before = tree(Path.cwd())
    for words, database, says, code in (
        (["dataset", "full"], answered, "full is there already", 1),
        (["inspect", "full"], answered, "full is there already", 1),
        (["dataset", "new", "--run", "frist"], answered, "There is no run frist", 2),
        (["inspect", "new", "--run", "frist"], answered, "There is no run frist", 2),
        (["dataset", "new"], empty_once, "There are no runs", 2),
        (["inspect", "full/mine.txt/new"], answered, "can't be written", 1),
    ):
        result = relcli("export", *words, "--db", database)
        assert result.exit_code == code and says in sentence(result), (words, result.stderr)
    assert [name for name in tree(Path.cwd()) if ".lock" not in name] == before


def test_the_old_spelling_and_the_new_one_write_the_same(relcli: Relcli, answered: Path) -> None:
    for words in (
        ("export", "first", "--out", "old"),
        ("export", "study", "first", "--out", "new"),
        ("export", "--table", "question", "--out", "old.csv"),
        ("export", "table", "question", "--out", "new.csv"),
        ("export", "--out", "old2.csv", "first", "--table", "answer"),
        ("export", "table", "answer", "--run", "first", "--out", "new2.csv"),
    ):
        assert relcli(*words, "--db", answered).exit_code == 0, words
    assert tree(Path("old")) == tree(Path("new")) != []
    for name in ("{}.csv", "{}2.csv", "{}/evaluation_results.csv"):
        assert Path(name.format("old")).read_bytes() == Path(name.format("new")).read_bytes()


def test_a_log_holds_each_answer_with_picture_and_grade(relcli: Relcli, answered: Path) -> None:
    result = relcli("export", "inspect", "logs", "--db", answered, "--format", "json")
    assert result.exit_code == 0 and load_json(result)["logs"] == 3, result.stderr
    for file in Path("logs").glob("*.eval"):
        with zipfile.ZipFile(file) as log:
            header, summaries = (json.loads(log.read(name)) for name in ("header.json", "summaries.json"))
            samples = [json.loads(log.read(f"samples/{each['id']}_epoch_1.json")) for each in summaries]
        variant = header["eval"]["metadata"]["variant"]
        wanted = query(
            answered,
            "SELECT scene_id || '.' || question_index || '.' || variant AS id, answer, choice, correct, "
            "ground_truth FROM inference WHERE variant = $variant ORDER BY scene_id, question_index",
            {"variant": variant},
        ).as_dicts()
        assert [each["id"] for each in samples] == [row["id"] for row in wanted]
        for each, row in zip(samples, wanted, strict=True):
            assert each["output"]["completion"] == row["answer"] and each["target"] == row["ground_truth"]
            assert each["scores"]["choice"]["value"] == ("C" if row["correct"] else "I")
            assert each["input"][0]["content"][0]["image"].startswith("data:image/png;base64,iVBOR")
        [score] = header["results"]["scores"]
        right = sum(row["correct"] for row in wanted)
        assert score["metrics"]["accuracy"]["value"] == pytest.approx(right / len(wanted))
        sql = "SELECT category, accuracy FROM accuracy_by_category WHERE variant = $variant"
        for category, accuracy in query(answered, sql, {"variant": variant}).rows:
            assert score["metrics"][category]["value"] == accuracy


def environment(folder: Path, *packages: str) -> Path:
    """An environment of its own with packages that relcli doesn't need."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", *packages]
    done = subprocess.run(install, capture_output=True, timeout=500)
    if done.returncode:
        pytest.skip(f"{' and '.join(packages)} can't be had here")
    return python


def told_by(python: Path, script: str, tmp_path: Path) -> Any:
    # A home of its own: both libraries keep caches.
    home = {"HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, env=home, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_inspect_reads_the_logs(relcli: Relcli, answered: Path, tmp_path: Path) -> None:
    assert relcli("export", "inspect", "logs", "--db", answered).exit_code == 0
    script = f"""
import json
from inspect_ai.log import list_eval_logs, read_eval_log, read_eval_log_sample_summaries
found = {{}}
for info in list_eval_logs({str(tmp_path / "logs")!r}):
    log = read_eval_log(info)
    assert log.status == "success" and info.task == log.eval.task
    assert len(read_eval_log_sample_summaries(info)) == len(log.samples) == log.results.total_samples
    right = [sample.scores["choice"].value == "C" for sample in log.samples]
    assert abs(sum(right) / len(right) - log.results.scores[0].metrics["accuracy"].value) < 1e-9
    found[log.eval.metadata["variant"]] = [len(right), sum(right), log.samples[0].input[0].text]
print(json.dumps(found))
"""
    found = told_by(environment(tmp_path / "inspect", "inspect_ai"), script, tmp_path)
    counted = "SELECT variant, [count(*), count(*) FILTER (correct)] FROM inference GROUP BY variant"
    assert {name: each[:2] for name, each in found.items()} == dict(rows_of(answered, counted))
    assert "Here are your options" in found["raw"][2]


@pytest.mark.slow
def test_datasets_loads_every_configuration(relcli: Relcli, answered: Path, tmp_path: Path) -> None:
    written = publish(relcli, answered)
    script = f"""
import json
from datasets import get_dataset_config_names, load_dataset
folder = {str(tmp_path / "out")!r}
found = {{name: load_dataset(folder, name, split="test") for name in get_dataset_config_names(folder)}}
picture = found["picture"][0]["image"]
assert picture.size == (224, 224) and picture.mode == "RGB"
found["default"] = load_dataset(folder, split="test")
print(json.dumps({{name: rows.num_rows for name, rows in found.items()}}))
"""
    found = told_by(environment(tmp_path / "datasets", "datasets", "pillow"), script, tmp_path)
    assert found.pop("default") == written["answer"]
    assert found == {name: n for name, n in written.items() if name != "out"}


def test_nothing_of_it_needs_the_libraries(tmp_path: Path) -> None:
    """Neither is imported, so neither has to be there."""
    script = (
        "import sys, relcli.jobs.export_dataset, relcli.jobs.export_inspect, relcli.jobs.import_dataset\n"
        "print([name for name in ('datasets', 'pyarrow', 'inspect_ai', 'torch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
