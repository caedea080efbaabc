"""run_state and run_summary: rows in, rows out."""

from datetime import timedelta

import pytest

from relcli.report.facts import Facts
from relcli.report.finding import finding
from relcli.warehouse.reads import read
from relcli.warehouse.runs import utc_now


def ago(seconds: float):
    return utc_now() - timedelta(seconds=seconds)


def test_a_running_run_without_a_heartbeat_for_30_s_reads_as_stopped(warehouse):
    warehouse.put(
        "run",
        {"run": "alive", "state": "running", "heartbeat_at": ago(5)},
        {"run": "silent", "state": "running", "heartbeat_at": ago(31)},
        {"run": "newborn", "state": "running", "started_at": ago(1)},
        {"run": "done", "state": "done", "heartbeat_at": ago(4000)},
        {"run": "failed", "state": "failed"},
    )

    assert dict(warehouse.ask("SELECT run, state FROM run_state").rows) == {
        "alive": "running",
        "silent": "stopped",
        "newborn": "running",
        "done": "done",
        "failed": "failed",
    }
    [(age,)] = warehouse.ask("SELECT heartbeat_age_s FROM run_state WHERE run = 'alive'").rows
    assert age == pytest.approx(5, abs=3)


def test_run_summary(warehouse):
    start = ago(100)
    warehouse.put(
        "run",
        {"run": "full", "n_planned": 5, "started_at": start, "finished_at": start + timedelta(seconds=42.5)},
        {"run": "empty", "kind": "import", "started_at": start},
    )
    warehouse.answers("count", [(True, False), (True, True), (False, None)], run="full")
    warehouse.put(
        "verification",
        {"run": "full", "checked_at": ago(9), "passed": False},
        {"run": "full", "checked_at": ago(3), "passed": True},
    )

    rows = warehouse.ask(
        "SELECT run, state, kind, model, n_answers, n_planned, accuracy_raw, accuracy_masked, verified, "
        "seconds FROM run_summary ORDER BY run DESC"
    ).rows

    assert rows[0] == ("full", "done", "run", "m", 5, 5, pytest.approx(2 / 3), 0.5, True, 42.5)
    assert rows[1] == ("empty", "done", "import", "m", 0, None, None, None, None, None)


def test_answers_count_however_questions_were_put(warehouse):
    """A complete run with orders has as many as planned; cuts of it are nobody's plan."""
    warehouse.put("run", {"n_planned": 3})
    warehouse.answers("count", [(True, None)])
    for presentation, intervention in (("order-1", "none"), ("wording-1", "none"), ("plain", "cut")):
        put_so = {"presentation": presentation, "intervention": intervention}
        warehouse.put("inference", {"question_index": 0, "correct": False, **put_so})
    assert warehouse.ask("SELECT n_answers, n_planned, accuracy_raw FROM run_summary").rows == [(3, 3, 1.0)]


def test_a_run_on_changed_pictures_alone_has_no_finding_of_raw_ones(warehouse):
    warehouse.put("run", {"variants": ["changed"]})
    warehouse.put("question", {"question_index": 0})
    warehouse.put("inference", {"question_index": 0, "variant": "changed"})
    assert read(warehouse.path, "overview", run="r").as_dicts() == []
    said = finding(Facts(warehouse.path, {"run": "r"}, rows={}))
    assert said[0] == "The run has no graded answers on the raw pictures." and len(said) == 3


def test_the_share_of_unreadable_answers_is_one_number(warehouse):
    """Of the answers on all variants, in relcli runs show and on the screen alike."""
    warehouse.put("run", {})
    warehouse.put("question", {"question_index": 0})
    for variant, choice in (("raw", "a"), ("masked", "a"), ("changed", None), ("placebo", None)):
        warehouse.put("inference", {"question_index": 0, "variant": variant, "choice": choice})
    shown = read(warehouse.path, "category_table", run="r").as_dicts()
    on_screen = read(warehouse.path, "overview", run="r").as_dicts()
    assert [row["unreadable"] for row in (*shown, *on_screen)] == [0.5, 0.5, 0.5]
