"""A run behind `transformers serve` answers as a run of the same checkpoint loaded here."""

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.cli_helpers import Relcli, rows_of
from tests.models.small_models import write_llava

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(importlib.util.find_spec, ("fastapi", "uvicorn"))),
        reason="needs pip install 'transformers[serving]'",
    ),
]
DB = Path("study.duckdb")


@pytest.fixture(scope="module")
def llava(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_llava(tmp_path_factory.mktemp("llava"))


@pytest.fixture(scope="module")
def served(llava: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["serve", str(llava), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    log = tmp_path_factory.mktemp("serve") / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "transformers.cli.transformers", *words],
            stdout=file,
            stderr=file,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        try:
            deadline = time.monotonic() + 180
            while not _answers(port):
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def test_answers_are_those_of_the_checkpoint_loaded_here(
    relcli: Relcli, scenes: Path, llava: Path, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    words = ("--dataset", scenes, "--max-samples", 2, "--max-new-tokens", 6, "--model", llava, "--db", DB)
    for place in (("--name", "far", "--endpoint", served), ("--name", "near", "--attention", "none")):
        result = relcli("run", *words, *place, "--format", "json")
        assert result.exit_code == 0, result.stderr
    both = """
        select a.answer, b.answer, a.n_steps, b.n_steps from inference a
        join inference b using (scene_id, question_index, variant) where a.run = 'far' and b.run = 'near'
    """
    rows = rows_of(DB, both)
    assert len(rows) > 20 and all(far == near for far, near, _, _ in rows)
    assert len({far for far, *_ in rows}) > 1 and all(m == n for _, _, m, n in rows)
