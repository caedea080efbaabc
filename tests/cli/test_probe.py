"""`relcli probe` on a real run of the bundled model."""

import csv
import io
import shutil
from pathlib import Path

import pytest
from cli_helpers import Relcli, rows_of, sentence
from typer.testing import CliRunner

from relcli.cli.main import app


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Colours asked on forty bundled scenes, and once more without attention."""
    database = tmp_path_factory.mktemp("probe") / "w.duckdb"
    for name, attention in (("colours", "summary"), ("blindfold", "none")):
        words = [
            "run",
            "--category",
            "recognition_color",
            "--max-samples",
            "40",
            "--variants",
            "raw",
            "--name",
            name,
        ]
        words += ["--attention", attention, "--db", str(database), "--display", "none"]
        assert CliRunner().invoke(app, words).exit_code == 0
    return database


@pytest.fixture
def database(answered: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(answered, tmp_path / "w.duckdb"))


def test_every_layer_is_read_beside_its_controls(relcli: Relcli, database: Path) -> None:
    words = (
        "probe",
        "--run",
        "colours",
        "--category",
        "recognition_color",
        "--label",
        "answer",
        "--db",
        database,
    )
    result = relcli(*words, "--format", "csv", "--display", "none")
    assert result.exit_code == 0, result.stderr
    [row] = csv.DictReader(io.StringIO(result.stdout))
    assert row["label"] == "answer"
    layers = rows_of(
        database,
        "SELECT layer, accuracy, majority, shuffled, prompt_only, n FROM probe_by_layer "
        "WHERE subset = 'all' ORDER BY layer NULLS LAST",
    )
    assert [layer for layer, *_ in layers] == [0, 1, 2, 3, 4, 5, None]
    for _, accuracy, majority, shuffled, prompt_only, n in layers:
        assert n == 80 and 0 <= accuracy <= 1
        assert all(
            0.2 < control < 0.8 for control in (majority, shuffled, prompt_only)
        )  # yes and no are even
    # The same sweep again replaces its rows.
    relcli(*words, "--display", "none")
    assert len(rows_of(database, "FROM probe_result WHERE subset = 'all'")) == len(layers)
    assert rows_of(database, "SELECT count(DISTINCT label) FROM probe_best") == [(1,)]


def test_the_studys_protocol_has_one_split_and_no_controls(relcli: Relcli, database: Path) -> None:
    result = relcli(
        "probe", "--run", "colours", "--category", "recognition_color", "--label", "answer",
        "--layers", "all", "--protocol", "seed", "--db", database, "--display", "none",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    figures = "SELECT n, shuffled, prompt_only FROM probe_result WHERE subset = 'all'"
    assert rows_of(database, figures) == [(16, None, None)]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--run", "blindfold"), 1, "without attention"),
        (("--run", "nobody"), 2, "no run nobody"),
        (("--label", "anser", "--category", "recognition_color"), 2, "did you mean 'answer'"),
        (("--layers", "first"), 2, "none of them"),
        (("--run", "colours", "--layers", "40"), 2, "layer"),
    ],
)
def test_what_can_not_be_probed(
    relcli: Relcli, database: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    result = relcli("probe", *words, "--db", database, "--display", "none")
    assert result.exit_code == code, result.stderr
    assert said in sentence(result)
    assert rows_of(database, "FROM probe_result") == []
