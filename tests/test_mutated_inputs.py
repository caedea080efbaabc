"""Whatever a file holds, it is taken or refused in a sentence: quickly, and in little memory.

`mutation_kit.py` breaks a good input of every reader by a number; a failure names the number, and says how to
try it again. It runs in a process of its own, so that the memory counted is the readers' alone.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_MEGABYTES = 1000


@pytest.mark.parametrize(
    ("first", "end"), [(0, 500), pytest.param(500, 2500, marks=pytest.mark.slow)], ids=["500", "2000"]
)
def test_broken_inputs_are_taken_or_refused_in_a_sentence(first: int, end: int) -> None:
    command = [sys.executable, "-m", "tests.mutation_kit", str(first), str(end)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert not found["failures"], "\n".join(found["failures"])
    assert found["readers"] >= 18 and found["megabytes"] < MOST_MEGABYTES
