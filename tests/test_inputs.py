"""The guards every file from outside goes through."""

import json
import math
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.config import read_config
from relcli.errors import RelcliError, UsageError
from relcli.inputs import is_plain_name, parse_json, read_bytes, read_json, read_toml
from relcli.results.attention_maps import load_steps
from relcli.tui.frame.settings import TuiSettings, load_settings

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_good_json_is_what_python_reads(value: object) -> None:
    for ascii_only in (True, False):
        assert parse_json(json.dumps(value, ensure_ascii=ascii_only), "it") == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * 65 + "]" * 65, "nests deeper than 64"),
        ("[" * 1_000_000, "nests deeper than 64"),
        ('{"a":' * 65 + "1" + "}" * 65, "nests deeper than 64"),
        ("[" + "9" * 5000 + "]", "5,000 digits"),
        ('{"a": -' + "9" * 5000 + "}", "digits"),
        ("[NaN]", "NaN"),
        ("[-Infinity]", "-Infinity"),
        ("[1e999]", "1e999"),
        ('{"one": 1, "two": 2, "one": 3}', 'key "one" stands twice'),
        ('["\\ud83d"]', "half of a surrogate pair"),
        ('{"a": {"\\udc00": 1}}', "half of a surrogate pair"),
        ('{"a": }', "line 1, column 7"),
        ("", "line 1"),
    ],
)
def test_json_that_is_refused(text: str, says: str) -> None:
    with pytest.raises(RelcliError, match=r"some\.json") as caught:
        parse_json(text, "some.json")
    said = caught.value.message
    assert says in said and "\n" not in said and len(said) < 200


def test_what_other_programs_write_is_read_where_that_is_wanted() -> None:
    value = parse_json('{"a": NaN, "a": Infinity}', "it", strict=False)
    assert value == {"a": math.inf}
    for text in ("[" * 5000, "9" * 5000, '["\\ud83d"]'):
        with pytest.raises(RelcliError):
            parse_json(text, "it", strict=False)


def test_depth_and_digits_up_to_the_limit_are_read() -> None:
    assert parse_json("[" * 64 + "]" * 64, "it")
    assert parse_json("9" * 1000, "it") == int("9" * 1000)
    assert parse_json('["\\ud83d\\ude42 \\\\ud83d"]', "it") == ["🙂 \\ud83d"]


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "large", "gone", "zero byte"])
def test_no_regular_file_is_waited_for_or_read(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "it"
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    elif kind == "device":
        place = Path("/dev/zero")
    elif kind == "large":
        with place.open("wb") as file:
            file.truncate(1 << 40)
    elif kind == "zero byte":
        place = Path("a\0b")
    started = time.monotonic()
    with pytest.raises(OSError) as caught:
        read_bytes(place, 1000)
    assert time.monotonic() - started < 30 and caught.value.strerror
    says = {"pipe": "a pipe, not a file", "large": "at most 1000 bytes", "device": "a device"}
    assert says.get(kind, "") in caught.value.strerror


def test_a_file_of_just_the_size_is_read(tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(b"\xef\xbb\xbf[1]")
    assert len(read_bytes(tmp_path / "it", 6)) == 6 and read_json(tmp_path / "it", most=6) == [1]
    with pytest.raises(OSError, match="at most 5 bytes"):
        read_json(tmp_path / "it", most=5)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000,
        ".".join(["a"] * 30_000) + " = 1",
        "[" + ".".join(["a"] * 30_000) + "]",
        "a = " + "9" * 5000,
        "a = " + "[" * 70 + "]" * 70,
        "a = ",
    ],
)
def test_toml_that_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "it.toml").write_text(text)
    started = time.monotonic()
    with pytest.raises(ValueError):
        read_toml(tmp_path / "it.toml")
    with pytest.raises(UsageError, match=r"settings file .*it\.toml"):
        read_config(tmp_path / "it.toml")
    assert time.monotonic() - started < 2


def test_broken_settings_are_the_usual_ones(tmp_path: Path) -> None:
    file = tmp_path / "tui.json"
    for text in (
        "[" * 100_000,
        "9" * 5000,
        '{"strength": NaN}',
        '{"theme": "\\ud800"}',
        '{"statements": [1, null]}',
    ):
        file.write_text(text)
        assert load_settings(file) == TuiSettings()
    file.unlink()
    os.mkfifo(file)
    assert load_settings(file) == TuiSettings()


@given(st.text(max_size=30))
def test_a_plain_name_stays_in_its_folder(name: str) -> None:
    if is_plain_name(name):
        path = os.path.normpath(os.path.join("/some/folder", name))
        assert os.path.dirname(path) == "/some/folder" and "\n" not in name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "/etc/passwd",
        "../x.png",
        "a/b",
        "a\\b",
        "..\\x",
        "a\0",
        "a\n.png",
        "\x1b[2J",
        "\udcff.png",
        "a" * 201,
    ],
)
def test_names_that_are_not_plain(name: str) -> None:
    assert not is_plain_name(name)


def test_a_path_from_a_warehouse_leads_into_its_folder_alone(tmp_path: Path) -> None:
    import numpy as np

    database, full = tmp_path / "w" / "study.duckdb", np.full((2, 3, 4, 16), 0.5, np.float16)
    inside = tmp_path / "w" / "study.duckdb.spool" / "run" / "full"
    inside.mkdir(parents=True)
    for place in (inside / "map.npy", tmp_path / "map.npy", tmp_path / "w" / "map.npy"):
        np.save(place, full)
    assert np.array(load_steps(database, "study.duckdb.spool/run/full/map.npy", 16)).shape == (2, 3, 16)
    for path in (
        *("../map.npy", "study.duckdb.spool/../../map.npy", "x/../../map.npy", "", ".", "a\0.npy"),
        *(str(inside / "map.npy"), str(tmp_path / "map.npy"), "/dev/zero", "study.duckdb.spool"),
    ):
        assert load_steps(database, path, 16) == []
    os.mkfifo(inside / "pipe.npy")
    assert load_steps(database, "study.duckdb.spool/run/full/pipe.npy", 16) == []
