"""What the words alone give away is measured with a run, once, and stands in the table it prints."""

from pathlib import Path

import pytest
from typer.testing import Result

from relcli.analysis.text_only import READER_VERSION, text_only_accuracy
from relcli.jobs.words_alone import fill_words_alone
from relcli.progress import NullProgress, PlainProgress, Progress
from relcli.scenes.generation import generate_folder
from relcli.scenes.reading import read_folder
from relcli.warehouse.datasets import register_dataset
from tests.cli.cli_helpers import Relcli, load_json, rows_of

DB = Path("study.duckdb")


@pytest.fixture(scope="module")
def dozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words") / "dozen"
    generate_folder(folder, n_scenes=14, seed=3)
    return folder


@pytest.fixture
def known(empty: Path, dozen: Path) -> Path:
    """A warehouse that has the data set `dozen` and no answer yet."""
    register_dataset(empty, read_folder(dozen))
    return empty


def fill(database: Path, folder: Path, *categories: str, progress: Progress | None = None) -> None:
    """What a run ends with."""
    progress = progress or NullProgress()
    fill_words_alone(database, folder.name, read_folder(folder), "seed", categories, progress)


def columns(result: Result) -> list[str]:
    return [name.strip() for name in result.stdout.strip().splitlines()[0].split("  ") if name.strip()]


@pytest.mark.slow
def test_a_run_measures_the_words_of_the_whole_data_set(
    relcli: Relcli, tiny_model: Path, dozen: Path
) -> None:
    short = ("--max-samples", 1, "--max-new-tokens", 2, "--attention", "none", "--db", DB)
    words = ("--dataset", dozen, "--category", "recognition_shape", "--variants", "raw,masked,blank")
    shown = relcli("run", "--model", tiny_model, *short, *words)
    assert shown.exit_code == 0, shown.stderr
    asked = [
        question
        for item in read_folder(dozen).items
        for question in item.questions
        if question.category == "recognition_shape"
    ]
    stored = rows_of(DB, "select variant, n, accuracy, likeliest, reader from words_alone order by variant")
    for variant, row in zip(("masked", "raw"), stored, strict=True):
        score = text_only_accuracy(asked, variant=variant)
        assert score is not None
        assert row == (variant, score.n, score.accuracy, score.constant, READER_VERSION)
    assert columns(shown)[-4:] == ["words alone", "likeliest", "blank (95%)", "unreadable"]
    (_, _, masked, masked_likeliest, _), (_, _, raw, raw_likeliest, _) = stored
    assert f"{raw:.3f}/{masked:.3f}" in shown.stdout
    assert f"{raw_likeliest:.3f}/{masked_likeliest:.3f}" in shown.stdout
    assert "a reader that sees no picture" in shown.stderr and "by habit" in shown.stderr


def test_only_what_is_new_is_read(known: Path, dozen: Path) -> None:
    when = "select category, variant, computed_at from words_alone order by all"
    fill(known, dozen, "recognition_shape")
    first = rows_of(known, when)
    fill(known, dozen, "recognition_shape")
    assert rows_of(known, when) == first and len(first) == 2
    fill(known, dozen, "recognition_shape", "recognition_color")
    assert {row[0] for row in rows_of(known, when)} == {"recognition_shape", "recognition_color"}
    assert set(first) <= set(rows_of(known, when))


def test_too_few_scenes_are_said_and_no_column_is_shown(
    relcli: Relcli, answered: Path, scenes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(answered, scenes, "count", progress=PlainProgress())
    said = capsys.readouterr().err
    assert "was not measured: that takes 10 scenes" in said and "six has fewer" in said
    assert rows_of(answered, "from words_alone") == []
    shown = relcli("run", "--name", "first", "--resume", "--db", answered)
    assert shown.exit_code == 0 and "words alone" not in columns(shown)


def test_an_audit_reads_all_scenes_and_keeps_that(
    relcli: Relcli, known: Path, dozen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relcli.jobs.words_alone.MOST_SCENES", 11)
    fill(known, dozen, "recognition_color")
    scenes = "select category, n_scenes from words_alone where variant = 'raw' order by all"
    assert rows_of(known, scenes) == [("recognition_color", 11)]
    audit = ("audit", "--dataset", dozen, "--db", known, "--category", "recognition_color,recognition_shape")
    result = relcli(*audit, "--format", "json")
    assert result.exit_code == 0, result.stderr
    assert rows_of(known, scenes) == [("recognition_color", 14), ("recognition_shape", 14)]
    stored = dict(rows_of(known, "select category, accuracy from words_alone where variant = 'raw'"))
    assert {row["category"]: row["text_only"] for row in load_json(result)} == pytest.approx(stored)


def test_an_audit_of_what_no_warehouse_knows_leaves_none_behind(relcli: Relcli, dozen: Path) -> None:
    result = relcli("audit", "--dataset", dozen, "--db", DB, "--category", "count")
    assert result.exit_code == 0 and not DB.exists()


def test_an_audit_goes_on_where_the_warehouse_cant_be_written(
    relcli: Relcli, known: Path, dozen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        # a warehouse that waits for relcli db migrate is read, and not written
        newer.setattr("relcli.warehouse.opening.latest_version", lambda: 10_000)
        result = relcli("audit", "--dataset", dozen, "--db", known, "--category", "recognition_color")
    assert result.exit_code == 0 and "recognition_color" in result.stdout
    assert "were not kept in the warehouse" in result.stderr and "relcli db migrate" in result.stderr
    assert rows_of(known, "from words_alone") == []
