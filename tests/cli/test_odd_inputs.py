"""Words, files and names that are none, wherever the command line takes them."""

import os
from pathlib import Path

import pytest

from relcli.warehouse.rows import query
from tests.cli.cli_helpers import Relcli, sentence, start, tree


@pytest.mark.parametrize(
    "words",
    [["sql", "select '\udcff'"], ["runs", "show", "x\udcff"], ["generate", "--out", "d\udcff"]],
)
def test_an_argument_that_is_not_in_utf8(relcli: Relcli, words: list[str]) -> None:
    result = relcli(*words)
    assert result.exit_code == 2 and "is not in UTF-8" in sentence(result)
    assert tree(Path()) == []


def test_a_process_gets_bytes_that_are_not_in_utf8(tmp_path: Path) -> None:
    odd = os.fsdecode(b"\xff")
    for words, env in ((["sql", odd], {}), (["doctor"], {"RELCLI_DB": odd})):
        code, _, err = start(*words, cwd=tmp_path, env=env).finish(60)
        assert code == 2 and err.startswith("relcli: The ") and "is not in UTF-8" in err
    (tmp_path / odd).mkdir()
    code, _, err = start("runs", "list", cwd=tmp_path / odd).finish(60)
    assert code == 2 and "current folder" in err
    (tmp_path / "link").symlink_to(tmp_path / odd)
    code, _, err = start("generate", "--out", "x", "--db", "link/x.duckdb", cwd=tmp_path).finish(60)
    assert code == 2 and "lies in a folder whose name is not in UTF-8" in err


@pytest.mark.parametrize(
    "words",
    [
        ["sql", "select 1", "--limit", 10**20],
        ["run", "--max-new-tokens", 2**31],
        ["run", "--sample-index", 10**20],
        ["run", "--batch-size", 10**20],
        ["probe", "first", "--seed", 2**31],
        ["diff", "first", "first", "--seed", -1],
        ["diff", "first", "first", "--samples", 10**12],
        ["train", "--out", "x", "--seed", 2**64],
    ],
)
def test_numbers_beyond_what_can_be_kept(relcli: Relcli, answered: Path, words: list[object]) -> None:
    result = relcli(*words, *([] if words[0] == "train" else ["--db", answered]))
    assert result.exit_code == 2 and "failed unexpectedly" not in sentence(result)


def test_a_query_file_that_is_none(relcli: Relcli, empty: Path) -> None:
    os.mkfifo("pipe.sql")
    Path("latin.sql").write_bytes("select 'é'".encode("latin-1"))
    with Path("large.sql").open("wb") as file:
        file.truncate(1 << 40)
    for name, says in (("pipe", "a pipe, not a file"), ("latin", "not in UTF-8"), ("large", "16 MiB")):
        result = relcli("sql", f"{name}.sql", "--db", empty)
        assert result.exit_code == 2 and says in sentence(result)


def test_a_picture_named_like_a_path_in_a_warehouse_is_not_exported_there(
    relcli: Relcli, answered: Path
) -> None:
    for name in ("..", "a/../../b_1.png", "x\n.png"):
        changed = f"update picture set image_filename = '{name}' where scene_id = 0 and variant = 'raw'"
        query(answered, changed, read_only=False)
        result = relcli("export", "first", "--out", "out", "--db", answered)
        assert result.exit_code == 1 and "no plain file name" in sentence(result)
        assert not Path("out").exists()
