"""What can't be seen is shown, and nothing else is touched."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli import hints
from relcli.visible import unseen, visible, visible_json

# They are of category Cf, but have a shape: signs in front of Arabic, Syriac and Kaithi numbers.
NUMBER_SIGNS = {*range(0x600, 0x606), 0x6DD, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}


def test_every_control_and_format_character_is_shown() -> None:
    for code in range(sys.maxunicode + 1):
        category = unicodedata.category(chr(code))
        if category in ("Cc", "Cf", "Cs", "Zl", "Zp") and code not in NUMBER_SIGNS:
            assert visible(chr(code)).isascii() and visible(chr(code)).startswith("\\")
        elif category not in ("Cf", "Cn"):
            assert visible(chr(code)) == chr(code)


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_shown_can_be_written_and_obeyed_by_nobody(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert not unseen(shown) and visible(shown) == shown
    assert visible(text, keep="\n").count("\n") == text.count("\n")


@given(st.recursive(st.text(st.characters(exclude_categories=())), lambda each: st.lists(each)))
def test_json_says_the_same(value: object) -> None:
    written = visible_json(json.dumps(value, ensure_ascii=False, indent=2))
    assert json.loads(written) == json.loads(json.dumps(value))
    assert not [mark for _, mark in unseen(written) if mark != "\\n"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("\x9b\x7f\r\n\t", "\\x9b\\x7f\\r\\n\\t"),
        ("a\u202eb\u2066\u200f", "a\\u202eb\\u2066\\u200f"),
        ("\udcff\U000e0041", "\\udcff\\U000e0041"),
        ("Größe 中 ▁ e\u0301", "Größe 中 ▁ e\u0301"),
    ],
)
def test_how_it_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.fixture
def named(tmp_path):
    hints.begin(["run", "runs list", "db migrate", "sql"])
    hints.name_database(tmp_path / "my file.duckdb")
    yield f"--db '{tmp_path}/my file.duckdb'"
    hints.begin([])


def test_hints_carry_the_database(named: str) -> None:
    told = hints.with_database("Make one with `relcli run`, `relcli db migrate`, or see relcli runs list.")
    assert told == (
        f"Make one with `relcli run {named}`, `relcli db migrate {named}`, or see relcli runs list {named}."
    )
    assert hints.with_database('relcli sql "from x"') == f'relcli sql {named} "from x"'


@pytest.mark.parametrize(
    "sentence",
    [
        "See relcli run --help.",
        "relcli run --db other.duckdb",
        "upgrade relcli, or run it again",
        "relcli runs write to pipes",
        "/opt/relcli run",
    ],
)
def test_what_is_no_hint_stays(named: str, sentence: str) -> None:
    assert hints.with_database(sentence) == sentence
