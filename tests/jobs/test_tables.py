"""One reader of tables: encodings, separators, line ends, and what is no table."""

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.errors import RelcliError, UsageError
from relcli.jobs.importing.tables import read_table

ROWS = [["name", "Answer"], ["one", "é, \u201cyes\u201d"], ["two", "line\nbreak"]]


def read(
    path: Path, data: bytes, encoding: str | None = None
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    path.write_bytes(data)
    table = read_table(path, encoding=encoding)
    return table.columns, list(table.lines)


def written(separator: str = ",", end: str = "\r\n") -> str:
    return "".join(separator.join(f'"{cell}"' for cell in row) + end for row in ROWS)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("first", ["", "sep={}{}", '"sep={}"{}', "SEP={}{}"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (b"", "cp1252"),
    ],
)
def test_a_table_reads_the_same_however_it_is_written(
    tmp_path: Path, mark: bytes, encoding: str, first: str, separator: str, end: str
) -> None:
    text = first.format(separator, end) + written(separator, end)
    columns, lines = read(tmp_path / "t.csv", mark + text.encode(encoding))
    assert columns == ["name", "answer"] and [cells for _, cells in lines] == ROWS[1:]
    assert [number for number, _ in lines] == [2 + bool(first), 4 + bool(first)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
def test_the_mark_goes_whatever_encoding_is_named(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path / "t.csv", codecs.BOM_UTF8 + b"name\nx\n", encoding)[0] == ["name"]
    for order in ("le", "be"):
        data = ("\ufeff" + "name\nx\n").encode(f"utf-16-{order}")
        assert read(tmp_path / "t.csv", data, f"utf-16-{order}")[0] == ["name"]


def test_the_separator_that_is_named_wins(tmp_path: Path) -> None:
    assert read(tmp_path / "t.csv", b"sep=;\na,b,c;d\n")[0] == ["a,b,c", "d"]


@given(st.binary(max_size=60), st.sampled_from([None, "utf-8", "utf-16", "utf-7", "unicode_escape", "idna"]))
def test_no_bytes_break_it(data: bytes, encoding: str | None) -> None:
    path = Path("/dev/shm" if Path("/dev/shm").is_dir() else "/tmp") / "relcli-test-no-bytes.csv"
    try:
        columns, lines = read(path, data, encoding)
        assert columns and all(
            "\0" not in cell and cell.encode() is not None for _, row in lines for cell in row
        )
    except RelcliError as error:
        assert "\n" not in error.message
    finally:
        path.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b" \n\r\n\t", "is empty"),
        (codecs.BOM_UTF8, "is empty"),
        (codecs.BOM_UTF16_LE, "is empty"),
        (codecs.BOM_UTF16_BE + "\r\n ".encode("utf-16-be"), "is empty"),
        (b"|", "names no columns"),
        (b",,\n,,\n", "names no columns"),
        (b"sep=;\n", "names no columns"),
        (codecs.BOM_UTF16_LE + b"a", "is not in utf-16"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "is not in utf-16"),
        ("name\n".encode("utf-16-le"), "zero bytes"),
        (b"a,b\n1,\0\n", "zero bytes"),
        (b"sep=x\na\n", "'x' as its separator"),
        (b"sep=\na\n", "'' as its separator"),
        (b"a,b, A \n1,2,3\n", "more than one column 'a'"),
        (b'a,b\n1,"2\n', "breaks off or is not valid CSV at line 2"),
        (b'a,b\n1,"2"3\n', "not valid CSV at line 2"),
        (b"a\n" + b"x" * (17 << 20), "not valid CSV at line 2"),
    ],
)
def test_what_is_no_table(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(RelcliError, match=r"t\.csv") as caught:
        read(tmp_path / "t.csv", data)
    assert says in caught.value.message and "\n" not in caught.value.message


def test_long_cells_and_blank_names_are_read(tmp_path: Path) -> None:
    columns, lines = read(tmp_path / "t.csv", b"a,,\n" + b"x" * 1_000_000 + b",,\n\n , \n")
    assert columns == ["a", "", ""] and len(lines) == 1 and len(lines[0][1][0]) == 1_000_000


@pytest.mark.parametrize("encoding", ["klingon", "base64", "a\0b"])
def test_encodings_that_are_none(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(UsageError, match="There is no encoding"):
        read(tmp_path / "t.csv", b"a\n", encoding)
