"""Ways to break the bytes of a file, each by random numbers: blindly, and by what the format holds."""

import csv
import io
import json
import random
import struct
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

Rng = random.Random
Way = Callable[[bytes, Rng], bytes]

ODD_BYTES = (
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0", b"\0\0\0\0", b"\xed\xa0\x80", b"\xff", b"\x1b[2J"),
    *(b"\\ud800", b"\\u0000", b"NaN", b"-Infinity", b"1e999", b"null", b"true", b"../../victim.txt"),
    *(b'"', b"'", b",", b";", b"\r", b"\n", b"\t", b"sep=;\n", b"{", b"}", b"[", b"]", b"=", b"#", b"\\"),
    *(b"9" * 5000, b"9" * 20, b"[" * 50_000, b'{"a":' * 5000, b"a." * 9000, b" " * 50_000, b"x" * 200_000),
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 0.5, -0.0, 1e300, 2**31, 2**63, -(2**40), 10**400, [], {}, [[]], [{}], ""),
    *(
        "None",
        "a)",
        "e)",
        "z)",
        "\ud800",
        "\0",
        "../x.png",
        "../../victim.txt",
        "/etc/passwd",
        "C:\\x",
        ".",
        "..",
    ),
    *("a" * 50_000, "\\"),
    *("🙂", "\u202e", "x\n", "12345678901234567890.png", "9" * 6000 + ".png", [1, "a"], {"a": {"b": []}}),
)


def flip(data: bytes, rng: Rng) -> bytes:
    broken = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
    return bytes(broken)


def truncate(data: bytes, rng: Rng) -> bytes:
    return data[: rng.randrange(len(data))]


def repeat(data: bytes, rng: Rng) -> bytes:
    start, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return data[:end] + data[start:end] * rng.choice((1, 1, 2, 20)) + data[end:]


def cut(data: bytes, rng: Rng) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.choice((1, 4, 60, 2000)) :]


def insert(data: bytes, rng: Rng) -> bytes:
    at = rng.choice((0, len(data), rng.randrange(len(data))))
    return data[:at] + rng.choice(ODD_BYTES) + data[at:]


def recode(data: bytes, rng: Rng) -> bytes:
    text = data.decode()
    if rng.random() < 0.5:
        return text.encode(rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "utf-7", "cp037")))
    ends = rng.choice(("\r", "\r\n", "\n\n", "\v", "\u2028"))
    return text.replace("\r\n", "\n").replace("\n", ends).encode()


BYTES = (flip, truncate, repeat, cut, insert)


def change_tree(data: bytes, rng: Rng) -> bytes:
    """Another value, a missing or doubled item, or a key of another name somewhere in JSON."""
    tree = json.loads(data)
    parents = [node for node in _nodes(tree) if node]
    parent = rng.choice(parents)
    key = rng.choice(list(parent) if isinstance(parent, dict) else range(len(parent)))
    how = rng.randrange(9)
    if how == 0:
        del parent[key]
    elif how == 1 and isinstance(parent, list):
        parent.insert(key, parent[key])
    elif how == 2 and isinstance(parent, dict):
        return json.dumps(tree).replace(f'"{key}":', f'"{rng.choice(list(parent))}":').encode()
    elif how == 3:
        deep: Any = parent[key]
        for _ in range(rng.choice((3, 70, 900))):
            deep = [deep]
        parent[key] = deep
    elif how > 5 and isinstance(parent[key], int):
        parent[key] = rng.choice((-1, 2**31, 2**63, 10**400, parent[key] + 2**32))
    elif how > 5 and isinstance(parent[key], str):
        at = rng.randrange(len(parent[key]) + 1)
        odd = rng.choice(
            ("\ud800", "\0", " ", "9" * 20, "../", "\x1b", "🙂", " a) ", "? Here are your options: ")
        )
        parent[key] = parent[key][:at] + odd + parent[key][at:]
    else:
        parent[key] = rng.choice(ODD_VALUES)
    return json.dumps(tree).encode()


def change_line(data: bytes, rng: Rng) -> bytes:
    lines = data.splitlines(keepends=True)
    at = rng.randrange(len(lines))
    lines[at] = change_tree(lines[at], rng) + b"\n"
    return b"".join(lines)


def _nodes(tree: Any) -> list[Any]:
    found = [tree] if isinstance(tree, dict | list) else []
    for each in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        found += _nodes(each)
    return found


def change_cell(data: bytes, rng: Rng) -> bytes:
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    row = rng.choice(rows[:2] if rng.random() < 0.4 else rows)
    at, how = rng.randrange(len(row)), rng.randrange(7)
    if how == 0:
        del row[at]
    elif how == 1:
        row.insert(at, row[at])
    elif how == 2:
        for each in rows:
            each.insert(0, each[min(at, len(each) - 1)])
    else:
        value = rng.choice([v for v in ODD_VALUES if v != "\ud800"])
        row[at] = value if isinstance(value, str) else str(value)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=rng.choice(",,,;\t|:")).writerows(rows)
    return text.getvalue().encode()


def change_toml(data: bytes, rng: Rng) -> bytes:
    value = rng.choice(
        (
            '"x"',
            "1",
            "nan",
            "inf",
            "[1, 2]",
            "{}",
            "1979-05-27",
            '"\\u0000"',
            "9" * 5000,
            "[" * 900 + "]" * 900,
        )
    )
    key = rng.choice(
        ("db", "format", "run", "batch-size", '"db status"', "model", '""', "a.b", "a." * 9000 + "a")
    )
    line = rng.choice((f"{key} = {value}\n", f"[{key}]\n", f"[[{key}]]\n", f"{key}.{key} = {value}\n"))
    lines = data.decode().splitlines(keepends=True)
    lines.insert(rng.randrange(len(lines) + 1), line)
    return "".join(lines).encode()


def change_array(data: bytes, rng: Rng) -> bytes:
    """Another array under a name of an archive."""
    with np.load(io.BytesIO(data)) as held:
        arrays: dict[str, Any] = dict(held)
    name = rng.choice(list(arrays))
    arrays[name] = rng.choice(
        (
            *(np.array(10**8), np.array(-1), np.array(np.nan), np.array(np.inf), np.array(2**63, np.uint64)),
            *(np.array("text"), np.array([{}], dtype=object), np.array([]), np.zeros((0, 4)), np.array(1j)),
            *(np.zeros(64), np.full(64, np.nan), np.full(64, 2.0), np.zeros((8, 8)), np.zeros(10_000)),
            *(np.array([True]), np.array(["2020-01-01"], "M8[D]"), np.zeros(3, "i4,f4"), np.array(b"")),
        )
    )
    if rng.random() < 0.2:
        del arrays[name]
    file = io.BytesIO()
    (np.savez_compressed if rng.random() < 0.5 else np.savez)(file, **arrays)
    return file.getvalue()


def change_header(data: bytes, rng: Rng) -> bytes:
    """Another header before the values of an array."""
    shape = rng.choice(
        ("(64,)", "(-1,)", "(10**9,)", "(1000000000000,)", "(9223372036854775807, 2)", "(1.5,)", "64", "()")
    )
    kind = rng.choice(
        ("'<f2'", "'|O'", "'<f8'", "'|S0'", "'<U99999999'", "[('a', '<f2')]", "None", "'x'", "('<f2', 64)")
    )
    head = f"{{'descr': {kind}, 'fortran_order': {rng.choice(('False', 'True', '7'))}, 'shape': {shape}}}"
    if rng.random() < 0.2:
        head = rng.choice(("(" * 9000, "[]", "{", "-" * 9000 + "1", head * 200, "__import__('os')"))
    version = rng.choice((1, 1, 2, 3, 9))
    packed = head.encode() + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(packed) % (1 << (16 if version == 1 else 32)))
    return b"\x93NUMPY" + bytes((version, 0)) + length + packed + data[128:]


def rezip(data: bytes, rng: Rng) -> bytes:
    """A whole archive again, with one member's bytes broken, doubled or blown up."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        victim = rng.choice(old.namelist())
        for name in old.namelist():
            held = old.read(name)
            way = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA))
            if name == victim:
                how = rng.randrange(4)
                held = change_header(held, rng) if how < 2 else held
                held += bytes(rng.choice((0, 1, 70 << 20))) if how == 2 else b""
                if how == 3:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        new.writestr(name, held)
            else:
                way = zipfile.ZIP_STORED
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                new.writestr(name, held, way)
    return file.getvalue()


def lie(data: bytes, rng: Rng) -> bytes:
    """Another number in the directory of an archive: sizes, checksums, places, counts."""
    broken = bytearray(data)
    start = rng.choice([at for at in range(len(data)) if data[at : at + 4] in (b"PK\x01\x02", b"PK\x05\x06")])
    at = start + rng.choice((8, 10, 16, 20, 24, 28, 30, 42))
    if at + 4 <= len(broken):
        struct.pack_into("<I", broken, at, rng.choice((0, 1, 99, 2**31, 2**32 - 1, rng.randrange(2**32))))
    return bytes(broken)


ARCHIVE = (change_array, rezip, lie)
