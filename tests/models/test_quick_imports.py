"""What a run of the bundled model imports, and what it reads for that; each in a process of its own."""

import json
import subprocess
import sys
from typing import Any

import pytest

_LISTED = """
import sys, json
read = {}
def opened(event, args):
    if event == "open" and isinstance(args[0], str) and "/transformers/models/" in args[0]:
        read[args[0]] = read.get(args[0], 0) + args[0].endswith(".py")
sys.addaudithook(opened)
QUICK
import transformers.models
module = sys.modules["transformers.models"]
from transformers import AutoConfig
print(json.dumps({
    "reads": sum(read.values()),
    "files": len(read),
    "structure": sorted((name, sorted(values)) for name, values in module._import_structure.items()),
    "classes": sorted(module._class_to_module.items()),
    "missing": sorted((k, sorted(map(str, v))) for k, v in module._object_missing_backend.items()),
    "found": AutoConfig.__module__,
}))
"""

_ASKED = """
import sys
from PIL import Image
from relcli.jobs.engines import open_engine
from relcli.progress import NullProgress
engine = open_engine("bundled", NullProgress())
answer = engine.ask(Image.new("RGB", (256, 256), "white"), "Is there a red circle?", ("Yes", "No"))
assert answer.text and answer.attention is not None
print("\\n".join(sys.modules))
"""
_NEEDLESS = {
    "sklearn", "scipy.stats", "pandas", "matplotlib", "torchvision", "textual", "openai", "peft",
    "transformers.trainer", "transformers.pipelines",
    "transformers.models.qwen3_vl.processing_qwen3_vl", "transformers.models.smolvlm.processing_smolvlm",
    "torch._inductor.compile_fx",
}  # fmt: skip


def child(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.slow
def test_transformers_lists_its_models_once_and_the_same() -> None:
    plain: dict[str, Any] = json.loads(child(_LISTED.replace("QUICK", "")))
    quick: dict[str, Any] = json.loads(
        child(_LISTED.replace("QUICK", "import relcli.models.transformers_once"))
    )
    assert quick["files"] == plain["files"] > 500
    assert plain["reads"] - quick["reads"] > 0.9 * plain["files"]
    for each in ("structure", "classes", "missing", "found"):
        assert quick[each] == plain[each]


def test_the_bundled_model_imports_nothing_that_it_does_not_use() -> None:
    imported = set(child(_ASKED).split())
    assert "relcli.models.local.engine" in imported
    assert imported & _NEEDLESS == set()
