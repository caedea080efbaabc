"""`relcli looks`, and what else reads the rows that `relcli run --rows` keeps, on real answers."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from relcli.cli.main import app
from tests.cli.cli_helpers import Relcli, rows_of, sentence

ASKED = ("run", "--category", "recognition_color", "--variants", "raw", "--display", "none")


def ask(database: Path, scenes: str) -> Path:
    """Colours asked on some bundled scenes; of two, without attention."""
    for name, more in (("rows", (scenes,)), ("blindfold", ("2", "--attention", "none"))):
        words = [*ASKED, "--db", str(database), "--name", name, "--max-samples", *more]
        assert CliRunner().invoke(app, words).exit_code == 0
    return database


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ask(tmp_path_factory.mktemp("looks") / "w.duckdb", "20")


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ask(tmp_path_factory.mktemp("few-looks") / "w.duckdb", "2")


@pytest.mark.slow
def test_the_words_for_the_colour_are_found_to_look_at_the_object(relcli: Relcli, answered: Path) -> None:
    result = relcli("looks", "--run", "rows", "--db", answered, "--format", "json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [row["half"] for row in found] == [1, 2]
    for row in found:
        assert (row["row"], row["layer"]) == ("target", 2)
        assert row["share"] > 3 * row["chance"]
        assert row["share"] > row["others"]
        assert row["p"] <= row["p_holm"] < 0.05
    assert sum(row["n_scenes"] for row in found) == 20

    table = relcli("looks", "--run", "rows", "--db", answered, "--format", "csv")
    assert [row["row"] for row in csv.DictReader(io.StringIO(table.stdout))] == ["target", "target"]
    shown = relcli("looks", "--run", "rows", "--db", answered)
    assert "p (Holm)" in shown.stdout
    assert "chosen on one half" in " ".join(shown.stderr.split())


@pytest.mark.slow
def test_the_run_says_which_rows_and_tokens_it_kept(answered: Path) -> None:
    [(kept,)] = rows_of(answered, "SELECT query_rows FROM run WHERE run = 'rows'")
    assert kept == ["answer", "target", "target_next", "stem_end"]
    named = rows_of(answered, "SELECT text FROM prompt_token WHERE role = 'target'")
    words = {text.strip() for (text,) in named}
    assert words <= {"red", "green", "blue", "yellow", "magenta", "cyan", "purple", "orange"}
    assert rows_of(answered, "SELECT query_rows FROM run WHERE run = 'blindfold'") == [(None,)]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--run", "other"), "There is no run other"),
        (("--run", "blindfold"), "nothing to look at on raw pictures"),
        (("--run", "rows", "--variant", "masked"), "nothing to look at on masked pictures"),
    ],
)
@pytest.mark.slow
def test_where_there_is_nothing_to_look_at(
    relcli: Relcli, few: Path, words: tuple[str, ...], says: str
) -> None:
    result = relcli("looks", *words, "--db", few)
    assert result.exit_code == 2
    assert says in sentence(result)


@pytest.mark.slow
def test_a_row_is_probed(relcli: Relcli, answered: Path) -> None:
    words = ("--layers", "2", "--permutations", "0", "--shuffles", "1", "--display", "none")
    result = relcli("probe", "--run", "rows", "--row", "target", *words, "--db", answered)
    assert result.exit_code == 0, result.output
    assert rows_of(answered, "SELECT DISTINCT features FROM probe") == [("target",)]
    both = relcli("probe", "--run", "rows", "--row", "target", "--features", "last_step", "--db", answered)
    assert both.exit_code == 2
    assert "--features goes with --row answer" in sentence(both)


@pytest.mark.slow
def test_rows_that_are_not_there_and_a_run_that_goes_on_with_others(relcli: Relcli, answered: Path) -> None:
    result = relcli(*ASKED, "--rows", "stem", "--db", answered)
    assert result.exit_code == 2
    assert "There is no row 'stem'; --rows takes answer, target" in sentence(result)
    again = (*ASKED, "--name", "rows", "--resume", "--max-samples", "20", "--db", answered)
    result = relcli(*again, "--rows", "options")
    assert result.exit_code == 2
    assert "--rows (answer, target" in sentence(result)
    assert relcli(*again, "--rows", "stem_end,target_next,target").exit_code == 0


@pytest.mark.slow
def test_single_heads_take_part_where_they_are_kept(relcli: Relcli, answered: Path) -> None:
    words = [*ASKED, "--db", str(answered), "--name", "heads", "--max-samples", "20", "--attention", "heads"]
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 0, ran.output
    result = relcli("looks", "--run", "heads", "--db", answered, "--format", "json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [(row["row"], row["layer"]) for row in found] == [("target", 2), ("target", 2)]
    assert all(isinstance(row["head"], int) for row in found)
    mean = json.loads(relcli("looks", "--run", "rows", "--db", answered, "--format", "json").stdout)
    for one, all_heads in zip(found, mean, strict=True):
        assert one["n"] == all_heads["n"]
        assert one["share"] - one["chance"] > all_heads["share"] - all_heads["chance"]
        assert one["area"] == pytest.approx(all_heads["area"])
    # The views say the same of the head, over all scenes.
    best = rows_of(
        answered,
        "SELECT query_row, layer, p_holm FROM head_grounding WHERE run = 'heads' "
        "ORDER BY above_chance DESC LIMIT 1",
    )
    [(row, layer, p)] = best
    assert (row, layer) == ("target", 2)
    assert p < 0.001
    halves = rows_of(answered, "SELECT query_row, layer, p_holm < 0.05 FROM head_best WHERE run = 'heads'")
    assert halves == [("target", 2, True), ("target", 2, True)]
