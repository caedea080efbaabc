"""The options that say which model is asked, shared by the commands that load one."""

from dataclasses import dataclass

from relcli.models.names import BUNDLED
from relcli.options.declaration import MODEL, option


@dataclass(frozen=True, kw_only=True)
class DeviceOptions:
    device: str | None = option(
        None, "cpu, cuda, cuda:1 or mps.", panel=MODEL, empty="what there is", form="more"
    )
    device_map: str | None = option(
        None,
        "Spread a model that is too large for one GPU over all of them, as transformers and accelerate do.",
        panel=MODEL,
        empty="one device, or all GPUs without a launcher",
        choices=("auto", "balanced", "balanced_low_0", "sequential"),
        form="more",
    )


@dataclass(frozen=True, kw_only=True)
class _Which:
    model: str = option(
        BUNDLED,
        "`bundled`, a folder, or a hub id such as Qwen/Qwen3-VL-4B-Instruct.",
        panel=MODEL,
        column="model",
        form="main",
    )
    revision: str | None = option(
        None,
        "A commit, tag or branch at the hub.",
        panel=MODEL,
        empty="newest",
        column="revision",
        form="more",
    )
    dtype: str | None = option(
        None,
        "The type of the weights. As it comes is float32 on a CPU with memory enough, else the checkpoint's "
        "own.",
        panel=MODEL,
        empty="as it comes",
        choices=("float32", "bfloat16", "float16", "auto"),
        column="dtype",
        form="more",
    )


@dataclass(frozen=True, kw_only=True)
class _Loading:
    trust_remote_code: bool = option(
        False,
        "Run code that comes with the model. Read it first.",
        panel=MODEL,
        form="more",
        label="its own code",
    )
    untested_family: bool = option(
        False,
        "Accept a model whose family was not checked against plain generation.",
        panel=MODEL,
        form="more",
    )
    max_new_tokens: int = option(
        128,
        "The longest reply, in tokens.",
        panel=MODEL,
        least=1,
        column="max_new_tokens",
        form="more",
        label="longest reply",
    )


@dataclass(frozen=True, kw_only=True)
class LocalModelOptions(_Which, DeviceOptions, _Loading):
    """A model that is loaded here."""


@dataclass(frozen=True, kw_only=True)
class _Endpoint:
    endpoint: str | None = option(
        None,
        "A server that has the model and speaks OpenAI's chat completions, such as "
        "http://localhost:8000/v1. The key comes from OPENAI_API_KEY.",
        panel=MODEL,
        empty="load the model here",
        form="more",
    )


@dataclass(frozen=True, kw_only=True)
class ModelOptions(LocalModelOptions, _Endpoint):
    """A model that is loaded here or stands behind a server."""
