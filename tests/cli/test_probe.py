"""`relcli probe` on a real run of the bundled model."""

import csv
import io
import json
import os
import shutil
import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from relcli.cli.main import app
from relcli.errors import InterruptedRun
from relcli.jobs.probe import probe
from relcli.jobs.probe_request import ProbeRequest
from relcli.progress import NullProgress
from tests.cli.cli_helpers import Relcli, rows_of, sentence


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Colours asked on forty bundled scenes, and of two once more without attention."""
    database = tmp_path_factory.mktemp("probe") / "w.duckdb"
    for name, attention, scenes in (("colours", "summary", 40), ("blindfold", "none", 2)):
        words = [
            "run", "--category", "recognition_color", "--variants", "raw", "--name", name,
            "--max-samples", scenes, "--attention", attention, "--db", database, "--display", "none",
        ]  # fmt: skip
        assert CliRunner().invoke(app, [str(word) for word in words]).exit_code == 0
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
    assert row["label"] == "answer" and row["chosen"] == "inner folds" and row["n_family"] == "2"
    # Whether the colour is there is neither in the words nor chance.
    assert row["beats_controls"] == "true" and float(row["p_holm"]) < 0.05 and row["permutations"] == "999"
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
    untested = "SELECT chosen, p_holm, beats_controls FROM probe_best"
    assert rows_of(database, untested) == [("no choice", None, None)]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--run", "blindfold"), 1, "without attention"),
        (("--run", "nobody"), 2, "no run nobody"),
        (("--run", "colours", "--row", "options"), 1, "keeps no attention of row options, only of answer"),
        (("--label", "anser", "--category", "recognition_color"), 2, "did you mean 'answer'"),
        (("--layers", "first"), 2, "none of them"),
        (("--protocol", "seed", "--permutations", "99"), 2, "--permutations goes with --protocol relcli"),
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


def test_programs_read_json_lines(relcli: Relcli, database: Path) -> None:
    result = relcli(
        "probe", "--run", "colours", "--label", "answer", "--category", "recognition_color",
        "--layers", "0,2-3", "--db", database, "--display", "jsonl",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert (events[0]["event"], events[0]["total"], events[0]["unit"]) == ("start", 3, "probes")
    assert events[-1]["event"] == "finish" and events[-1]["probes"] == 3
    assert [event["done"] for event in events if event["event"] == "advance"][-1] == 3


@pytest.mark.slow
def test_what_was_not_asked_is_passed_over_or_is_a_sentence(relcli: Relcli, database: Path) -> None:
    words = ("--run", "colours", "--variant", "raw", "--db", database, "--display", "plain")
    both = relcli("probe", *words, "--category", "recognition_color", "--category", "count")
    assert both.exit_code == 0 and "Not probed: count has no answers with attention." in both.stderr
    alone = relcli("probe", *words, "--category", "count")
    assert alone.exit_code == 1
    assert "Nothing could be probed in colours: count has no answers" in sentence(alone)
    masked = relcli("probe", "--run", "colours", "--variant", "masked", "--db", database)
    assert masked.exit_code == 1 and "no attention on masked pictures" in sentence(masked)


class _InterruptsItself(NullProgress):
    """Presses Ctrl-C once the first layers are there."""

    def __init__(self) -> None:
        self.seen = 0

    def advance(self, n: int = 1) -> None:
        self.seen += n
        if self.seen >= 4:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.usefixtures("signals_on")
def test_ctrl_c_keeps_what_is_finished(database: Path) -> None:
    request = ProbeRequest(run="colours", categories=("recognition_color",))
    with pytest.raises(InterruptedRun, match="4 finished probes are kept"):
        probe(database, request, _InterruptsItself())
    kept = "SELECT layer, label FROM probe_result WHERE subset = 'all' ORDER BY ALL"
    assert rows_of(database, kept) == [(0, "answer"), (0, "concept"), (1, "answer"), (1, "concept")]
    assert rows_of(database, "SELECT state FROM probe") == [("stopped",)]
