"""Where a model goes and in which type: by what there is, not by what a test says."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from transformers import AutoModelForImageTextToText

from relcli.errors import UsageError
from relcli.models.local.engine import Engine
from relcli.models.local.host_memory import available_bytes
from relcli.models.local.loading import load
from relcli.models.local.placing import card_of, devices_of, dtype_of, place_of
from tests.models.engine_helpers import noise

CPU = {"": "cpu"}
MIB = 1 << 20


def checkpoint(folder: Path, dtype: torch.dtype) -> Path:
    """A million weights."""
    folder.mkdir(exist_ok=True)
    save_file({"weight": torch.zeros(1000, 1000, dtype=dtype)}, folder / "model.safetensors")
    return folder


@pytest.mark.parametrize("asked", [None, "auto"])
@pytest.mark.parametrize(
    ("stored", "free", "chosen"),
    [
        (torch.bfloat16, 5 * MIB, torch.float32),
        (torch.bfloat16, 4 * MIB, "auto"),
        (torch.float16, 4 * MIB, "auto"),
        (torch.float32, 1 * MIB, torch.float32),  # nothing to be won
        (torch.bfloat16, None, torch.float32),  # nothing is known
    ],
)
def test_weights_stay_small_where_memory_is_short(
    tmp_path: Path, asked: str | None, stored: torch.dtype, free: int | None, chosen: torch.dtype | str
) -> None:
    said: list[str] = []
    folder = checkpoint(tmp_path, stored)
    assert dtype_of(asked, CPU, folder, said.append, lambda: free) == chosen
    assert len(said) == (chosen == "auto")
    kind = {torch.bfloat16: "BF16", torch.float16: "F16"}.get(stored, "")
    assert all("--dtype float32" in each and kind in each for each in said)


def test_a_type_that_is_asked_for_is_taken(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, torch.bfloat16)
    assert dtype_of("float32", CPU, folder, pytest.fail, lambda: 0) == torch.float32
    assert dtype_of(torch.float16, CPU, folder, pytest.fail, lambda: 0) == torch.float16
    with pytest.raises(UsageError, match="int8"):
        dtype_of("int8", CPU, folder, pytest.fail)


def test_a_model_loads_as_it_is_where_memory_is_short(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(str(tiny_model)).model.to(torch.bfloat16).save_pretrained(tmp_path)
    for file in tiny_model.iterdir():
        if not (tmp_path / file.name).exists():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    said: list[str] = []
    assert load(str(tmp_path), on_note=said.append).dtype == torch.float32 and not said
    monkeypatch.setattr(dtype_of, "__defaults__", (lambda: 1000,))
    loaded = load(str(tmp_path), on_note=said.append)
    assert loaded.dtype == torch.bfloat16 and len(said) == 1
    assert Engine(loaded, max_new_tokens=1).ask(noise(64, 64, 1), "Is it red?", ("Yes", "No")).n_steps == 1


def test_this_machine_tells_its_memory() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells")
    free = available_bytes()
    assert free is not None and 10 * MIB < free < 1 << 50


def machine(root: Path, available_kib: int, groups: str) -> Path:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/meminfo").write_text(f"MemTotal: 99999999 kB\nMemAvailable: {available_kib} kB\n")
    (root / "proc/self/cgroup").write_text(groups)
    return root


def group(folder: Path, limit: str, used: int, files: int = 0, v1: bool = False) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = ("memory.limit_in_bytes", "memory.usage_in_bytes") if v1 else ("memory.max", "memory.current")
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used}\n")
    name = "total_inactive_file" if v1 else "inactive_file"
    (folder / "memory.stat").write_text(f"anon 12\n{name} {files}\n")


def test_a_job_has_what_its_group_leaves_it(tmp_path: Path) -> None:
    root = machine(tmp_path, 1000, "0::/slurm/job_7/step_0\n")
    base = tmp_path / "sys/fs/cgroup"
    assert available_bytes(root) == 1000 * 1024
    group(base / "slurm/job_7/step_0", "max", 5)
    group(base / "slurm/job_7", "600000", 150000, files=50000)
    assert available_bytes(root) == 500000
    group(base / "slurm/job_7", "600000", 900000)
    assert available_bytes(root) == 0


def test_groups_of_the_first_version_count_too(tmp_path: Path) -> None:
    root = machine(tmp_path, 1000, "9:cpu:/x\n4:cpuacct,memory:/box/1\n0::/\n")
    base = tmp_path / "sys/fs/cgroup/memory"
    group(base / "box/1", str(2**63 - 4096), 10, v1=True)
    assert available_bytes(root) == 1000 * 1024
    group(base, "200000", 150000, files=1000, v1=True)  # a container sees its own at the top
    assert available_bytes(root) == 51000


def test_a_system_that_tells_nothing(tmp_path: Path) -> None:
    assert available_bytes(tmp_path) is None


@given(rank=st.integers(0, 40), cards=st.integers(1, 16))
def test_each_process_of_a_machine_has_its_card(rank: int, cards: int) -> None:
    if cards == 1:
        assert card_of(str(rank), cards) == "cuda:0"  # the scheduler shows each its own
    elif rank < cards:
        assert card_of(str(rank), cards) == f"cuda:{rank}"
    else:
        with pytest.raises(UsageError, match="LOCAL_RANK"):
            card_of(str(rank), cards)


@pytest.mark.parametrize("rank", ["-1", "one", "", "1.0"])
def test_a_local_rank_that_is_no_number_is_said(rank: str) -> None:
    with pytest.raises(UsageError, match="LOCAL_RANK"):
        card_of(rank, 4)


def test_a_map_reaches_transformers_and_changes_no_answer(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []
    real = AutoModelForImageTextToText.from_pretrained

    def spied(*words: Any, **options: Any) -> Any:
        given.append(options["device_map"])
        return real(*words, **options)

    monkeypatch.setattr(AutoModelForImageTextToText, "from_pretrained", spied)
    spread, whole = load(str(tiny_model), device_map="balanced"), load(str(tiny_model))
    assert given == ["balanced", {"": "cpu"}]
    assert devices_of(spread.model) == devices_of(whole.model) == "cpu"
    picture = noise(64, 64, 1)
    first, second = (Engine(each, max_new_tokens=3).ask(picture, "Is it red?") for each in (spread, whole))
    assert first.token_ids == second.token_ids


def test_a_model_on_several_devices_names_them() -> None:
    model = SimpleNamespace(hf_device_map={"visual": 0, "layers.0": 0, "layers.1": torch.device("cuda:1")})
    assert devices_of(model) == "cuda:0, cuda:1"


def test_a_map_and_a_device_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="--device cpu and --device-map auto"):
        place_of("cpu", "auto")


def test_a_gpu_that_is_not_there_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="finds no CUDA GPU here; omit --device or give cpu"):
        place_of("cuda:7", None)


def test_a_map_takes_a_machine_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "1")
    assert place_of(None, "balanced") == "balanced"
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    with pytest.raises(UsageError, match="--nproc-per-node 1"):
        place_of(None, "balanced")


def test_a_map_without_accelerate_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "accelerate", None)  # as Python marks what can't be imported
    with pytest.raises(UsageError, match="pip install accelerate"):
        place_of(None, "auto")
