"""Displays: what a program, a log and a terminal see of the same job."""

import io
import json

import pytest

from relcli.errors import UsageError
from relcli.progress import (
    JsonlProgress,
    NullProgress,
    PlainProgress,
    Progress,
    duration,
    make_progress,
)
from relcli.progress.events import (
    Advanced,
    Event,
    Failed,
    Finished,
    Metric,
    Note,
    PhaseStarted,
    RunStarted,
    from_record,
    to_record,
)
from relcli.progress.meter import Meter


def a_job(progress: Progress) -> None:
    progress.start(3, "questions", "Asking")
    for _ in range(3):
        progress.advance()
    progress.metric(accuracy=0.5)
    progress.note("Half the batch.")
    progress.start(None, "scenes", "Reading")
    progress.advance(7)
    progress.finish({"run": "x"})


def test_jsonl_is_one_object_a_line_with_the_last_count_of_every_phase() -> None:
    stream = io.StringIO()
    a_job(JsonlProgress(stream))
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["event"] for event in events if event["event"] != "advance"] == [
        *("start", "metric", "note", "start", "finish")
    ]
    counts = [
        (event["done"], event["total"], event["unit"]) for event in events if event["event"] == "advance"
    ]
    assert (3, 3, "questions") in counts and counts[-1] == (7, None, "scenes")
    assert events[-1]["run"] == "x" and all(event["time"] > 1.7e9 for event in events)


@pytest.mark.parametrize(
    "event",
    [
        PhaseStarted(3, "questions", "Asking"),
        PhaseStarted(None, "scenes", "Reading"),
        Advanced(2, 3, "questions", 1.5, 0.7),
        RunStarted("x"),
        Note("Half the batch."),
        Metric({"accuracy": 0.5, "category": "count"}),
        Failed("No room.", 1),
        Finished({"run": "x"}),
    ],
    ids=lambda event: event.NAME,
)
def test_a_reader_gets_the_event_that_was_written(event: Event) -> None:
    assert from_record(json.loads(json.dumps(to_record(event, 1.8e9)))) == event


def test_what_is_no_event_or_of_a_later_version_is_left() -> None:
    assert from_record({"answer": "a)"}) is from_record([1]) is from_record({"event": "heartbeat"}) is None
    assert from_record({"event": "note", "message": "m", "severity": 3}) == Note("m")
    assert from_record({"event": "advance", "done": None, "total": "many", "rate": 2}) == Advanced(rate=2)


def test_the_writer_says_each_event_once() -> None:
    stream = io.StringIO()
    progress = JsonlProgress(stream)
    a_job(progress)
    progress.run_started("x")
    progress.failed("No room.", 1)
    found = [from_record(json.loads(line)) for line in stream.getvalue().splitlines()]
    kept = [each for each in found if not isinstance(each, Advanced)]
    assert kept == [
        PhaseStarted(3, "questions", "Asking"),
        Metric({"accuracy": 0.5}),
        Note("Half the batch."),
        PhaseStarted(None, "scenes", "Reading"),
        Finished({"run": "x"}),
        RunStarted("x"),
        Failed("No room.", 1),
    ]


def test_jsonl_thins_many_steps() -> None:
    stream = io.StringIO()
    progress = JsonlProgress(stream)
    progress.start(10_000, "steps", "Training")
    for _ in range(10_000):
        progress.advance()
    lines = stream.getvalue().splitlines()
    assert len(lines) < 200 and json.loads(lines[-1])["done"] == 10_000


def test_plain_writes_when_phases_begin_and_end() -> None:
    stream = io.StringIO()
    a_job(PlainProgress(stream))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "Asking: 3 questions" and "Half the batch." in lines
    assert [line for line in lines if line.startswith("Asking: 3 questions in")]
    assert lines[-1].startswith("Reading: 7 scenes in")


def test_rich_draws_on_standard_error_only(capsys: pytest.CaptureFixture[str]) -> None:
    a_job(make_progress("rich"))
    out, err = capsys.readouterr()
    assert out == "" and "3 questions in" in err and "Half the batch." in err


def test_auto_is_plain_where_nobody_looks() -> None:
    assert isinstance(make_progress("auto"), PlainProgress)
    assert isinstance(make_progress("none"), NullProgress)
    with pytest.raises(UsageError, match="jsonl"):
        make_progress("jsonlines")


def test_the_rate_forgets_a_slow_start(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("relcli.progress.meter.time.monotonic", lambda: now)
    meter = Meter(1000, "questions", "Asking")
    now = 60.0
    meter.advance(1)
    for _ in range(40):
        now += 1
        meter.advance(10)
    assert meter.rate == pytest.approx(10, rel=0.05)
    assert meter.eta_s == pytest.approx((1000 - 401) / 10, rel=0.05)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (185, "3 min 05 s"), (7800, "2 h 10 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
