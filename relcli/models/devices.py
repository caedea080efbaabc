"""What this machine can compute on, as torch sees it."""

import torch


def describe() -> list[str]:
    """One line a device: `cuda:0 NVIDIA H100 (79.2 GiB free of 79.6)`, `mps`, `cpu (8 threads)`."""
    found = []
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        free, total = torch.cuda.mem_get_info(index)
        name = torch.cuda.get_device_name(index)
        found.append(f"cuda:{index} {name} ({free / 2**30:.1f} GiB free of {total / 2**30:.1f})")
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, f"cpu ({torch.get_num_threads()} threads)"]
