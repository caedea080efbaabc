"""What a warehouse should hold is worked out once for a user, and again whenever that could be another."""

import json
from pathlib import Path

import duckdb
import pytest

from relcli.paths import cache_folder
from relcli.warehouse import objects
from relcli.warehouse.kept_objects import keep, read_kept
from relcli.warehouse.objects import shipped_objects


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    objects._objects_of.cache_clear()  # as in a new process
    return cache_folder()


def test_a_second_process_asks_duckdb_nothing(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = shipped_objects()
    assert len(first) > 50 and len(list(own_cache.iterdir())) == 1
    objects._objects_of.cache_clear()
    monkeypatch.setattr(duckdb, "connect", lambda *words: pytest.fail("DuckDB was asked"))
    assert shipped_objects() == first


def test_another_duckdb_or_another_file_is_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(objects, "_made", lambda: made.append(1) or {("VIEW", "x"): "text"})
    for version in ("9.9.1", "9.9.2", "9.9.1"):
        monkeypatch.setattr(duckdb, "__version__", version)
        objects._objects_of.cache_clear()
        shipped_objects()
    assert len(made) == 2
    monkeypatch.setattr(objects, "files_digest", lambda: "other files")
    shipped_objects()
    assert len(made) == 3


@pytest.mark.parametrize(
    "text", ["", "{", "{}", "[1]", '[["VIEW", "x"]]', '[["VIEW", "x", 1]]', "[[", "\0", "[" * 100_000]
)
def test_a_file_that_is_damaged_is_none(own_cache: Path, text: str) -> None:
    keep("key", {("VIEW", "x"): "text"})
    [file] = own_cache.iterdir()
    assert read_kept("key") == {("VIEW", "x"): "text"}
    file.write_text(text)
    assert read_kept("key") is None


def test_a_folder_that_cannot_be_made_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    keep("key", {("VIEW", "x"): "text"})
    assert read_kept("key") is None


def test_few_versions_are_kept(own_cache: Path) -> None:
    for number in range(9):
        keep(f"{number}", {("VIEW", "x"): str(number)})
    assert len(list(own_cache.iterdir())) == 4 and read_kept("8") == {("VIEW", "x"): "8"}
    assert json.loads((own_cache / "objects-8.json").read_text()) == [["VIEW", "x", "8"]]
