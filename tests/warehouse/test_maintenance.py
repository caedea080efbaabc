"""Status, compact and snapshot on real files, with others at work."""

import os
import socket

import pytest

from relcli.errors import RelcliError, WarehouseError
from relcli.warehouse.ingest import ingest
from relcli.warehouse.maintenance import Backlog, compact, snapshot, status
from relcli.warehouse.names import make_name
from relcli.warehouse.opening import connect, latest_version
from relcli.warehouse.rows import query
from relcli.warehouse.spool import SpoolWriter
from tests.warehouse.batches import files_beside


def fill(place, batch, n=2000):
    with SpoolWriter(place.path, "r") as writer:
        writer.write(*batch(range(n)))
    ingest(place.path)


def test_status(place, batch):
    fill(place, batch, 5)
    with SpoolWriter(place.path, "r") as writer:
        part = writer.write(*batch([9]))
    with SpoolWriter(place.path, "unknown") as writer:
        writer.write(*batch([9], attention=False))
    (place.spool / "bad").mkdir()
    (place.spool / "bad" / "0000-x-1-01234567-000000-n.inference.parquet").write_bytes(b"")

    found = status(place.path)

    assert found.size == place.path.stat().st_size and found.wal_size == 0
    assert found.schema_version == found.latest_version == latest_version()
    assert found.storage_version == "v1.5.0+"
    assert (
        found.tables["answer"] == 5
        and found.tables["answer_attention"] == 15
        and found.tables["question_text"] == 0
    )
    assert "raw_vs_masked" in found.views
    assert part is not None
    size = sum(file.stat().st_size for file in part.files)
    assert found.backlog[0] == Backlog("r", parts=1, bytes=size, bad_parts=1, known=True)
    assert (found.backlog[1].run, found.backlog[1].parts, found.backlog[1].known) == ("unknown", 1, False)


def test_compact_gives_space_back_and_keeps_everything(place, batch):
    fill(place, batch, 6000)
    with connect(place.path, read_only=False) as connection:
        connection.execute("DELETE FROM answer_attention WHERE scene_id % 10 > 0")
        connection.execute("CREATE TABLE mine AS SELECT 42 AS x")
        connection.execute("CREATE VIEW my_view AS SELECT x + 1 AS y FROM mine")
    tables = status(place.path).tables
    comments = "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY 1"
    views = query(place.path, comments).rows

    before, after = compact(place.path)

    assert after < before and after == place.path.stat().st_size
    assert status(place.path).tables == tables
    assert status(place.path).storage_version == "v1.5.0+"
    assert query(place.path, comments).rows == views
    assert query(place.path, "FROM my_view").rows == [(43,)]
    assert files_beside(place.path) == []
    with pytest.raises(RelcliError, match="Duplicate key"):
        query(place.path, "INSERT INTO run SELECT * FROM run", read_only=False)


@pytest.mark.parametrize("mode", ["read", "write"])
def test_compact_refuses_while_somebody_holds_the_file(place, start, mode):
    holder = start("hold", mode)
    holder.stdout.readline()
    content = place.path.read_bytes()
    with pytest.raises(WarehouseError, match=f"held by process {holder.pid}"):
        compact(place.path, timeout_s=0.3)
    assert place.path.read_bytes() == content


@pytest.mark.parametrize("task", ["compact", "snapshot"])
def test_full_disk_leaves_the_file_as_it_was(place, batch, start, task):
    fill(place, batch)
    content = place.path.read_bytes()
    out, errors = start("full_disk", task, 400_000).communicate(timeout=30)
    assert out.startswith("WarehouseError 3: The disk of "), errors
    assert place.path.read_bytes() == content
    assert files_beside(place.path) == []


@pytest.mark.parametrize("purpose", ["compact", "fill", "import", "snapshot"])
def test_what_killed_processes_left_is_cleared_by_the_next_writer(place, start, purpose):
    gone = start("make")
    gone.wait(timeout=30)
    host = make_name(socket.gethostname())
    left, alive, elsewhere, stale = (
        place.path.with_name(f".{place.path.name}.{purpose}-{process}-0123abcd")
        for process in (f"{host}-{gone.pid}", f"{host}-{os.getpid()}", f"other-{gone.pid}", f"old-{gone.pid}")
    )
    for folder in (left, alive, elsewhere, stale):
        folder.mkdir()
        (folder / "some.parquet").write_bytes(b"")
    os.utime(stale, (0, 0))

    with connect(place.path, read_only=False):
        pass

    assert not left.exists() and not stale.exists()
    assert alive.exists() and elsewhere.exists()


def test_snapshot_beside_a_reader(place, batch, start, tmp_path):
    fill(place, batch, 50)
    assert start("hold", "read").stdout.readline()
    target = tmp_path / "copies" / "monday.duckdb"

    size = snapshot(place.path, target)

    assert size == target.stat().st_size
    assert status(target).tables == status(place.path).tables
    assert files_beside(target) == []
    with pytest.raises(RelcliError, match="exists already"):
        snapshot(place.path, target)


def test_snapshot_has_what_is_only_in_the_wal(place, start, tmp_path):
    """A writer killed before its checkpoint leaves its commits in the .wal; the copy has them too."""
    assert start("die_after", "UPDATE run SET message = 'in the wal'").wait(timeout=30) == 9
    wal = place.path.with_name(place.path.name + ".wal")
    assert wal.exists()

    snapshot(place.path, tmp_path / "copy.duckdb")

    assert not (tmp_path / "copy.duckdb.wal").exists()
    assert query(tmp_path / "copy.duckdb", "SELECT message FROM run").rows == [("in the wal",)]
    assert wal.exists()
    compact(place.path)
    assert query(place.path, "SELECT message FROM run").rows == [("in the wal",)]
    assert not wal.exists()
