"""Flag, then environment, then file, then default."""

from pathlib import Path

import pytest

from tests.cli.cli_helpers import Relcli, sentence


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "settings.toml"
    monkeypatch.setenv("RELCLI_CONFIG", str(file))
    return file


def path_shown(relcli: Relcli, *words: str) -> str:
    result = relcli("db", "path", *words)
    assert result.exit_code == 0, result.stderr
    return Path(result.stdout.strip()).name


def test_each_place_wins_over_the_next(
    relcli: Relcli, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert path_shown(relcli) == "relcli.duckdb"
    settings.write_text('db = "file.duckdb"\n')
    assert path_shown(relcli) == "file.duckdb"
    settings.write_text('db = "file.duckdb"\n["db path"]\ndb = "table.duckdb"\n')
    assert path_shown(relcli) == "table.duckdb"
    monkeypatch.setenv("RELCLI_DB", "environment.duckdb")
    assert path_shown(relcli) == "environment.duckdb"
    assert path_shown(relcli, "--db", "flag.duckdb") == "flag.duckdb"


def test_a_command_takes_its_own_table(relcli: Relcli, settings: Path) -> None:
    settings.write_text('[run]\nmodel = "nowhere/at-all/ever"\nbatch-size = 4\n')
    assert "nowhere/at-all/ever" in sentence(relcli("run"))


def test_the_format_of_one_command_only(relcli: Relcli, settings: Path, answered: Path) -> None:
    settings.write_text('[sql]\nformat = "csv"\n')
    assert relcli("sql", "select 1 as a", "--db", answered).stdout == "a\n1\n"
    assert "run" in relcli("runs", "list", "--db", answered).stdout.splitlines()[1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fromat = 'csv'", "did you mean 'format'"),
        ("[run]\nmodle = 'x'", "did you mean 'model'"),
        ("[rnu]\nmodel = 'x'", "'rnu', which is unknown"),
        ("format = ", "is not valid TOML"),
        ("format = 'xml'", "markdown"),
    ],
)
def test_a_file_with_a_mistake_is_named(relcli: Relcli, settings: Path, text: str, says: str) -> None:
    settings.write_text(text)
    result = relcli("db", "path")
    assert result.exit_code == 2 and says in sentence(result)
    if "xml" not in text:
        assert str(settings) in sentence(result)
