"""The real command in a real pseudo-terminal: a run from start to failure, and a terminal that is killed."""

import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.tui.pseudo_terminal import PATIENCE_S, Terminal, terminal


@pytest.mark.slow
def test_a_run_is_started_seen_to_finish_and_looked_into(tmp_path, tiny_model):
    with terminal(tmp_path / "w.duckdb", model=tiny_model, max_samples=2, max_new_tokens=3) as screen:
        screen.wait_for("Ask about colours")
        screen.press("\r")
        screen.wait_for("run, colours")
        screen.wait_for("✓ done")
        screen.press("\r")
        screen.wait_for("recognition_color")
        screen.press("4")
        screen.wait_for("all layers")
        screen.press("q")
        assert screen.wait_for_end() == 0


def _kill(screen: Terminal) -> None:
    screen.process.kill()


def _terminate(screen: Terminal) -> None:
    screen.process.terminate()
    assert screen.wait_for_end() == 128 + signal.SIGTERM
    assert screen.given_back


@pytest.mark.parametrize("end", [_kill, Terminal.hang_up, _terminate])
def test_however_it_ends_nothing_is_left(tmp_path, tiny_model, end: Callable[[Terminal], None]):
    with terminal(tmp_path / "w.duckdb", model=tiny_model, max_new_tokens=64) as screen:
        screen.wait_for("Ask about colours")
        screen.press("\r")
        screen.wait_for("run, colours")
        [child] = screen.children
        end(screen)
        screen.process.wait(PATIENCE_S)
        until = time.monotonic() + PATIENCE_S
        while _alive(child):
            assert time.monotonic() < until, "the job outlived its terminal"
            time.sleep(0.2)


def _alive(pid: int) -> bool:
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(listed.stdout.strip()) and not listed.stdout.startswith("Z")
