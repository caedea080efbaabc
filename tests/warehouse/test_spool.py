"""Parts on disk: whole or not there, exact to six decimals, cleaned up after killed writers."""

import os
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from relcli.captures import OF_EVERY_ANSWER as VECTORS
from relcli.errors import UsageError, WarehouseError
from relcli.warehouse.attention_columns import rounded_to_six
from relcli.warehouse.batch import AttentionBatch, Key
from relcli.warehouse.ingest import ingest
from relcli.warehouse.migrations import ensure
from relcli.warehouse.parts import finished_parts, leftovers, run_folder, spooled_keys
from relcli.warehouse.rows import query
from relcli.warehouse.runs import RunRecord, create_run, done_keys
from relcli.warehouse.spool import SpoolWriter
from tests.examples import examples


def write(place, rows, attention=None):
    with SpoolWriter(place.path, place.run) as writer:
        part = writer.write(rows, attention)
    assert part is not None
    return part


def test_a_batch_comes_back_as_it_was(place, batch, summary):
    rows, _ = batch([3, 4])
    rows[1] |= {
        "answer": "don't \u201cknow\u201d\n",
        "choice": None,
        "correct": None,
        "option_logprobs": None,
    }
    looked = {
        3: summary(3),
        4: summary(4, grid=(1, 3), n_layers=2, n_steps=5),
    }  # another grid in the same batch
    keys = [Key(scene_id, 0, "raw") for scene_id in looked]
    write(place, rows, AttentionBatch(keys, list(looked.values())))
    ingest(place.path)

    answers = query(place.path, "FROM inference ORDER BY scene_id").as_dicts()
    for row, answer in zip(rows, answers, strict=True):
        assert answer.items() >= (row | {"run": "r", "full_attention_path": None}).items()
        assert answer["created_at"] is not None
    for scene_id, expected in looked.items():
        found = query(
            place.path, "FROM attention WHERE scene_id = $s ORDER BY layer", {"s": scene_id}
        ).as_dicts()
        assert [row["layer"] for row in found] == list(range(len(expected.image_mass)))
        for row in found:
            assert (row["grid_height"], row["grid_width"]) == expected.grid
            assert (row["run"], row["variant"], row["question_index"]) == ("r", "raw", 0)
            assert row["n_steps"] == expected.step_entropy.shape[1]
            names = [*VECTORS, *(f"{name}_entropy" for name in VECTORS), "step_entropy", "image_mass"]
            for name in names:
                np.testing.assert_allclose(row[name], getattr(expected, name)[row["layer"]], atol=5.1e-7)


@settings(max_examples=examples(25), deadline=None)
@given(arrays.arrays(np.float32, (2, 6), elements=st.floats(0, 1, width=32)))
def test_vectors_are_rounded_to_six_decimals(values):
    rounded = rounded_to_six(values)
    assert rounded.dtype == np.float32
    expected = [[round(float(x), 6) for x in row] for row in values]
    np.testing.assert_array_equal(rounded, np.array(expected, np.float32))


def test_without_attention_there_is_one_file(place, batch):
    part = write(place, batch([1])[0])
    assert part.attention is None
    assert [file.name for file in place.spool.iterdir()] == [part.inference.name]


def test_an_empty_batch_writes_nothing(place):
    with SpoolWriter(place.path, "r") as writer:
        assert writer.write([]) is None
    assert list(place.spool.iterdir()) == []


def test_attention_must_belong_to_the_batch(place, batch):
    rows, attention = batch([1, 2])
    with pytest.raises(ValueError, match="must belong"):
        write(place, rows[:1], attention)
    with pytest.raises(ValueError, match="twice"):
        write(place, rows + rows, attention)
    with pytest.raises(KeyError, match="colour"):
        write(place, [rows[0] | {"colour": "red"}])
    assert finished_parts(place.path, "r") == [] and list(place.spool.iterdir()) == []


def test_run_names_cannot_leave_the_spool(place):
    for name in ("../x", "a/b", "", ".hidden", "x" * 121):
        with pytest.raises(UsageError, match="can't name a run"):
            SpoolWriter(place.path, name)


def test_writing_for_a_removed_run_is_refused(place, batch):
    with SpoolWriter(place.path, "r") as writer:
        place.spool.rmdir()
        with pytest.raises(WarehouseError, match="was removed while it was being answered"):
            writer.write(*batch([1]))
    assert not place.spool.exists()


def test_full_disk_leaves_nothing_of_the_batch(place, start):
    process = start("full_disk", "write", 20_000)
    out, errors = process.communicate(timeout=30)
    assert out.startswith(f"WarehouseError 3: The disk of {place.spool} is full"), errors
    assert list(place.spool.iterdir()) == []


def test_odd_folder_names(tmp_path, batch):
    path = tmp_path / "it's [new] * 100%" / "lr=0.1 [a].duckdb"
    ensure(path)
    create_run(path, RunRecord(run="r", dataset="d"))
    with SpoolWriter(path, "r") as writer:
        writer.write(*batch([1, 2]))
    assert len(spooled_keys(path, "r")) == 2
    assert ingest(path) == 2


def test_killed_writers_lose_at_most_the_batch_in_flight(place, start):
    """kill -9 at any instant: what was reported as written is there and whole; the rest is cleaned up."""
    first, reported = 0, 0
    for delay in (0.0, 0.03, 0.06, 0.1):
        writer = start("write", first, 10_000)
        assert writer.stdout.readline()
        time.sleep(delay)
        writer.kill()
        writer.wait()
        reported += 1 + len(writer.stdout.read().split())
        first += 1_000_000

    keys = done_keys(place.path, "r")
    assert reported * 8 <= len(keys) <= (reported + 4) * 8
    assert ingest(place.path) == len(keys)
    n, with_attention = query(
        place.path,
        "SELECT count(*), count(n_layers) FROM inference LEFT JOIN "
        "(SELECT scene_id, count(*) AS n_layers FROM attention GROUP BY ALL HAVING n_layers = 3) "
        "USING (scene_id)",
    ).rows[0]
    assert n == with_attention == len(keys)
    assert list(place.spool.iterdir()) == []


def test_half_parts_and_temporary_files_of_dead_writers_go(place, start, batch):
    writer = start("write", 0, 1)
    writer.wait(timeout=30)
    [part] = finished_parts(place.path, "r")
    part.inference.rename(part.inference.with_name(f".{part.inference.name}.tmp"))
    living = write(place, *batch([9]))
    assert part.attention and living.attention
    half_of_the_living = living.attention.with_name(living.attention.name.replace("000000", "000001"))
    half_of_the_living.write_bytes(b"")
    elsewhere = [
        run_folder(place.path, "r") / f".0001-otherhost-17-0123abcd-00000{i}-a.inference.parquet.tmp"
        for i in (0, 1)
    ]
    for file in elsewhere:
        file.write_bytes(b"PAR1")
    os.utime(elsewhere[0], (0, 0))

    gone = {file.name for file in leftovers(place.path, "r")}
    assert gone == {f".{part.inference.name}.tmp", part.attention.name, elsewhere[0].name}

    assert ingest(place.path) == 1
    assert {file.name for file in place.spool.iterdir()} == {half_of_the_living.name, elsewhere[1].name}
