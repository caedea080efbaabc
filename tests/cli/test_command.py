"""The command as a whole: what it imports, what every command takes, how it speaks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import relcli as package
from relcli.cli.main import _options_by_command, app
from tests.cli.cli_helpers import Relcli, sentence

ROOT = Path(__file__).parents[2]
HEAVY = (
    *("torch", "transformers", "accelerate", "textual", "sklearn", "numpy", "duckdb", "PIL"),
    *("matplotlib", "jinja2"),
)


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["--version"], ["db", "path"]])
def test_help_imports_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    script = (
        f"import sys; from relcli.cli.main import app\n"
        f"try: app({words!r})\n"
        f"except SystemExit: pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert done.stderr.strip() == "[]"


def test_no_help_of_any_command_imports_anything_heavy(tmp_path: Path) -> None:
    """In one process: what one help imports would be seen after all of them."""
    script = (
        "import contextlib, io, sys\n"
        "from typer.main import get_group\n"
        "from relcli.cli.main import _options_by_command, app\n"
        "for name in _options_by_command(get_group(app)):\n"
        "    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "        app([*name.split(), '--help'])\n"
        f"    found = [m for m in {HEAVY!r} if m in sys.modules]\n"
        "    if found: sys.exit(f'{name}: {found}')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_that_writes_rows_takes_db_format_and_debug() -> None:
    from typer.main import get_group

    commands = _options_by_command(get_group(app))
    assert {"run", "generate", "verify", "sql", "doctor", "ask", "runs list", "db status"} <= set(commands)
    for name in ("tui", "worker", "runs note", "runs mark", "runs rename"):  # write no rows
        del commands[name]
    missing = {name for name, options in commands.items() if not {"db", "format", "debug"} <= set(options)}
    assert missing == set()


def test_version(relcli: Relcli) -> None:
    result = relcli("--version")
    said = re.fullmatch(r"relcli (\S+)(?: \(([0-9a-f]{12})(-dirty)?\))?\n", result.stdout)
    assert result.exit_code == 0 and said is not None and said[1] == package.__version__
    if (ROOT / ".git").exists():
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True)
        assert head.stdout.startswith(said[2])


def test_no_words_show_the_help(relcli: Relcli) -> None:
    assert "recognition_color" in relcli().output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["rnu"], "run"),
        (["run", "--modle", "x"], "--model"),
        (["run", "--format", "xml"], "markdown"),
        (["run", "--max-new-tokens", "many"], "--max-new-tokens"),
        (["runs", "remove"], "RUN"),
    ],
)
def test_a_usage_error_is_one_sentence_and_exit_code_2(relcli: Relcli, words: list[str], says: str) -> None:
    result = relcli(*words)
    assert result.exit_code == 2 and says in sentence(result) and result.stdout == ""


def test_debug_adds_the_traceback(relcli: Relcli) -> None:
    result = relcli("sql", "from run", "--debug")
    assert (
        result.exit_code == 3
        and "Traceback" in result.stderr
        and "relcli: There is no wareh" in result.stderr
    )


def test_completion_is_offered(relcli: Relcli) -> None:
    assert "--install-completion" in relcli("--help").stdout


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("relcli exp", {"export"}),
        ("relcli run --cat", {"--category"}),
        ("relcli run --category recognition_s", {"recognition_shape", "recognition_shape_and_color"}),
        ("relcli diff --category recognition_s", {"recognition_shape", "recognition_shape_and_color"}),
        ("relcli sql --format j", {"json", "jsonl"}),
        ("relcli figure shift", {"shift", "shift-category"}),
        ("relcli run --attention ", {"summary", "full", "none"}),
        ("relcli db ", {"path", "status", "migrate"}),
    ],
)
@pytest.mark.slow
def test_a_shell_completes(line: str, offers: set[str], tmp_path: Path) -> None:
    """What bash asks when someone presses tab, answered by the installed command."""
    words = line.split(" ")
    asked = {"_RELCLI_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    command = Path(sys.executable).with_name("relcli")
    done = subprocess.run(
        [command], env={**os.environ, **asked}, capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    given = set(done.stdout.split())
    assert offers <= given and all(each.startswith(words[-1]) for each in given), done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_asks_relcli(shell: str, tmp_path: Path) -> None:
    asked = {"_RELCLI_COMPLETE": f"source_{shell}", "PATH": os.environ["PATH"]}
    command = Path(sys.executable).with_name("relcli")
    done = subprocess.run([command], env=asked, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert "_RELCLI_COMPLETE" in done.stdout and "Error" not in done.stderr


def test_no_color_is_honoured(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "relcli", "--help"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"NO_COLOR": "1", "FORCE_COLOR": "1", "PATH": "", "TERM": "xterm-256color"},
        timeout=60,
    )
    assert done.returncode == 0 and "\x1b[3" not in done.stdout
