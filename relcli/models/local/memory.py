"""How many questions fit in one pass, and what happens when they don't."""

import gc
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch

from relcli.errors import RelcliError
from relcli.models.interruption import may_stop_here
from relcli.models.local.host_memory import available_bytes
from relcli.models.local.layer_settings import of_layers
from relcli.models.local.loading import LoadedModel

T = TypeVar("T")
R = TypeVar("R")

# Beyond this many questions a pass gains nothing; on a CPU it loses, for about 24 fit its cache.
MOST_ON_CPU, MOST_ON_GPU = 24, 256
# Share of the free memory that one pass may plan for; activations and the kernel's workspace need the rest.
PLANNED_SHARE = 0.4
# Tokens of a question with its image, and the room for its reply, when nothing better is known.
TYPICAL_TOKENS = 256


class Batching:
    """The batch size of a run, halved when a pass runs out of memory; `note` is told once."""

    def __init__(self, size: int, note: Callable[[str], None]):
        self.size = size
        self._note = note
        self._told = False

    def run(self, rows: Sequence[T], work: Callable[[Sequence[T]], list[R]]) -> list[R]:
        """`work` on slices of `rows` of about equal size, none above the batch size; results in order.

        Raises RelcliError if a single row does not fit.
        """
        results: list[R] = []
        while len(results) < len(rows):
            may_stop_here()
            left = len(rows) - len(results)
            passes = -(-left // self.size)
            batch = rows[len(results) : len(results) + -(-left // passes)]
            try:
                results += work(batch)
                continue
            except (torch.OutOfMemoryError, RuntimeError, MemoryError) as error:
                if not out_of_memory(error):
                    raise
            # Outside the handler, so that the failed pass's tensors are no longer referenced.
            self._halve(len(batch))
        return results

    def _halve(self, tried: int) -> None:
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if tried == 1:
            raise RelcliError(
                "There is not enough memory for a single question: use a smaller model, a larger GPU, "
                "--attention summary or fewer --max-new-tokens."
            )
        self.size = max(1, tried // 2)
        if not self._told:
            self._told = True
            self._note(f"Out of memory with {tried} questions in a batch; going on with {self.size}.")


def out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out; on a CPU torch says so with a plain RuntimeError."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    text = str(error)
    return "not enough memory" in text or "DefaultCPUAllocator" in text


def automatic(loaded: LoadedModel) -> int:
    """A batch size by free memory: the keys and values of one question, its logits and widest activations."""
    on_gpu = loaded.device.type != "cpu"
    most = MOST_ON_GPU if on_gpu else MOST_ON_CPU
    fits = int(_free_bytes(loaded.device) * PLANNED_SHARE / _bytes_a_row(loaded))
    return max(1, min(most, fits))


def _bytes_a_row(loaded: LoadedModel) -> int:
    text: Any = loaded.config.get_text_config()
    keys_and_values = widest = 0
    for layer in of_layers(text):
        heads = getattr(layer, "num_attention_heads", 16)
        key_heads = getattr(layer, "num_key_value_heads", None) or heads
        width = getattr(layer, "head_dim", None) or layer.hidden_size // heads
        keys_and_values += 2 * key_heads * width * TYPICAL_TOKENS
        widest = max(widest, getattr(layer, "intermediate_size", None) or 4 * layer.hidden_size)
    activations = 4 * TYPICAL_TOKENS * widest
    return (2 * keys_and_values + activations) * loaded.dtype.itemsize + 3 * 4 * text.vocab_size


def _free_bytes(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return available_bytes() or 4 << 30
