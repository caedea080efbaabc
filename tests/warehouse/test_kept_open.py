"""A file that is kept open between reads is let go of for whoever wants to write: nothing written is lost."""

import threading
import time

import pytest

from relcli.errors import WarehouseError
from relcli.warehouse.filelock import file_lock, is_waited_for
from relcli.warehouse.kept_open import KeptOpen
from relcli.warehouse.opening import connect, scalar


@pytest.fixture
def kept(place):
    made = KeptOpen(place.path, rest_s=30)
    yield made
    made.close()


def until(true, seconds=5.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def parts_in(path):
    with connect(path, read_only=True) as connection:
        return scalar(connection, "SELECT count(*) FROM answer")


def locked(path):
    """Somebody reads: a writer does not get in."""
    try:
        with file_lock(path, exclusive=True, timeout_s=0.0):
            return False
    except WarehouseError:
        return True


def test_it_is_open_while_it_is_used_and_closed_afterwards(place):
    kept = KeptOpen(place.path, rest_s=0.3)
    assert not locked(place.path)
    kept.touch()
    until(lambda: not kept.is_open)
    assert not locked(place.path)


def test_a_writer_of_this_process_need_not_wait_for_it(place, kept):
    kept.touch()
    time.sleep(0.2)
    assert kept.is_open
    began = time.monotonic()
    with connect(place.path, read_only=False) as connection:
        connection.execute("UPDATE run SET message = 'written'")
    assert time.monotonic() - began < 5 and not kept.is_open
    with connect(place.path, read_only=True) as connection:
        assert scalar(connection, "SELECT message FROM run") == "written"


def test_what_others_commit_meanwhile_is_all_there(place, kept, start):
    writer = start("write_and_ingest", 0, 6)
    stop, seen = threading.Event(), []

    def read_on():
        while not stop.is_set():
            kept.touch()
            seen.append(parts_in(place.path))

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        assert writer.wait(60) == 0, writer.stderr.read()
    finally:
        stop.set()
        reader.join()
    assert parts_in(place.path) == 6 * 8
    assert seen == sorted(seen) and len({*seen}) > 1


def test_a_file_that_is_not_there_is_no_trouble(tmp_path):
    kept = KeptOpen(tmp_path / "none.duckdb")
    kept.touch()
    until(lambda: not kept.is_open)


def test_a_waiting_writer_is_noticed(tmp_path):
    path = tmp_path / "w.duckdb"
    let_in = threading.Event()

    def write():
        with file_lock(path, exclusive=True, timeout_s=20):
            let_in.set()

    with file_lock(path, exclusive=False, timeout_s=1):
        assert not is_waited_for(path)
        writer = threading.Thread(target=write)
        writer.start()
        until(lambda: is_waited_for(path))
    assert let_in.wait(5)
    writer.join()
    assert not is_waited_for(path)
