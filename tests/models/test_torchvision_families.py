"""Families whose processors need torchvision for pictures, in a process that has it.

    pip install --no-deps --target /tmp/vision torchvision==0.28.0
    RELCLI_TORCHVISION=/tmp/vision make test-slow
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.models.torchvision_shim import FOLDER

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.skipif(not FOLDER, reason="RELCLI_TORCHVISION names no folder with torchvision")
def test_families_that_need_torchvision():
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-W", "ignore", "-p", "no:cacheprovider", "-n0",
            "-p", "tests.models.torchvision_shim", "tests/models/test_layouts.py",
            "-k", "Pixtral or Mistral or Cohere2 or LFM2 or InternVL or OneVision or SmolVLM",
        ],
        cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert "skipped" not in done.stdout
