"""What reaches a terminal, a pipe that isn't UTF-8, and one that is closed: real processes."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from relcli.visible import unseen
from tests.cli.cli_helpers import Relcli, sentence, start
from tests.tiers import quick_where

EVIL = "\x1b]0;title\x07\x1b[31mred\x9b2J\u202egnp.exe\u2066\x7f\r\n"
HEAD = "[red]head" + EVIL.replace("\n", "")
SQL = f"select {'||'.join(f'chr({ord(letter)})' for letter in EVIL)} as \"{HEAD}\", 'é' as e"
WITHOUT_UTF8 = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}


def on_terminal(*words: object, cwd: Path, **env: str) -> str:
    """What the command writes to a terminal of its own, standard error included."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "relcli", *map(str, words)],
        cwd=cwd,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "200", **env},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    seen = b""
    try:
        while some := os.read(master, 65536):
            seen += some
    except OSError:
        pass  # the other end is closed
    process.wait(60)
    os.close(master)
    return seen.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "json", "jsonl"])
def test_nothing_raw_reaches_a_terminal(empty: Path, form: str) -> None:
    words = ("sql", SQL, "--db", empty, "--format", form)
    told = on_terminal(*words, cwd=empty.parent, NO_COLOR="1", TERM="dumb")
    assert "red" in told and "[red]" in told.replace("\\[", "[")
    assert [escape for _, escape in unseen(told) if escape != "\\n"] == []
    if form in ("json", "jsonl"):
        [row] = json.loads(told if form == "json" else f"[{told}]")
        assert row[HEAD] == EVIL


def test_a_colourful_terminal_gets_only_our_own_sequences(empty: Path) -> None:
    told = on_terminal("sql", SQL, "--db", empty, cwd=empty.parent)
    assert "\\x1b]0;title\\x07\\x1b[31mred\\x9b2J\\u202egnp.exe\\u2066\\x7f\\r\\n" in told
    assert not {"\x07", "\x9b", "\u202e", "\u2066", "\x7f"} & set(told) and "\x1b[31m" not in told


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_pipe_gets_the_data_as_they_are(relcli: Relcli, empty: Path, form: str) -> None:
    told = relcli("sql", SQL, "--db", empty, "--format", form).stdout_bytes.decode()
    if form == "json":
        [row] = json.loads(told)
    else:
        [row] = csv.DictReader(io.StringIO(told, newline=""))
    assert row == {HEAD: EVIL, "e": "é"}


def test_tables_are_safe_in_pipes_too(relcli: Relcli, empty: Path) -> None:
    for form in ("table", "markdown"):
        told = relcli("sql", SQL, "--db", empty, "--format", form).stdout_bytes.decode()
        assert {escape for _, escape in unseen(told)} == {"\\n"}


@pytest.mark.parametrize(
    "words",
    [
        ("runs", "show", EVIL),
        ("runs", "list", "--db", "no\x1b[31m\u202ewhere.duckdb"),
        ("sql", "select 1 from \"no\x1b[31m\u202e\""),
        ("ask", "q", "--image", "no\x1b[31m\u202e.png"),
        ("run", "--category", EVIL),
        ("run", "--no\x1b[31m\u202e"),
        ("sql", "no\x1b[31m\u202e.sql"),
    ],
)
@pytest.mark.parametrize("debug", ["", "1"])
def test_sentences_about_errors_are_safe(
    relcli: Relcli, empty: Path, words: tuple[str, ...], debug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELCLI_DB", str(empty))
    if debug:
        monkeypatch.setenv("RELCLI_DEBUG", "1")
    told = relcli(*words)
    assert told.exit_code and {escape for _, escape in unseen(told.stderr)} == {"\\n"}
    assert "\\x1b[31m" in told.stderr or "\\u202e" in told.stderr


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown"])
@pytest.mark.parametrize(
    "env",
    quick_where(
        [WITHOUT_UTF8, {"PYTHONIOENCODING": "latin-1"}, {"PYTHONIOENCODING": "cp1252:strict"}],
        lambda env: env is WITHOUT_UTF8,
    ),
)
def test_an_encoding_that_lacks_letters_gets_escapes(empty: Path, form: str, env: Mapping[str, str]) -> None:
    words = ("sql", "select chr(233) as e, chr(20013) as z, chr(9601) as b", "--db", empty, "--format", form)
    process = subprocess.run(
        [sys.executable, "-m", "relcli", *map(str, words)],
        env={**os.environ, **env},
        capture_output=True,
        check=False,
    )
    assert (process.returncode, process.stderr) == (0, b"")
    told = process.stdout.decode(env["PYTHONIOENCODING"].split(":")[0])
    assert "\\u4e2d" in told.replace("\\\\", "\\") and "\\u2500" not in told
    if form == "json":
        assert json.loads(told) == [{"e": "é", "z": "中", "b": "▁"}]


@pytest.mark.slow
def test_a_narrow_or_dumb_terminal_gets_plain_progress(tmp_path: Path) -> None:
    words = ("generate", "--scenes", 3, "--db", "w.duckdb", "--out")
    dumb = on_terminal(*words, "one", cwd=tmp_path, TERM="dumb")
    assert "3 scenes" in dumb and "\x1b" not in dumb and "\r" not in dumb
    narrow = on_terminal(*words, "two", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert "3 scenes" in narrow and narrow.isascii() and "\\u" not in narrow


def test_help_works_everywhere(tmp_path: Path) -> None:
    told = on_terminal("run", "--help", cwd=tmp_path, **WITHOUT_UTF8, TERM="dumb")
    assert "--category" in told and told.isascii() and "\x1b" not in told


def test_a_closed_pipe_ends_quietly(empty: Path) -> None:
    started = start("sql", "from range(300000)", "--db", empty, "--format", "csv", cwd=empty.parent)
    assert started.process.stdout and started.process.stdout.readline() == "range\n"
    started.process.stdout.close()
    assert started.process.stderr and started.process.stderr.read() == ""
    assert started.process.wait(60) == 128 + 13


@pytest.mark.parametrize(("env", "words"), [({"TERM": "dumb"}, "TERM=dumb"), (WITHOUT_UTF8, "LANG=C.UTF-8")])
def test_the_terminal_application_says_what_it_needs(
    tmp_path: Path, env: dict[str, str], words: str
) -> None:
    told = on_terminal("tui", cwd=tmp_path, **env)
    assert words in told and told.count("\n") == 1 and "\x1b" not in told


# Paths of warehouses


@pytest.mark.parametrize("by", ["option", "environment"])
def test_hints_carry_the_warehouse_that_was_named(relcli: Relcli, empty: Path, by: str, monkeypatch) -> None:
    named = empty.rename(empty.parent / "my study.duckdb")
    words = ("--db", named) if by == "option" else ()
    if by == "environment":
        monkeypatch.setenv("RELCLI_DB", str(named))
    assert f"relcli run --db '{named}' makes one" in relcli("runs", "list", *words).stderr
    assert f"relcli runs list --db '{named}' shows" in relcli("runs", "show", "nope", *words).stderr
    missing = relcli("runs", "list", "--db", "no here.duckdb").stderr
    assert "`relcli db migrate --db 'no here.duckdb'`" in missing
    assert "--db '" not in sentence(relcli("runs", "list", "--nope", *words))


def test_hints_of_one_call_are_not_those_of_the_next(relcli: Relcli) -> None:
    relcli("runs", "list", "--db", "other.duckdb")
    assert "`relcli db migrate`" in relcli("runs", "list").stderr


def test_what_can_not_be_a_warehouse_is_refused_at_once(relcli: Relcli, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    said = {
        "fifo": "a pipe", "folder": "a folder", "/dev/null": "a device", "file/w.duckdb": "Not a directory",
        "w?.duckdb": "question mark", "loop": "symbolic links", "": "a folder", "w\udcff.duckdb": "UTF-8",
    }  # fmt: skip
    for path, words in said.items():
        for command in (("runs", "list"), ("db", "migrate"), ("sql", "select 1"), ("tui",)):
            told = relcli(*command, "--db", path)
            code = 2 if words in ("question mark", "UTF-8") else 3
            assert told.exit_code == code and words in sentence(told), path


def test_ask_refuses_an_option_given_twice_or_alone(relcli: Relcli) -> None:
    for options in (("yes", "yes"), ("red circle", "Red  circle "), ("left", "None")):
        words = [part for option in options for part in ("--option", option)]
        told = relcli("ask", "which?", "--image", "x.png", *words)
        assert told.exit_code == 2 and repr(options[1]) in sentence(told)
    alone = relcli("ask", "which?", "--image", "x.png", "--option", "yes")
    assert alone.exit_code == 2 and "give at least two" in sentence(alone)


def test_sql_refuses_json_of_two_columns_with_one_name(relcli: Relcli, empty: Path) -> None:
    for form in ("json", "jsonl"):
        told = relcli("sql", "select 1 as a, 2 as a", "--db", empty, "--format", form)
        assert (told.exit_code, told.stdout) == (2, "") and "'a'" in sentence(told)
    assert relcli("sql", "select 1 as a, 2 as a", "--db", empty, "--format", "csv").stdout == "a,a_2\n1,2\n"
