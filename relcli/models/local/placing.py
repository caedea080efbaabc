"""On which device a model's weights go, and in which type."""

import math
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from relcli.errors import UsageError
from relcli.models.local.checkpoint import dtypes, shapes, weight_files
from relcli.models.local.host_memory import available_bytes

DTYPES = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}
_ROOM = 1.15
"""Of the weights' bytes: what a batch and the reading of files take besides."""

Place = str | dict[str, Any]
"""The device_map for transformers: a name of one of its ways to spread a model, or a device for all of it."""


def place_of(device: str | None, device_map: str | None = None) -> Place:
    """Where a model goes that is to be on `device`, or spread by `device_map`; without either on every GPU
    there is, under a launcher on this process's own, else on the CPU.

    Raises UsageError for both at once, a device that isn't there, and a map without accelerate or in one of
    several processes of a machine.
    """
    if device_map is not None:
        _check_map(device, device_map)
        return device_map
    if device is None:
        if not torch.cuda.is_available():
            return {"": "cpu"}
        rank = os.environ.get("LOCAL_RANK")
        return "auto" if rank is None else {"": card_of(rank, torch.cuda.device_count())}
    if device == "auto":
        return "auto"
    try:
        wanted = torch.device(device)
        torch.empty(0, device=wanted)
    except (RuntimeError, AssertionError) as error:
        if device.startswith("cuda") and not torch.cuda.is_available():
            raise UsageError(
                f"The device {device!r} can't be used: torch finds no CUDA GPU here; omit --device or give "
                "cpu."
            ) from error
        raise UsageError(
            f"The device {device!r} can't be used here: give cpu, cuda, cuda:N or auto."
        ) from error
    return {"": wanted}


def card_of(local_rank: str, cards: int) -> str:
    """The GPU of one of several processes on a machine. A scheduler may show each process its own card only.

    Raises UsageError for a process without a card.
    """
    if cards == 1:
        return "cuda:0"
    if not local_rank.isdecimal() or int(local_rank) >= cards:
        raise UsageError(
            f"LOCAL_RANK is {local_rank!r:.20}, but there are {cards} GPUs here: start one process for each "
            "GPU, such as with torchrun --nproc-per-node gpu."
        )
    return f"cuda:{int(local_rank)}"


def _check_map(device: str | None, device_map: str) -> None:
    if device is not None:
        raise UsageError(
            f"--device {device} and --device-map {device_map} exclude each other: one names a device, the "
            "other spreads the model over all."
        )
    if not _is_there("accelerate"):
        raise UsageError(
            f"--device-map {device_map} needs the package accelerate: install it with pip install accelerate."
        )
    if os.environ.get("LOCAL_WORLD_SIZE", "1") not in ("", "1"):
        raise UsageError(
            f"--device-map {device_map} spreads the model over all GPUs of a machine, so a machine takes one "
            "process: torchrun --nproc-per-node 1, or omit it."
        )


def _is_there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # its import was given up
        return False


def is_cpu(place: Place) -> bool:
    """Whether all of a model goes to the CPU."""
    if isinstance(place, dict):
        return torch.device(place[""]).type == "cpu"
    return not torch.cuda.is_available()


def dtype_of(
    dtype: str | torch.dtype | None,
    place: Place,
    folder: Path,
    note: Callable[[str], None],
    memory: Callable[[], int | None] = available_bytes,
) -> torch.dtype | str:
    """The type of the weights: what is asked for, else the checkpoint's own (`auto`), on a CPU float32.

    Where the CPU's memory does not hold the weights in float32 they stay as they are in the checkpoint, and
    `note` hears of it. folder: of the checkpoint, complete. Raises UsageError for a type that there isn't.
    """
    if isinstance(dtype, torch.dtype):
        return dtype
    if dtype not in (None, "auto"):
        return known_dtype(dtype)
    if not is_cpu(place):
        return "auto"
    files = weight_files(folder)
    in_float32 = 4 * sum(math.prod(shape) for shape in shapes(files).values())
    needed, free = round(_ROOM * in_float32), memory()
    smaller = sum(file.stat().st_size for file in files) < 0.9 * in_float32
    if free is None or needed <= free or not smaller:
        return torch.float32
    kinds = sorted(set(dtypes(files).values()))
    note(
        f"In float32 the model would take {needed / 1e9:.1f} GB of memory, of which {free / 1e9:.1f} GB are "
        f"free: its weights stay as they are in the checkpoint ({', '.join(kinds)}). --dtype float32 "
        "loads it all the same."
    )
    return "auto"


def known_dtype(name: str) -> torch.dtype:
    """The type of that name. Raises UsageError if there is none."""
    if name not in DTYPES:
        raise UsageError(f"There is no dtype {name!r}: give one of {', '.join(DTYPES)} or auto.")
    return DTYPES[name]


def devices_of(model: Any) -> str:
    """Where a loaded model's parts are, as torch names it: `cpu`, or `cuda:0, cuda:1` where it is spread."""
    spread = getattr(model, "hf_device_map", None) or {}
    found = {f"cuda:{each}" if isinstance(each, int) else str(each) for each in spread.values()}
    if len(found) > 1:
        return ", ".join(sorted(found))
    return str(model.get_input_embeddings().weight.device)
