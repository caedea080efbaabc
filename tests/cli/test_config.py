"""`relcli config`: every setting, its value, and where it comes from."""

from pathlib import Path

import pytest

from relcli.cli.main import _options_by_command, app
from tests.cli.cli_helpers import Relcli, load_json, sentence, start


def settings(relcli: Relcli, *words: str) -> dict[tuple[str, str], dict]:
    result = relcli("config", *words, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return {(row["command"], row["option"]): row for row in load_json(result)}


def test_it_tells_where_each_value_comes_from(
    relcli: Relcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    monkeypatch.setenv("RELCLI_CONFIG", str(file))
    file.write_text(
        'display = "plain"\n[run]\nmodel = "some/model"\nmax-new-tokens = 5\n[db.status]\ndebug = true\n'
    )
    monkeypatch.setenv("RELCLI_RUN_MAX_NEW_TOKENS", "7")
    monkeypatch.setenv("RELCLI_DB", "other.duckdb")
    found = settings(relcli)
    seen = {key: (row["value"], row["source"]) for key, row in found.items()}
    assert seen["run", "--model"] == ("some/model", str(file))
    assert seen["run", "--max-new-tokens"] == (7, "RELCLI_RUN_MAX_NEW_TOKENS")
    assert seen["ask", "--max-new-tokens"] == (128, "default")
    assert seen["probe", "--display"] == ("plain", str(file))
    assert seen["db status", "--debug"] == (True, str(file)) and seen["db path", "--debug"][1] == "default"
    assert seen["runs list", "--db"] == ("other.duckdb", "RELCLI_DB")
    assert found["run", "--batch-size"]["variable"] == "RELCLI_RUN_BATCH_SIZE"
    changed = settings(relcli, "--changed")
    assert {key for key, row in found.items() if row["source"] != "default"} == set(changed)
    assert {command for command, _ in settings(relcli, "db")} >= {"db status", "db path"}
    assert {command for command, _ in settings(relcli, "db", "status")} == {"db status"}


def test_it_has_every_option_of_every_command(relcli: Relcli) -> None:
    from typer.main import get_group

    commands = _options_by_command(get_group(app))
    counted = {name: len(set(options) - {"help"}) for name, options in commands.items()}
    found = [command for command, _ in settings(relcli)]
    assert {name: found.count(name) for name in counted} == counted


def test_a_process_without_a_settings_file_knows_all_commands(tmp_path: Path) -> None:
    """Without that file a process is given its own command alone, and this one lists the others."""
    env = {"RELCLI_CONFIG": str(tmp_path / "none.toml"), "RELCLI_RUN_MODEL": "some/model"}
    code, out, err = start("config", "--format", "csv", cwd=tmp_path, env=env).finish()
    assert code == 0, err
    assert "run,--model,some/model,RELCLI_RUN_MODEL,RELCLI_RUN_MODEL" in out
    assert {"ask", "db status", "config"} <= {line.split(",")[0] for line in out.splitlines()}


def test_an_unknown_command_is_a_sentence(relcli: Relcli) -> None:
    assert "did you mean run?" in sentence(relcli("config", "rnu"))
