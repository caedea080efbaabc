"""The machine a benchmark ran on: what it is, its versions, how fast it multiplies and reads memory."""

import os
import platform
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

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


def matrix_rate(device: torch.device, dtype: torch.dtype, repeats: int = 8) -> float:
    """Floating-point operations a second in products of square matrices, the best of some; on a CPU of
    processor time, all threads together."""
    size = 8192 if device.type == "cuda" else 1024  # what keeps all of a GPU busy
    one, other = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    best = float("inf")
    for _ in range(repeats):
        seconds = seconds_of(device)
        torch.mm(one, other)
        best = min(best, seconds())
    return 2 * size**3 / best


def memory_rate(device: torch.device, dtype: torch.dtype, repeats: int = 4) -> float:
    """Bytes a second at which a matrix larger than the caches is read for a product with one vector, the best
    of some; of processor time as matrix_rate."""
    size = 32768 if device.type == "cuda" else 8192
    matrix = torch.ones(size, size, device=device, dtype=dtype)
    vector = torch.ones(1, size, device=device, dtype=dtype)
    best = float("inf")
    for _ in range(repeats):
        seconds = seconds_of(device)
        torch.nn.functional.linear(vector, matrix)
        best = min(best, seconds())
    return matrix.nbytes / best


class Roofline(TorchFunctionMode):
    """Counts the seconds that the matrix products inside the block take at least: each as long as its
    arithmetic at `rate` or its operands and result at `bandwidth` need, whichever is longer (the roofline
    model, Williams et al. 2009). Everything else counts nothing.
    """

    def __init__(self, rate: float, bandwidth: float):
        super().__init__()
        self._rate, self._bandwidth = rate, bandwidth
        self.seconds = 0.0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        flops = _flops(getattr(func, "__name__", ""), args, out)
        if flops:
            moved = sum(each.nbytes for each in (*args, out) if isinstance(each, torch.Tensor))
            self.seconds += max(flops / self._rate, moved / self._bandwidth)
        return out


def _flops(name: str, args: Any, out: Any) -> int:
    """Floating-point operations of a product, two for each multiplication; 0 for other functions."""
    if name in ("linear", "matmul", "mm", "bmm") or name.startswith("_linear_pointwise"):
        return 2 * out.numel() * args[0].shape[-1]
    if name == "scaled_dot_product_attention":
        query, key = args[:2]
        return 4 * query.numel() * key.shape[-2]
    return 0


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
