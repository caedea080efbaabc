"""relcli's own lock: shared by readers, a writer's alone, and no one waits for ever."""

import logging
import shutil
import tempfile
import threading
import time
from pathlib import Path

import pytest

from relcli.errors import WarehouseError
from relcli.warehouse import filelock
from relcli.warehouse.filelock import file_lock, lock_files
from relcli.warehouse.opening import connect


def test_a_writer_gets_its_turn_among_busy_readers(place, start):
    """Readers that never stop let every writer in, and none waits for long."""
    readers = [start("read_on") for _ in range(4)]
    for reader in readers:
        assert reader.stdout.readline() == "reading\n"
    for _ in range(8):
        with connect(place.path, read_only=False, timeout_s=10) as connection:
            connection.execute("UPDATE run SET message = 'written'")
    for reader in readers:
        assert reader.poll() is None


def test_readers_share_it_and_a_writer_has_it_alone(tmp_path):
    path = tmp_path / "w.duckdb"
    outcome: list[str] = []

    def try_to(exclusive: bool) -> str:
        def work() -> None:
            try:
                with file_lock(path, exclusive=exclusive, timeout_s=0.05):
                    outcome.append("in")
            except WarehouseError as error:
                outcome.append(str(error))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return outcome.pop()

    with file_lock(path, exclusive=False, timeout_s=1):
        assert try_to(False) == "in"
        assert "held by this very process" in try_to(True)
    with file_lock(path, exclusive=True, timeout_s=1):
        assert "held by this very process" in try_to(False)
        assert "another thread" in try_to(True)
    assert try_to(True) == "in"


def test_a_thread_does_not_wait_for_itself(tmp_path):
    path = tmp_path / "w.duckdb"
    with file_lock(path, exclusive=False, timeout_s=60):
        with file_lock(path, exclusive=False, timeout_s=60):
            pass
        began = time.monotonic()
        with (
            pytest.raises(WarehouseError, match="in another mode"),
            file_lock(path, exclusive=True, timeout_s=60),
        ):
            pass
        assert time.monotonic() - began < 30


def test_readers_that_come_later_wait_behind_a_writer(place, start):
    holder = start("hold", "read")
    assert holder.stdout.readline() == "held\n"
    order: list[str] = []

    def take(name: str, read_only: bool) -> None:
        with connect(place.path, read_only=read_only, timeout_s=30):
            order.append(name)

    writer = threading.Thread(target=take, args=["writer", False])
    writer.start()
    time.sleep(0.3)
    reader = threading.Thread(target=take, args=["reader", True])
    reader.start()
    time.sleep(0.3)
    assert order == []
    holder.kill()
    writer.join()
    reader.join()
    assert order == ["writer", "reader"]


def test_the_lock_stands_beside_the_file_itself(place, tmp_path):
    link = tmp_path / "elsewhere" / "link.duckdb"
    link.parent.mkdir()
    link.symlink_to(place.path)
    with connect(link, read_only=True):
        pass
    assert all(file.exists() for file in lock_files(place.path))
    assert list(link.parent.iterdir()) == [link]


def test_a_file_system_whose_locks_are_unsure_is_told_of_once(place, monkeypatch, caplog):
    monkeypatch.setattr(filelock, "unsure_file_system", lambda _: "nfs4")
    monkeypatch.setattr(filelock, "_said", set())
    with caplog.at_level(logging.WARNING, "relcli.warehouse"):
        for _ in range(3):
            with connect(place.path, read_only=True):
                pass
    [record] = caplog.records
    assert "nfs4" in record.getMessage() and str(place.path) in record.getMessage()


def test_a_file_system_without_locks_is_told_of_once(place, monkeypatch, caplog):
    def missing(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(filelock.fcntl, "flock", missing)
    monkeypatch.setattr(filelock, "_said", set())
    with caplog.at_level(logging.WARNING, "relcli.warehouse"):
        for read_only in (True, False, True):
            with connect(place.path, read_only=read_only) as connection:
                assert connection.execute("SELECT count(*) FROM run").fetchall() == [(1,)]
    [record] = caplog.records
    assert "no locks (Function not implemented)" in record.getMessage()


def test_the_file_system_of_a_path(tmp_path):
    assert filelock.unsure_file_system(tmp_path) is None


def test_a_reader_in_a_folder_for_reading_only(start, template):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = Path(shutil.copy(template, folder))
        path.chmod(0o444)
        folder.chmod(0o555)
        out, _ = start("as_a_stranger", path).communicate(timeout=30)
        folder.chmod(0o755)
        if out.strip() != "skip":
            assert out.startswith("readable\n")
            assert [file.name for file in folder.iterdir()] == [path.name]
