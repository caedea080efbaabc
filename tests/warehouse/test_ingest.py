"""Parts into the warehouse: once each, whatever is killed, corrupt or in the way."""

import os
import random
import time

import duckdb
import pytest

from relcli.errors import WarehouseError
from relcli.warehouse import ingest as ingesting
from relcli.warehouse import part_reading
from relcli.warehouse.batch import Key
from relcli.warehouse.ingest import ingest
from relcli.warehouse.insert import insert_rows
from relcli.warehouse.opening import connect
from relcli.warehouse.parts import finished_parts
from relcli.warehouse.rows import query
from relcli.warehouse.runs import RunRecord, create_run, done_keys
from relcli.warehouse.spool import SpoolWriter


def write(place, *batches, run="r"):
    with SpoolWriter(place.path, run) as writer:
        parts = [writer.write(*each) for each in batches]
    return [part for part in parts if part]


def counts(place):
    return query(
        place.path,
        "SELECT (SELECT count(*) FROM inference), (SELECT count(*) FROM attention), count(*) FROM spool_part",
    ).rows[0]


def test_ingest_is_idempotent(place, batch):
    parts = write(place, batch(range(8)), batch(range(8, 10), attention=False))
    copies = {file: file.read_bytes() for part in parts for file in part.files}

    assert ingest(place.path, "r") == 10
    assert list(place.spool.iterdir()) == []
    assert counts(place) == (10, 24, 2)

    # as if the process had been killed between the commit and the deletion
    for file, content in copies.items():
        file.write_bytes(content)
    assert ingest(place.path) == 0
    assert list(place.spool.iterdir()) == []
    assert counts(place) == (10, 24, 2)


def test_answers_given_twice_count_once(place, batch):
    write(place, batch(range(6)))
    write(place, batch(range(4, 8)))
    assert ingest(place.path) == 8
    assert counts(place) == (8, 24, 2)


def test_only_the_run_asked_for(place, batch):
    create_run(place.path, RunRecord(run="other", dataset="d"))
    write(place, batch([1]))
    write(place, batch([1, 2]), run="other")
    assert ingest(place.path, "other") == 2
    assert ingest(place.path) == 1


def test_parts_of_unknown_runs_wait(place, batch):
    write(place, batch([1]), run="unknown")
    assert ingest(place.path) == 0
    assert len(finished_parts(place.path, "unknown")) == 1


# Of the answers or of the attention of a part: what to read instead of it.
POISON = [
    ("answers", "rows of another run", "SELECT * REPLACE ('other' AS run)"),
    ("attention", "rows of another run", "SELECT * REPLACE ('other' AS run)"),
    ("answers", "another data set", "SELECT * REPLACE ('elsewhere' AS dataset)"),
    ("answers", "questions the data set does not have", "SELECT * REPLACE (scene_id + 1000 AS scene_id)"),
    ("answers", "questions the data set does not have", "SELECT * REPLACE (7 AS question_index)"),
    ("answers", "a variant the run does not ask about", "SELECT * REPLACE ('torn' AS variant)"),
    ("answers", "an answer has no", "SELECT * REPLACE (NULL AS scene_id)"),
    ("answers", "Could not convert", "SELECT * REPLACE ('x' AS scene_id)"),
    ("answers", "out of range", "SELECT * REPLACE (5_000_000_000 AS scene_id)"),
    ("answers", "two answers to one question", "FROM part UNION ALL FROM part --"),
    ("answers", "answer", "SELECT * EXCLUDE answer"),
    ("answers", "a column 'more'", "SELECT *, 1 AS more"),
    ("answers", "it claims", "SELECT part.* FROM range(2_000), part --"),
    ("attention", "it has no answer to", "SELECT * REPLACE (scene_id + 1000 AS scene_id)"),
    ("attention", "one layer twice", "SELECT * REPLACE (0 AS layer)"),
    ("attention", "not of every layer", "FROM part WHERE layer <> 1 --"),
    ("attention", "does not fill its layout", "SELECT * REPLACE (mean_heads[2:] AS mean_heads)"),
    ("attention", "does not fill its layout", "SELECT * REPLACE (NULL AS last_step)"),
    ("attention", "does not fill its layout", "SELECT * REPLACE (grid_width + 1 AS grid_width)"),
    ("attention", "does not fill its layout", "SELECT * REPLACE (0 AS grid_width, [] AS mean_heads)"),
    ("attention", "not finite", "SELECT * REPLACE (list_append(max_heads[2:], NULL) AS max_heads)"),
    ("attention", "not finite", "SELECT * REPLACE (list_append(last_step[2:], 'nan'::FLOAT) AS last_step)"),
    ("attention", "not finite", "SELECT * REPLACE ('inf'::FLOAT AS image_mass)"),
    ("attention", "a number of steps", "SELECT * REPLACE (n_steps + 1 AS n_steps)"),
]


def test_parts_that_do_not_fit_their_run_are_moved_aside(place, batch, monkeypatch):
    """Readable, and yet not to be taken in; the other parts and runs are."""
    monkeypatch.setattr(part_reading, "_MOST_ROWS", 1000)
    asked = {"dataset": "d", "question_index": 0, "question_set": "seed", "category": "c", "text": "?"}
    with connect(place.path, read_only=False) as connection:
        insert_rows(connection, "question_text", ({**asked, "scene_id": i} for i in range(1000)))
        connection.execute("UPDATE run SET variants = ['raw', 'masked', 'blank']")
    create_run(place.path, RunRecord(run="other", dataset="d"))
    batches = [
        batch(range(4 * i, 4 * i + 4), attention=table == "attention")
        for i, (table, _, _) in enumerate(POISON)
    ]
    bad = write(place, *batches)
    write(place, batch([900, 901]))
    write(place, batch(range(3)), run="other")
    for part, (table, _, select) in zip(bad, POISON, strict=True):
        file = part.files[table == "attention"]
        with duckdb.connect() as memory:
            memory.execute(f"CREATE VIEW part AS FROM read_parquet('{file}')")
            memory.execute(f"COPY ({select} FROM part\n) TO '{file}.new' (FORMAT parquet)")
        os.replace(f"{file}.new", file)
    said: list[str] = []

    assert ingest(place.path, note=said.append) == 5

    of_part = {part.name: next(text for text in said if part.name in text) for part in bad}
    assert len(said) == len(POISON) and not any("\n" in text for text in said)
    for part, (_, reason, _) in zip(bad, POISON, strict=True):
        assert reason in of_part[part.name]
    assert finished_parts(place.path, "r") == finished_parts(place.path, "other") == []
    assert done_keys(place.path, "r") == {Key(900, 0, "raw"), Key(901, 0, "raw")}
    assert counts(place) == (5, 15, 2)
    assert ingest(place.path, note=said.append) == 0 and len(said) == len(POISON)


def test_a_fifo_or_a_link_in_the_spool_is_no_part(place, batch, tmp_path):
    [part] = write(place, batch([1]))
    fifo = part.inference.with_name(part.inference.name.replace("000000", "000001"))
    link = part.inference.with_name(part.inference.name.replace("000000", "000002"))
    os.mkfifo(fifo)
    link.symlink_to(tmp_path / "elsewhere")
    assert ingest(place.path) == 1
    assert fifo.exists() and link.is_symlink()


def test_a_commit_that_is_thrown_away_is_made_again(place, batch, monkeypatch):
    """As a DuckDB 2.0.0 of somebody else does that was held up: the file is as before, and the parts are
    still there."""
    write(place, batch(range(8)), batch(range(8, 10)))
    before = place.path.read_bytes()
    confirm, n_lost = ingesting._delete_confirmed, 0

    def lose_the_first(*arguments):
        nonlocal n_lost
        if n_lost < 2:
            n_lost += 1
            place.path.write_bytes(before)
        return confirm(*arguments)

    monkeypatch.setattr(ingesting, "_delete_confirmed", lose_the_first)
    assert ingest(place.path) == 10
    assert counts(place) == (10, 30, 2) and n_lost == 2
    assert finished_parts(place.path, "r") == []


def test_a_file_that_keeps_losing_commits_is_told_of(place, batch, monkeypatch):
    write(place, batch(range(8)))
    before = place.path.read_bytes()
    confirm = ingesting._delete_confirmed

    def lose(*arguments):
        place.path.write_bytes(before)
        return confirm(*arguments)

    monkeypatch.setattr(ingesting, "_delete_confirmed", lose)
    with pytest.raises(WarehouseError, match="keeps losing what is written to it"):
        ingest(place.path)
    assert len(finished_parts(place.path, "r")) == 1


@pytest.mark.parametrize("damage", ["truncated", "garbage", "no attention", "bad attention", "wrong columns"])
def test_a_part_that_cannot_be_read_is_moved_aside(place, batch, damage):
    [bad, good] = write(place, batch(range(4)), batch(range(4, 6)))
    assert bad.attention and good.attention
    if damage == "truncated":
        os.truncate(bad.inference, bad.inference.stat().st_size // 2)
    elif damage == "garbage":
        bad.inference.write_bytes(b"nonsense")
    elif damage == "no attention":
        bad.attention.unlink()
    elif damage == "bad attention":
        content = bytearray(bad.attention.read_bytes())
        content[100:160] = bytes(60)
        bad.attention.write_bytes(content)
    else:
        bad.inference.write_bytes(good.attention.read_bytes())
    said: list[str] = []

    assert ingest(place.path, note=said.append) == 2

    [sentence] = said
    assert bad.inference.name in sentence and f"{place.spool / 'bad'};" in sentence
    assert "`relcli run --name r --resume` asks its questions again" in sentence
    assert counts(place) == (2, 6, 1)
    assert done_keys(place.path, "r") == {Key(4, 0, "raw"), Key(5, 0, "raw")}
    assert bad.name in {file.name.split(".")[0] for file in (place.spool / "bad").iterdir()}
    assert ingest(place.path, note=said.append) == 0
    assert len(said) == 1


def test_full_disk_keeps_the_part(place, batch, start):
    write(place, batch(range(4000)))
    out, errors = start("full_disk", "ingest", 1_500_000).communicate(timeout=30)
    assert out.startswith(f"WarehouseError 3: The disk of {place.path} is full"), errors
    assert counts(place) == (0, 0, 0)
    assert len(done_keys(place.path, "r")) == 4000
    assert ingest(place.path) == 4000
    assert counts(place) == (4000, 12000, 1)


def test_a_locked_warehouse_leaves_the_part(place, batch, start):
    assert start("hold", "read").stdout.readline()
    write(place, batch([1]))
    with pytest.raises(WarehouseError, match="held by process"):
        ingest(place.path, timeout_s=0.3)
    assert len(finished_parts(place.path, "r")) == 1


def test_two_processes_ingest_at_once(place, batch, start):
    for first in range(0, 120, 8):
        write(place, batch(range(first, first + 8)))
    workers = [start("take_in") for _ in range(2)]
    taken = []
    for worker in workers:
        out, errors = worker.communicate(timeout=60)
        assert worker.returncode == 0, errors
        taken.append(int(out))
    assert sum(taken) == 120
    assert counts(place) == (120, 360, 15)
    assert list(place.spool.iterdir()) == []


def test_kill_9_in_the_middle_of_writing_and_ingesting(place, start):
    """Killed at random instants, again and again: no answer is lost, doubled or without its attention."""
    rng = random.Random(17)
    least = 0
    for first in range(0, 5_000_000, 1_000_000):
        worker = start("write_and_ingest", first, 10_000)
        assert worker.stdout.readline()
        time.sleep(rng.uniform(0, 0.25))
        worker.kill()
        worker.wait()
        least += 8 * (1 + len(worker.stdout.read().split()))

    in_sight = done_keys(place.path, "r")
    ingest(place.path)

    n, attention, parts = counts(place)
    assert len(in_sight) == n >= least
    assert attention == 3 * n and parts == n / 8
    assert query(place.path, "SELECT count(DISTINCT (scene_id, layer)) FROM attention").rows == [(attention,)]
    assert list(place.spool.iterdir()) == []


def test_a_reader_goes_on_while_a_run_writes(place, start):
    """Every query of this process is answered while another writes, and ingests far more often than a run."""
    worker = start("write_and_ingest", 0, 8, 0.2)
    worker.stdout.readline()
    seen, slowest = [], 0.0
    while worker.poll() is None:
        began = time.monotonic()
        seen.append(query(place.path, "SELECT count(*) FROM inference").rows[0][0])
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.02)
    assert worker.returncode == 0
    assert len(seen) > 5 and seen == sorted(seen) and len(set(seen)) > 2
    assert counts(place) == (64, 192, 8)
    assert slowest < 8


def test_ingest_renews_the_heartbeat(place):
    with connect(place.path, read_only=False) as connection:
        connection.execute("UPDATE run SET heartbeat_at = TIMESTAMP '2020-01-01'")
    ingest(place.path, "r")
    assert query(place.path, "SELECT state FROM run_state").rows == [("stopped",)]
    ingest(place.path, "r", beat=True)
    assert query(place.path, "SELECT state FROM run_state").rows == [("running",)]
