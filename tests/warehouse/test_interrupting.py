"""A read that nobody waits for is stopped within moments, alone; reads beside it and writers go on."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from relcli.errors import RelcliError
from relcli.results.scene_reading import both
from relcli.warehouse.interrupting import ReadGivenUp, Reading
from relcli.warehouse.opening import connect, scalar
from relcli.warehouse.question_copy import copy_questions
from relcli.warehouse.rows import query

FOR_HOURS = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE (a.range + b.range) % 7 = 3"
SOON_S = 2.0  # a second, on a machine with other work
A_SECOND = "SELECT count(*) FROM range(12000) AS a, range(12000) AS b WHERE (a.range * b.range) % 7 = 3"


def within(reading, function, *args):
    with reading.begin():
        return function(*args)


def given_up(reading, ends, seconds=5.0):
    """Give it up as the application does; returns how long it went on, in seconds."""
    began = time.monotonic()
    while not ends() and time.monotonic() - began < seconds:
        reading.give_up()
        time.sleep(0.02)
    return time.monotonic() - began


def test_it_ends_within_a_second_and_the_one_beside_it_goes_on(place):
    mine, other = Reading(), Reading()
    with ThreadPoolExecutor(2) as pool, connect(place.path, read_only=True):  # one open file for both
        slow = pool.submit(within, mine, query, place.path, FOR_HOURS)
        beside = pool.submit(within, other, query, place.path, A_SECOND)
        time.sleep(0.3)
        assert not slow.done()
        assert given_up(mine, slow.done) < SOON_S
        assert isinstance(slow.exception(), ReadGivenUp) and not isinstance(slow.exception(), RelcliError)
        assert beside.result().rows[0][0] > 0 and mine.ended and other.ended


def test_nothing_is_begun_for_nobody_and_the_next_read_of_the_thread_is_untouched(place):
    gone = Reading()
    gone.give_up()
    with pytest.raises(ReadGivenUp), gone.begin():
        raise AssertionError("it began")
    reading = Reading()
    with reading.begin():
        assert query(place.path, "SELECT 1").rows == [(1,)]
        reading.give_up()
        with pytest.raises(ReadGivenUp):
            query(place.path, "SELECT 1")
    reading.give_up()
    assert query(place.path, "SELECT 2").rows == [(2,)]
    assert within(Reading(), query, place.path, "SELECT 3").rows == [(3,)]


def test_an_interrupt_between_two_statements_is_not_forgotten(place):
    reading, between = Reading(), threading.Event()

    def statements():
        with reading.begin(), connect(place.path, read_only=True) as connection:
            connection.execute("SELECT 1").fetchall()
            between.set()
            time.sleep(0.1)
            connection.execute(FOR_HOURS).fetchall()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(statements)
        between.wait()
        assert given_up(reading, done.done) < SOON_S
        with pytest.raises(ReadGivenUp):
            done.result()


def test_errors_of_a_read_that_is_waited_for_are_said(place):
    with pytest.raises(RelcliError, match="nothing_there"), Reading().begin():
        query(place.path, "FROM nothing_there")


def test_a_thread_that_reads_beside_belongs_to_the_same_read(place):
    reading = Reading()

    def read():
        with reading.begin():
            both(lambda: query(place.path, "SELECT 1"), lambda: query(place.path, FOR_HOURS))

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(read)
        time.sleep(0.2)
        assert given_up(reading, done.done) < SOON_S
        with pytest.raises(ReadGivenUp):
            done.result()


def test_what_is_written_is_not_interrupted(place):
    reading = Reading()

    def write():
        with reading.begin(), connect(place.path, read_only=False) as connection:
            connection.execute(f"UPDATE run SET message = ({A_SECOND})::VARCHAR")

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(write)
        time.sleep(0.2)
        given_up(reading, done.done, seconds=30)
        done.result()
    with connect(place.path, read_only=True) as connection:
        assert int(scalar(connection, "SELECT message FROM run")) > 0


def test_half_a_copy_of_the_questions_is_no_copy(place):
    reading = Reading()
    with connect(place.path, read_only=False) as connection:
        columns = "'d' AS dataset, 0 AS scene_id, 'red' AS color, 'circle' AS shape"
        connection.execute(f"CREATE OR REPLACE VIEW entity AS SELECT {columns} WHERE ({FOR_HOURS}) > 0")
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(within, reading, copy_questions, place.path, place.run, None)
        time.sleep(0.2)
        assert given_up(reading, done.done) < SOON_S
        assert isinstance(done.exception(), ReadGivenUp)
