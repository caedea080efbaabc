"""A process that is held up between its look at the file and its lock: nobody's commit is thrown away.

DuckDB 2.0.0 and 2.0.1 do throw commits away then (`test_duckdb_itself` shows it, so that the rest proves
something).
"""

import os
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import duckdb
import pytest

import relcli
from relcli.warehouse.maintenance import compact, snapshot
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query

HERE = Path(__file__).parent
SOURCE = HERE.parent / "fixtures" / "slow_close.c"
CLOSES = range(1, 13)  # more than any of these opens of a file makes
WRITE = "CREATE TABLE IF NOT EXISTS {0} (x INTEGER); INSERT INTO {0} VALUES (1)"


@pytest.fixture(scope="session")
def slow_close(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs Linux and a C compiler")
    library = tmp_path_factory.mktemp("slow") / "slow_close.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    return library


@pytest.fixture
def held_up(place, slow_close, tmp_path):
    """`held_up(number, command, meanwhile)`: run a command that is held up at that close of the warehouse, do
    something meanwhile, let it end. Returns its exit code, or None if there are fewer closes."""

    def run(number, command, meanwhile):
        mark = tmp_path / f"mark-{number}"
        environment = os.environ | {
            "PYTHONPATH": str(Path(relcli.__file__).parents[1]),
            "LD_PRELOAD": str(slow_close),
            "SLOW_FILE": str(place.path),
            "SLOW_CLOSE": str(number),
            "SLOW_MARK": str(mark),
        }
        process = subprocess.Popen([sys.executable, *map(str, command)], env=environment)
        while not mark.exists() and process.poll() is None:
            time.sleep(0.002)
        if not mark.exists():
            return None
        try:
            meanwhile()
        finally:
            mark.unlink(missing_ok=True)
        return process.wait(timeout=60)

    return run


def plain_write(path: Path, table: str, times: int = 1) -> int:
    """What people do with a DuckDB client of their own; returns how often it was let in."""
    done = 0
    for _ in range(times):
        try:
            with duckdb.connect(str(path)) as connection:
                connection.execute(WRITE.format(table))
                done += 1
        except duckdb.IOException as error:
            assert "lock" in str(error)
    return done


def count(path: Path, table: str) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        try:
            return connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
        except duckdb.CatalogException:
            return 0


@pytest.mark.skipif(duckdb.__version__ not in ("2.0.0", "2.0.1"), reason="of these versions")
def test_duckdb_itself(place, held_up):
    """The fault that lock and guard are for."""
    code = f"import duckdb\nwith duckdb.connect({str(place.path)!r}) as c: c.execute({WRITE.format('b')!r})"
    lost = []
    for number in (1, 2):
        table = f"a{number}"
        held_up(number, ["-c", code], partial(plain_write, place.path, table))
        lost.append(count(place.path, table) == 0)
    assert any(lost)


@pytest.mark.parametrize("commits", [1, 2])
def test_a_plain_client_gets_in_between(place, held_up, commits):
    command = [HERE / "workers.py", "write_row", place.path]
    written, number = 0, 0

    def meanwhile():
        nonlocal written
        written += plain_write(place.path, "theirs", commits)

    for number in CLOSES:
        status = held_up(number, command, meanwhile)
        assert count(place.path, "ours") == number, f"relcli's own write is lost, held up at close {number}"
        assert count(place.path, "theirs") == written, f"theirs is lost, relcli held up at close {number}"
        if status is None:
            break
        assert status == 0
    assert written > 0 and number > 1, "the process was never held up"


def test_relcli_itself_waits(place, held_up, start):
    """The other one is relcli too: it gets in before or after, and both commits stay."""
    command = [HERE / "workers.py", "write_row", place.path]
    others, number = [], 0
    for number in CLOSES:
        status = held_up(number, command, lambda: others.append(start("write_row")))
        for other in others:
            assert other.wait(timeout=30) == 0
        if status is None:
            break
    with connect(place.path, read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM ours").fetchall() == [(2 * number - 1,)]


@pytest.mark.slow
def test_the_commands_wait_too(place, held_up, tmp_path):
    """`relcli generate` held up at each close, while another data set and a client's row come in."""
    written, number = 0, 0

    def generate(name, seed):
        return ["-m", "relcli", "generate", "--scenes", "1", "--seed", seed, "--out", tmp_path / name,
                "--db", place.path]  # fmt: skip

    for number in range(1, 40):
        others = []

        def meanwhile(others=others, number=number):
            nonlocal written
            command = [sys.executable, *map(str, generate(f"theirs-{number}", 1000 + number))]
            others.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
            written += plain_write(place.path, "theirs")

        status = held_up(number, generate(f"ours-{number}", number), meanwhile)
        for other in others:
            assert other.wait(timeout=60) == 0
        sets = {name for (name,) in query(place.path, "SELECT dataset FROM dataset").rows}
        assert sets >= {f"ours-{n}" for n in range(1, number + 1)} | {f"theirs-{n}" for n in range(1, number)}
        assert count(place.path, "theirs") == written
        if status is None:
            break
        assert status == 0
    assert written > 0 and number > 8


@pytest.mark.slow
def test_a_client_of_the_version_before(place, held_up, tmp_path):
    """DuckDB 1.5, which keeps what others commit, writes to the same file between look and lock."""
    target = tmp_path / "duckdb-1.5"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", target, "duckdb==1.5.*"]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("DuckDB 1.5 can't be had here")
    code = f"import duckdb\nwith duckdb.connect({str(place.path)!r}) as c: c.execute({WRITE.format('old')!r})"
    written, number = 0, 0

    def meanwhile():
        nonlocal written
        client = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(target)}, check=False)
        written += client.returncode == 0

    for number in CLOSES:
        status = held_up(number, [HERE / "workers.py", "write_row", place.path], meanwhile)
        assert (count(place.path, "ours"), count(place.path, "old")) == (number, written)
        if status is None:
            break
    assert written > 0 and number > 1


@pytest.mark.parametrize("task", ["compact", "snapshot"])
@pytest.mark.slow
def test_while_a_copy_is_made(place, held_up, tmp_path, task):
    """`compact` must not put an older state in the file's place; `snapshot` must not let go of its lock."""
    written, number = 0, 0

    def meanwhile():
        nonlocal written
        written += plain_write(place.path, "theirs")

    for number in CLOSES:
        target = tmp_path / f"copy-{number}.duckdb"
        command = [HERE / "workers.py", task, place.path, *([target] if task == "snapshot" else [])]
        status = held_up(number, command, meanwhile)
        assert count(place.path, "theirs") == written
        if status is None:
            break
    assert number > 1


def test_a_symbolic_link_is_followed(place, tmp_path):
    """By two names the file has one lock and one write-ahead log."""
    link = tmp_path / "link.duckdb"
    link.symlink_to(place.path)
    with connect(link, read_only=False) as connection:
        connection.execute(WRITE.format("ours"))
        assert not link.with_name("link.duckdb.wal").exists()
    compact(link)
    snapshot(link, tmp_path / "copy.duckdb")
    assert link.is_symlink() and not place.path.is_symlink()
    assert count(place.path, "ours") == count(tmp_path / "copy.duckdb", "ours") == 1
    assert not list(tmp_path.glob("link.duckdb.*"))
