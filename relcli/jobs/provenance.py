"""What a run is called and what it was made with."""

import hashlib
import json
import re
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from relcli.jobs.plan import RunPlan
from relcli.jobs.request import RunRequest, shaping_values
from relcli.models.answer_engine import EngineDescription
from relcli.models.remote.address import without_credentials
from relcli.scenes.vocabulary import CATEGORIES
from relcli.version import VERSION, commit
from relcli.warehouse.names import make_name
from relcli.warehouse.runs import RunRecord

_RECORDED = (
    *("torch", "transformers", "accelerate", "tokenizers", "safetensors", "openai"),
    *("duckdb", "numpy", "pillow"),
)


def new_name(model: str, dataset: str, exists: Callable[[str], bool], now: datetime | None = None) -> str:
    """A readable name nobody has yet: `bundled-20260131-104500`,
    `Qwen3-VL-4B-Instruct-mydata-20260131-104500`."""
    short = model.rstrip("/").rsplit("/", 1)[-1]
    parts = [short] if dataset == short else [short, dataset]
    stamp = (now or datetime.now()).strftime("%Y%m%d-%H%M%S")
    base = make_name("-".join([*parts, stamp])[-100:].lstrip("-._"))
    name, number = base, 2
    while exists(name):
        name, number = f"{base}-{number}", number + 1
    return name


def planned(name: str, dataset: str, request: RunRequest, plan: RunPlan) -> RunRecord:
    """A run as it is known before its model is loaded."""
    own = set(plan.categories) - set(CATEGORIES)  # these by name: "all" would be the seven
    return RunRecord(
        run=name,
        dataset=dataset,
        question_set=plan.question_set,
        model=request.model,
        attention=",".join(request.attention),
        variants=list(request.variants),
        categories=list(plan.categories if own else request.categories),
        scene_ids=None if plan.scene_ids is None else list(plan.scene_ids),
        max_new_tokens=request.max_new_tokens,
        orders=request.orders,
        wordings=request.wordings,
        query_rows=None if request.attention == ("none",) else list(request.rows),
        hidden_rows=list(request.hidden) or None,
        n_planned=plan.n_planned,
        question_set_version=plan.question_version,
        versions=versions(),
        git_commit=commit(),
        command=command_line(),
    )


def versions() -> dict[str, str]:
    """Python, relcli and the libraries that shape answers; asked of their metadata, without importing
    them."""
    found = {"relcli": VERSION, "python": sys.version.split()[0]}
    for name in _RECORDED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def command_line() -> str:
    """What was typed, ready to be typed again. The one option that may hold a secret, an address with user
    name and password, is kept without them."""
    words = sys.argv[1:] if re.search(r"relcli|__main__", sys.argv[0]) else []
    return shlex.join(["relcli", *map(without_credentials, words)])


def with_engine(record: RunRecord, described: EngineDescription) -> RunRecord:
    """The run with what only its engine tells."""
    grid, layout = described.grid, described.layout
    return replace(
        record,
        model_path=described.source,
        revision=described.revision,
        weights_hash=described.weights_hash,
        dtype=described.dtype,
        device=described.device,
        attention_implementation=described.attention_implementation,
        batch_size=described.batch_size,
        image_tokens=layout.n_tokens if layout else None,
        grid_height=grid.height if grid else None,
        grid_width=grid.width if grid else None,
        layout=layout.name if layout else None,
        image_width=described.image_size[0] if described.image_size else None,
        image_height=described.image_size[1] if described.image_size else None,
        prompt_hash=described.prompt_hash,
        decoding=described.decoding,
    )


def settings_hash(record: RunRecord) -> str:
    """One short hash over everything that shapes the answers; equal hashes mean comparable runs."""
    values = shaping_values(record)
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=list).encode()).hexdigest()[:16]
