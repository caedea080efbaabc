"""The command that is asked for comes alone, and is the same as among all of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from relcli.cli.main import app, tree
from relcli.cli.tree import NAMES


def called(
    *words: str, before: str = "", code: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """`relcli WORDS` in a process of its own, which runs some code of ours before, and at its end."""
    script = (
        f"import atexit, sys\n{before}\n"
        f"atexit.register(lambda: exec({code!r}))\n"
        f"sys.argv = ['relcli', *{[*words]!r}]\n"
        "from relcli.cli.main import main\n"
        "main()"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **variables},
    )  # fmt: skip


@pytest.mark.parametrize("name", ["tui", "runs", "sql", "import"])
def test_help_of_a_command_alone_is_its_help_among_all(name):
    alone = CliRunner().invoke(tree([name]), [name, "--help"])
    among = CliRunner().invoke(app, [name, "--help"])
    assert alone.exit_code == 0 and alone.output == among.output


def test_all_commands_stand_in_the_help_of_the_whole():
    said = CliRunner().invoke(app, ["--help"]).output
    assert [name for name in NAMES if f" {name} " not in said] == []


def test_a_command_imports_no_other_and_reads_a_path_without_pydantic(tmp_path):
    looks = "print(*(name in sys.modules for name in ('relcli.cli.tui', 'relcli.cli.train', 'pydantic')))"
    # No terminal: it ends before its screens. A hint in the sentence would have the others imported.
    no_hints = "from relcli import hints; hints.with_database = str"
    done = called("tui", "--db", str(tmp_path / "none.duckdb"), before=no_hints, code=looks)
    assert done.returncode == 2 and "needs a terminal" in done.stderr
    assert done.stdout.split() == ["True", "False", "False"]


def test_a_hint_at_another_command_names_the_warehouse(tmp_path):
    from relcli.warehouse.migrations import ensure

    ensure(file := tmp_path / "w.duckdb")
    done = called("runs", "show", "none", "--db", str(file))
    assert f"relcli runs list --db {file}" in done.stderr


def test_a_settings_file_may_speak_of_any_command(tmp_path):
    (settings := tmp_path / "relcli.toml").write_text('[generate]\nseed = 5\n[tiu]\ndb = "x"\n')
    done = called("db", "path", RELCLI_CONFIG=str(settings))
    assert done.returncode == 2 and "tiu" in done.stderr


def test_a_word_that_is_no_command_is_told_of_the_nearest():
    assert "Did you mean 'tui'?" in called("tiu").stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_path_that_can_not_be_read_is_refused(tmp_path):
    (file := tmp_path / "w.duckdb").touch(mode=0)
    done = called("runs", "list", "--db", str(file))
    assert done.returncode != 0 and "Traceback" not in done.stderr and str(Path(file).name) in done.stderr
