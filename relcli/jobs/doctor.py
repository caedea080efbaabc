"""Is this machine ready? Versions, device, memory, hub, files. Nothing here takes longer than a few
seconds."""

import os
import platform
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from relcli import paths
from relcli.captures import DEFAULT_ROWS, MODES
from relcli.errors import RelcliError
from relcli.jobs.capture_cost import ModelShape, bytes_an_answer, size
from relcli.models.names import BUNDLED
from relcli.version import VERSION

PACKAGES = (
    *("torch", "transformers", "accelerate", "tokenizers", "safetensors", "duckdb"),
    *("numpy", "pillow", "scikit-learn", "typer", "rich", "textual"),
)
HUB = "https://huggingface.co"
HUB_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. state: `ok`, `note` (something may not work) or `problem` (something does not)."""

    what: str
    state: str
    says: str


def examine(database: Path) -> Iterator[Finding]:
    """Findings one by one, quick ones first."""
    yield Finding("relcli", "ok", f"{VERSION} in {paths.package()}")
    good = sys.version_info >= (3, 11)
    yield Finding(
        "python", "ok" if good else "problem", f"{platform.python_version()} on {platform.platform()}"
    )
    yield from _packages()
    yield _settings()
    yield _guarded("memory", _memory)
    yield _guarded("disk", lambda: _disk(database))
    yield _guarded("warehouse", lambda: _warehouse(database))
    yield from _arrays(database)
    yield _bundled(
        "bundled scenes", paths.assets_dir() / "scenes", "queries.json", "relcli generate makes scenes"
    )
    yield _bundled("bundled model", paths.assets_dir() / "model", "config.json", "relcli train makes it")
    yield _guarded("a run keeps", _kept)
    yield _guarded("hub", _hub)
    yield _guarded("devices", _devices)


def _guarded(what: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except Exception as problem:
        return Finding(what, "problem", f"{type(problem).__name__}: {problem}")


def _packages() -> Iterator[Finding]:
    for name in PACKAGES:
        try:
            yield Finding(name, "ok", version(name))
        except PackageNotFoundError:
            yield Finding(name, "problem", "not installed; make install, or pip install relcli")


def _settings() -> Finding:
    file = paths.config_file()
    return Finding("settings file", "ok", str(file) if file.exists() else f"none ({file})")


def _memory() -> Finding:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    free = None
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
        free = int(lines["MemAvailable"].split()[0]) * 1024
    says = f"{total / 2**30:.1f} GiB" + ("" if free is None else f", {free / 2**30:.1f} GiB free")
    little = free is not None and free < 2**30
    return Finding("memory", "note" if little else "ok", says)


def _disk(database: Path) -> Finding:
    folder = next(p for p in [database.absolute(), *database.absolute().parents] if p.is_dir())
    usage = shutil.disk_usage(folder)
    writable = os.access(folder, os.W_OK)
    says = f"{usage.free / 2**30:.1f} GiB free in {folder}" + ("" if writable else ", which can't be written")
    return Finding("disk", "problem" if not writable else "note" if usage.free < 2**30 else "ok", says)


def _warehouse(database: Path) -> Finding:
    if not database.exists():
        return Finding("warehouse", "ok", f"none yet at {database}; relcli run makes it")
    from relcli.warehouse.maintenance import status

    try:
        found = status(database)
    except RelcliError as problem:
        return Finding("warehouse", "problem", problem.message)
    waiting = sum(part.parts for part in found.backlog)
    says = (
        f"{database}: {found.size / 2**20:.1f} MiB, schema {found.schema_version}, {found.tables['run']} runs"
    )
    if waiting:
        says += f", {waiting} parts wait in the spool (relcli db migrate takes them in)"
    old = found.schema_version < found.latest_version
    if old:
        says += f"; relcli db migrate brings it to schema {found.latest_version}"
    return Finding("warehouse", "note" if old or waiting else "ok", says)


def _arrays(database: Path) -> Iterator[Finding]:
    """What lies beside the warehouse as arrays, and whether each answer of a run that keeps hidden states has
    some."""
    if not database.exists():
        return
    from relcli.warehouse.array_store import arrays_beside
    from relcli.warehouse.hidden_states import HiddenStates
    from relcli.warehouse.reads import read

    beside = arrays_beside(database)
    if beside:
        told = ", ".join(f"{kind} of {run} {size(n_bytes)}" for run, kind, n_bytes in beside)
        yield Finding("arrays", "ok", f"beside the warehouse, not in copies of it: {told}")
    try:
        kept = read(database, "hidden_runs").as_dicts()
    except RelcliError:
        return  # the line about the warehouse says why
    for row in kept:
        try:
            n_there = len(list(HiddenStates(database, row["run"], row["query_row"]).keys))
        except RelcliError as problem:
            yield Finding("hidden states", "problem", problem.message)
            continue
        if n_there < row["n_answers"]:
            says = (
                f"{row['n_answers'] - n_there:,} of {row['n_answers']:,} answers of {row['run']} have none "
                f"of row {row['query_row']} in {database.name}.spool: copy that folder here too, or run the "
                "model again"
            )
            # A question needn't have the words that other rows are of.
            state = "problem" if row["query_row"] == "answer" else "note"
            yield Finding("hidden states", state, says)


def _bundled(what: str, folder: Path, mark: str, hint: str) -> Finding:
    if (folder / mark).is_file():
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        return Finding(what, "ok", f"{folder} ({size / 2**20:.1f} MiB)")
    return Finding(what, "problem", f"missing in {folder}; {hint}")


def _kept() -> Finding:
    """What an answer of the bundled model takes, by mode of --attention."""
    shape = ModelShape.of_folder(BUNDLED)
    each = bytes_an_answer(MODES, DEFAULT_ROWS, shape, ("answer",))
    told = ", ".join(f"{mode} {size(each[mode])}" for mode in MODES[1:])
    return Finding(
        "a run keeps",
        "ok",
        f"an answer of the bundled model takes {size(each['none'])} and, by --attention: {told}; by "
        f"--hidden, {size(each['hidden'])} a row "
        "(another model: relcli run --dry-run)",
    )


def _hub() -> Finding:
    endpoint = os.environ.get("HF_ENDPOINT") or HUB
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    token = bool(os.environ.get("HF_TOKEN")) or (home / "token").is_file()
    login = "with a token" if token else "without a token (gated models need HF_TOKEN or hf auth login)"
    if os.environ.get("HF_HUB_OFFLINE", "0") not in ("", "0"):
        return Finding(
            "hub", "note", "HF_HUB_OFFLINE is set: only models in the cache, folders, and the bundled one"
        )
    try:
        request = urllib.request.Request(endpoint, method="HEAD", headers={"User-Agent": "relcli"})
        with urllib.request.urlopen(request, timeout=HUB_TIMEOUT_S):
            return Finding("hub", "ok", f"{endpoint} answers, {login}")
    except urllib.error.HTTPError as problem:
        return Finding(
            "hub", "ok" if problem.code < 500 else "note", f"{endpoint} answers ({problem.code}), {login}"
        )
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "reason", None) or problem
        return Finding(
            "hub",
            "note",
            f"{endpoint} can't be reached ({reason}); cached models, folders and the bundled one work",
        )


def _devices() -> Finding:
    from relcli.models.devices import describe

    return Finding("devices", "ok", "; ".join(describe()))
