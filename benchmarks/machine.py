"""The machine a benchmark ran on: what it is, its versions, and how fast it multiplies."""

import os
import platform
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from relcli.version import commit

_PACKAGES = ("torch", "transformers", "accelerate", "duckdb", "numpy")


def describe(device: torch.device) -> dict[str, Any]:
    """Processor or GPU, cores, memory, versions and commit."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": round(os.getloadavg()[0], 1),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else str(device),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1),
        "system": platform.platform(),
        "python": sys.version.split()[0],
        **{name: version(name) for name in _PACKAGES},
        "commit": commit(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def matrix_rate(device: torch.device, dtype: torch.dtype, size: int = 1024, repeats: int = 8) -> float:
    """Floating-point operations a second in products of square matrices, the best of some; on a CPU of
    processor time, all threads together."""
    one, other = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    best = float("inf")
    for _ in range(repeats):
        seconds = seconds_of(device)
        torch.mm(one, other)
        best = min(best, seconds())
    return 2 * size**3 / best


def seconds_of(device: torch.device) -> Any:
    """A function that gives the seconds since now: of processor time on a CPU, which is steadier on a busy
    machine; by the clock on a GPU, once it is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        began = time.perf_counter()

        def clock() -> float:
            torch.cuda.synchronize(device)
            return time.perf_counter() - began

        return clock
    spent = time.process_time()
    return lambda: time.process_time() - spent


def peak_memory_gb(device: torch.device) -> float:
    """The most that was held: by torch on a GPU, else by this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e9
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9
