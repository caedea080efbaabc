"""run_state and run_summary: rows in, rows out."""

from datetime import timedelta

import pytest

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
