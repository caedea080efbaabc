"""Jobs as child processes: real ones, followed, cancelled, crashed, and left alone."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from relcli.tui.background.processes import Job, JobRunner

SCENES = ("generate", "--out", "made", "--db", "w.duckdb", "--scenes")
pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def told(job: Job, *events: dict) -> Job:
    for event in events:
        job.take(json.dumps(event))
    return job


def test_a_job_keeps_what_it_is_told():
    job = told(
        Job("probe", ()),
        {"event": "note", "message": "Reading attention."},
        {"event": "start", "total": 40, "unit": "fits", "message": "Fitting"},
        {"event": "metric", "layer": 0, "accuracy": 0.5},
        {"event": "metric", "layer": 1, "accuracy": 0.7},
        {"event": "advance", "done": 10, "total": 40, "unit": "fits", "rate": 5.0, "eta_s": 6.0},
    )
    assert (job.phase, job.done, job.total, job.share, job.eta_s) == ("Fitting", 10, 40, 0.25, 6.0)
    assert job.metrics == {"layer": 1, "accuracy": 0.7}
    assert [each["accuracy"] for each in job.history] == [0.5, 0.7]
    told(job, {"answer": "a)"}, {"event": "finish", "run": "r", "answers": 4})
    job.take("Traceback: not JSON")
    job.end(0)
    assert job.records == [{"answer": "a)"}] and job.tail[-1] == "Traceback: not JSON"
    assert job.state == "done" and job.sentence == "run r, answers 4"


@pytest.mark.parametrize(
    ("state", "code", "expected"),
    [
        ("running", 1, "failed"),
        ("running", 130, "stopped"),
        ("stopping", 130, "stopped"),
        ("stopping", 0, "done"),
    ],
)
def test_how_a_job_ends(state, code, expected):
    job = Job("run", (), state=state)
    job.end(code)
    assert job.state == expected


@pytest.mark.parametrize(
    ("code", "words"), [(3, "code 3"), (-9, "for want of memory"), (-11, "crashed (Seg")]
)
def test_a_job_that_ends_without_a_word_is_explained(code, words):
    job = Job("run", ())
    job.end(code)
    assert job.state == "failed" and words in job.sentence


@contextmanager
def runner() -> Iterator[tuple[JobRunner, list[str]]]:
    heard: list[str] = []
    yield JobRunner(lambda job: heard.append(job.state)), heard


async def ended(job: Job, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while job.active:
            await asyncio.sleep(0.05)


async def test_a_real_job_is_followed_to_its_end():
    with runner() as (jobs, heard):
        over: list[Job] = []
        job = jobs.start("scenes", [*SCENES, "5"], over.append)
        await ended(job)
        await asyncio.sleep(0)
    assert (job.state, job.exit_code, over) == ("done", 0, [job])
    assert job.done == 5 and heard[0] == "running" and heard[-1] == "done"


@pytest.mark.slow
async def test_a_job_that_fails_says_why():
    with runner() as (jobs, _):
        job = jobs.start("run", ["run", "--model", "no/such folder", "--db", "w.duckdb"])
        await ended(job)
    assert job.state == "failed" and "no/such folder" in job.sentence


async def test_a_command_that_is_not_one_leaves_its_last_lines():
    with runner() as (jobs, _):
        job = jobs.start("typo", ["runn"])
        await ended(job)
    assert job.state == "failed" and "runn" in "\n".join(job.tail)


async def test_a_cancelled_job_stops():
    with runner() as (jobs, heard):
        job = jobs.start("scenes", [*SCENES, "100000"])
        while job.done == 0:
            await asyncio.sleep(0.05)
        jobs.cancel(job)
        assert job.state == "stopping"
        await ended(job)
    assert job.state == "stopped" and "stopping" in heard


@pytest.mark.slow
async def test_a_job_stops_when_its_pipe_closes():
    """What happens when the terminal, and with it the application, is killed."""
    with runner() as (jobs, _):
        job = jobs.start("scenes", [*SCENES, "100000"])
        while job.done == 0:
            await asyncio.sleep(0.05)
        assert job.process and job.process.stdin
        job.process.stdin.close()
        await ended(job)
    assert job.state == "stopped"
