"""A run's life: created once, kept alive, found again, finished, removed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from relcli.errors import RelcliError, UsageError
from relcli.warehouse.array_store import array_folder
from relcli.warehouse.batch import Key
from relcli.warehouse.ingest import ingest
from relcli.warehouse.opening import connect
from relcli.warehouse.parts import run_folder
from relcli.warehouse.renaming import rename_run
from relcli.warehouse.rows import query
from relcli.warehouse.run_lock import run_lock
from relcli.warehouse.runs import (
    OF_A_RUN,
    RunRecord,
    create_run,
    done_keys,
    finish,
    get_run,
    heartbeat,
    remove_run,
    resume_run,
    update_run,
    utc_now,
)
from relcli.warehouse.spool import SpoolWriter

FULL = RunRecord(
    run="Qwen3-VL+4B@seed=1",
    dataset="d",
    question_set="seed",
    model="m",
    variants=["raw", "masked"],
    scene_ids=[4, 2],
    batch_size=7,
    decoding={"do_sample": False, "eos": [1, 2]},
    versions={"torch": "2"},
    n_planned=14,
)


def row(place, run="r") -> RunRecord:
    found = get_run(place.path, run)
    assert found is not None
    return found


def test_a_run_reads_back_as_it_was_written(place):
    now = utc_now()
    create_run(place.path, replace(FULL, started_at=now))
    assert get_run(place.path, FULL.run) == replace(FULL, started_at=now, heartbeat_at=now)
    assert get_run(place.path, "none") is None


def test_a_name_is_given_once(place):
    with pytest.raises(RelcliError, match=r"There is a run r .* --resume"):
        create_run(place.path, RunRecord(run="r", dataset="other"))
    assert row(place).dataset == "d"
    with pytest.raises(UsageError):
        create_run(place.path, RunRecord(run="a/b", dataset="d"))


def test_life(place):
    long_ago = utc_now() - timedelta(seconds=40)
    update_run(place.path, "r", heartbeat_at=long_ago, device="cpu", decoding={"max": 1})
    assert row(place).state == "stopped"
    assert heartbeat(place.path, "r")
    assert row(place).state == "running"
    finish(place.path, "r", "failed", "It failed.")
    failed = row(place)
    assert (failed.state, failed.message) == ("failed", "It failed.")
    assert (failed.device, failed.decoding) == ("cpu", {"max": 1})
    assert failed.finished_at is not None
    resume_run(place.path, "r", command="relcli run --resume")
    resumed = row(place)
    assert (resumed.state, resumed.message, resumed.finished_at) == ("running", None, None)
    assert resumed.started_at == failed.started_at


def test_only_known_columns_and_states(place):
    with pytest.raises(KeyError, match="colour"):
        update_run(place.path, "r", colour="red")
    with pytest.raises(ValueError, match="state must be one of"):
        finish(place.path, "r", "asleep")


def test_heartbeat_does_not_wait_for_a_locked_file(place, start):
    assert start("hold", "read").stdout.readline()
    assert heartbeat(place.path, "r", timeout_s=0.1) is False


def test_done_keys_are_those_of_the_spool_and_of_the_warehouse(place, batch):
    with SpoolWriter(place.path, "r") as writer:
        writer.write(*batch([1, 2]))
        assert ingest(place.path) == 2
        writer.write(*batch([2, 3]))
    assert done_keys(place.path, "r") == {Key(1, 0, "raw"), Key(2, 0, "raw"), Key(3, 0, "raw")}
    assert done_keys(place.path, "other") == set()


def test_remove_takes_everything_of_the_run_and_nothing_else(place, batch):
    create_run(place.path, FULL)
    for run in ("r", FULL.run):
        with SpoolWriter(place.path, run) as writer:
            writer.write(*batch([1, 2]))
            ingest(place.path, run)
            writer.write(*batch([3]))
        array_folder(place.path, run, "full").mkdir()
    finish(place.path, "r")

    assert remove_run(place.path, "r") == 2

    assert not place.spool.exists()
    for table in ("run", "inference", "attention", "spool_part"):
        assert query(place.path, f"SELECT DISTINCT run FROM {table}").rows == [(FULL.run,)]
    assert len(done_keys(place.path, FULL.run)) == 3
    create_run(place.path, RunRecord(run="r", dataset="d"))  # the name is free again


def test_remove_refuses_what_is_running_or_not_there(place):
    assert heartbeat(place.path, "r")
    with pytest.raises(RelcliError, match="is running: stop it first"):
        remove_run(place.path, "r")
    with pytest.raises(RelcliError, match="There is no run none"):
        remove_run(place.path, "none")


def test_every_table_with_a_run_in_it_goes_and_is_renamed_with_it(place):
    sql = """FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        SELECT table_name WHERE column_name = 'run' AND table_type = 'BASE TABLE'"""
    assert {name for (name,) in query(place.path, sql).rows} == set(OF_A_RUN)


def test_rename_takes_everything_of_the_run_along(place, batch):
    create_run(place.path, FULL)
    with SpoolWriter(place.path, "r") as writer:
        writer.write(*batch([1, 2]))
        ingest(place.path, "r")
        writer.write(*batch([3]))  # still in the spool
    maps = array_folder(place.path, "r", "full")
    maps.mkdir()
    (maps / "0000-a.npy").write_bytes(b"maps")
    finish(place.path, "r")
    with connect(place.path, read_only=False) as connection:
        connection.execute("UPDATE answer SET full_attention_path = ?", [f"{place.path.name}.spool/r/full/x"])

    rename_run(place.path, "r", "colours.2")

    assert query(place.path, "SELECT run, count(*) FROM answer GROUP BY run").rows == [("colours.2", 3)]
    for table in OF_A_RUN:
        assert not query(place.path, f"FROM {table} WHERE run = 'r'").rows
    paths = query(place.path, "SELECT DISTINCT full_attention_path FROM answer").rows
    assert (f"{place.path.name}.spool/colours.2/full/x",) in paths
    assert (array_folder(place.path, "colours.2", "full") / "0000-a.npy").read_bytes() == b"maps"
    assert not place.spool.exists() and len(done_keys(place.path, "colours.2")) == 3
    create_run(place.path, RunRecord(run="r", dataset="d"))  # the name is free again


def test_rename_refuses_names_that_are_taken_or_none_and_runs_that_run(place):
    create_run(place.path, FULL)
    finish(place.path, "r")
    with pytest.raises(RelcliError, match=r"There is a run .* already"):
        rename_run(place.path, "r", FULL.run)
    with pytest.raises(UsageError, match="can't name a run"):
        rename_run(place.path, "r", "../r")
    with pytest.raises(RelcliError, match="There is no run none"):
        rename_run(place.path, "none", "x")
    assert heartbeat(place.path, FULL.run)
    with pytest.raises(RelcliError, match="is running"):
        rename_run(place.path, FULL.run, "x")
    with run_lock(run_folder(place.path, "r"), "r"), pytest.raises(RelcliError, match="answered by process"):
        rename_run(place.path, "r", "x")
    rename_run(place.path, "r", "r")
    assert get_run(place.path, "r") is not None
