"""Load a vision-language model through transformers and accelerate, or say in one sentence why not."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoImageProcessor,
    AutoModelForImageTextToText,
    AutoProcessor,
    AutoTokenizer,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
from transformers.utils import logging as hf_logging

from relcli.errors import RelcliError, UsageError
from relcli.models.hub import ModelFolder, resolve, weights_hash

DTYPES = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}


@dataclass(slots=True)
class LoadedModel:
    """A model ready to answer, and everything a run has to record about it.

    processor is only set for models whose image tokens the image grid does not give (LLaVA and others);
    their own processor lays out the prompt. image_processor runs on Pillow, so torchvision is not needed.
    """

    model: Any
    tokenizer: Any
    image_processor: Any
    config: Any
    name: str
    path: Path
    revision: str | None
    weights_hash: str
    device: torch.device
    dtype: torch.dtype
    chat_template: str | None
    processor: Any | None = None


def load(
    model: str = "bundled",
    *,
    device: str | None = None,
    dtype: str | torch.dtype | None = None,
    revision: str | None = None,
    trust_remote_code: bool = False,
) -> LoadedModel:
    """Load `bundled`, a hub id or a folder.

    device: None means every GPU there is (`device_map="auto"`; under `accelerate launch` this rank's own),
    else the
        CPU; or a torch device such as "cpu" or "cuda:1".
    dtype: None means float32 on a CPU and the checkpoint's own elsewhere.
    Only safetensors are read; code from a checkpoint only runs with trust_remote_code.
    Raises RelcliError (UsageError for a bad dtype or device) with one sentence.
    """
    place = _place(device)
    wanted_dtype = _dtype(dtype, place)
    folder = resolve(model, revision, remote_code=trust_remote_code)
    code = {"trust_remote_code": trust_remote_code, "local_files_only": True}
    with _quiet():
        config = _config(folder, code)
        tokenizer = _part(AutoTokenizer, folder, "tokenizer (tokenizer.json)", code)
        image_processor = _part(
            AutoImageProcessor,
            folder,
            "image processor (preprocessor_config.json)",
            {**code, "backend": "pil"},
        )
        processor = None
        if "image_grid_thw" not in image_processor.model_input_names:
            processor = _part(AutoProcessor, folder, "processor (processor_config.json)", code)
        # Last, so that a folder with a part missing fails before gigabytes are read.
        loaded = _weights(folder, config, place, wanted_dtype, code)
    return LoadedModel(
        model=loaded.eval(),
        tokenizer=tokenizer,
        image_processor=image_processor,
        config=config,
        name=folder.name,
        path=folder.path,
        revision=folder.revision,
        weights_hash=weights_hash(folder.path),
        device=loaded.get_input_embeddings().weight.device,
        dtype=loaded.dtype,
        chat_template=_chat_template(folder.path, tokenizer, processor),
        processor=processor,
    )


def _place(device: str | None) -> str | dict[str, Any]:
    """The device_map for transformers."""
    if device is None:
        if not torch.cuda.is_available():
            return {"": "cpu"}
        rank = os.environ.get("LOCAL_RANK")
        return "auto" if rank is None else {"": f"cuda:{rank}"}
    if device == "auto":
        return "auto"
    try:
        wanted = torch.device(device)
        torch.empty(0, device=wanted)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(
            f"The device {device!r} can't be used here: give cpu, cuda, cuda:N or auto."
        ) from error
    return {"": wanted}


def _dtype(dtype: str | torch.dtype | None, place: str | dict[str, Any]) -> torch.dtype | str:
    if isinstance(dtype, torch.dtype):
        return dtype
    if dtype is None or dtype == "auto":
        on_cpu = place == "auto" and not torch.cuda.is_available()
        on_cpu = on_cpu or (isinstance(place, dict) and torch.device(place[""]).type == "cpu")
        return torch.float32 if on_cpu else "auto"
    if dtype not in DTYPES:
        raise UsageError(f"There is no dtype {dtype!r}: give one of {', '.join(DTYPES)} or auto.")
    return DTYPES[dtype]


def _config(folder: ModelFolder, code: dict[str, Any]) -> Any:
    try:
        config = AutoConfig.from_pretrained(folder.path, **code)
    except (ValueError, OSError, KeyError, TypeError) as error:
        raise RelcliError(
            f"transformers can't read the configuration of the model {folder.name!r} in {folder.path} "
            f"({_first_line(error)}): update transformers, or use --trust-remote-code if the model brings "
            "its own code and you have read it."
        ) from error
    own_code = "AutoModelForImageTextToText" in (getattr(config, "auto_map", None) or {})
    if type(config) not in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING and not (
        own_code and code["trust_remote_code"]
    ):
        raise RelcliError(
            f"The model {folder.name!r} is a {config.model_type!r}, which is no vision-language model: it "
            "can't answer questions about pictures; choose one such as Qwen/Qwen3-VL-4B-Instruct."
        )
    return config


def _weights(folder: ModelFolder, config: Any, place: Any, dtype: Any, code: dict[str, Any]) -> Any:
    try:
        loaded: Any = AutoModelForImageTextToText.from_pretrained(
            folder.path,
            config=config,
            dtype=dtype,
            device_map=place,
            use_safetensors=True,
            output_loading_info=True,
            **code,
        )
    except SafetensorError as error:
        raise RelcliError(
            f"The weights in {folder.path} are broken ({_first_line(error)}): copy or download the "
            "*.safetensors files again."
        ) from error
    except (RuntimeError, ValueError, OSError, KeyError, ImportError) as error:
        raise RelcliError(
            f"The weights in {folder.path} can't be loaded ({_first_line(error)}): check that config.json "
            "and the *.safetensors files belong together and fit in memory."
        ) from error
    model, info = loaded
    missing = sorted(info["missing_keys"])
    if missing:
        raise RelcliError(
            f"The weights in {folder.path} lack {len(missing)} tensors that config.json asks for, "
            f"{missing[0]} "
            "among them: the files do not belong together or the download is incomplete."
        )
    return model


def _part(auto_class: Any, folder: ModelFolder, what: str, options: dict[str, Any]) -> Any:
    try:
        return auto_class.from_pretrained(folder.path, **options)
    except Exception as error:  # transformers, tokenizers and json each raise their own kinds here
        raise RelcliError(
            f"The {what} of the model {folder.name!r} in {folder.path} can't be loaded "
            f"({_first_line(error)}): "
            "complete the folder, or install what it needs."
        ) from error


def _chat_template(folder: Path, tokenizer: Any, processor: Any | None) -> str | None:
    """The checkpoint's own template, in its processor's order: .jinja, then .json, then the tokenizer's."""
    jinja, as_json = folder / "chat_template.jinja", folder / "chat_template.json"
    if jinja.is_file():
        return jinja.read_text(encoding="utf-8")
    if as_json.is_file():
        return json.loads(as_json.read_text(encoding="utf-8"))["chat_template"]
    return getattr(processor, "chat_template", None) or tokenizer.chat_template


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:200] if text else type(error).__name__


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars and no advice from transformers while parts load; errors still raise."""
    level = hf_logging.get_verbosity()
    bars = hf_logging.is_progress_bar_enabled()
    hf_logging.set_verbosity_error()
    hf_logging.disable_progress_bar()
    try:
        yield
    finally:
        hf_logging.set_verbosity(level)
        if bars:
            hf_logging.enable_progress_bar()
