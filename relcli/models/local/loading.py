"""Load a vision-language model through transformers and accelerate, or say in one sentence why not."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoImageProcessor, AutoModelForImageTextToText, AutoTokenizer
from transformers.utils import logging as hf_logging

from relcli.errors import RelcliError
from relcli.models.local import adapters, templates
from relcli.models.local.checkpoint import check_layers, check_vocabularies, read_part, shapes, weight_files
from relcli.models.local.families import refuse_untested, untested
from relcli.models.local.fitting import auto_class, check_complete, check_size, first_line
from relcli.models.local.generation import special_ids
from relcli.models.local.hub import ModelFolder, resolve, weights_hash
from relcli.models.local.placing import dtype_of, known_dtype, place_of
from relcli.models.local.processors import load_processor
from relcli.models.names import BUNDLED

_MOST_LAYERS = 1000  # while the weights are still at the hub


@dataclass(slots=True)
class LoadedModel:
    """A model ready to answer, and everything a run has to record about it.

    processor is only set for models whose image tokens the image grid does not give (LLaVA and others);
    their own processor lays out the prompt. image_processor runs on Pillow, so torchvision is not needed.
    untested_family is what the model is where its family wasn't measured against plain generation.
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
    untested_family: str | None = None


def load(
    model: str = "bundled",
    *,
    device: str | None = None,
    device_map: str | None = None,
    dtype: str | torch.dtype | None = None,
    revision: str | None = None,
    trust_remote_code: bool = False,
    untested_family: bool = False,
    on_note: Callable[[str], None] = lambda message: None,
) -> LoadedModel:
    """Load `bundled`, a hub id or a folder.

    device: None means every GPU there is (under `torchrun` this rank's own), else the CPU; or a torch device
        such as "cpu" or "cuda:1".
    device_map: a way of transformers and accelerate to spread the model over several devices, such as "auto".
    dtype: None means float32 on a CPU, if its memory allows, and the checkpoint's own elsewhere.
    on_note: called with a sentence for the person.
    Only safetensors are read; code from a checkpoint only runs with trust_remote_code. A family that was not
    measured against plain generation is refused, before weights are fetched or read, without untested_family.
    Raises RelcliError (UsageError for a bad dtype or device, and for such a family) with one sentence.
    """
    place = place_of(device, device_map)
    if isinstance(dtype, str) and dtype != "auto":
        dtype = known_dtype(dtype)
    code = {"trust_remote_code": trust_remote_code, "local_files_only": True}

    def read_config(folder: ModelFolder) -> Any:
        with _quiet():
            config = _config(folder, code)
        if not untested_family:
            refuse_untested(folder.name, config)
        return config

    folder = resolve(model, revision, remote_code=trust_remote_code, before_weights=read_config)
    with _quiet():
        config = read_config(folder)
        tokenizer = _part(AutoTokenizer, folder, "tokenizer (tokenizer.json)", code)
        image_processor = _part(
            AutoImageProcessor,
            folder,
            "image processor (preprocessor_config.json)",
            {**code, "backend": "pil"},
        )
        processor = None
        if "image_grid_thw" not in image_processor.model_input_names:
            processor = _processor(folder, config, image_processor, tokenizer, code)
        template = templates.choose(folder.path, tokenizer, processor, folder.adapter)
        trial = templates.Trial(None if folder.name == BUNDLED else template, tokenizer)
        try:
            # Last, so that a folder with a part missing fails before gigabytes are read.
            wanted_dtype = dtype_of(dtype, place, folder.path, on_note)
            loaded = _weights(folder, config, place, wanted_dtype, code)
            trial.check()
        finally:
            trial.stop()
    if loaded.dtype is torch.float32:
        # cuDNN's convolutions, such as those that embed patches, would round it to TensorFloat-32 on a GPU.
        torch.backends.cudnn.allow_tf32 = False
    return LoadedModel(
        model=loaded.eval(),
        tokenizer=tokenizer,
        image_processor=image_processor,
        config=config,
        name=folder.name,
        path=folder.path,
        revision=folder.revision,
        weights_hash=weights_hash(folder.path, folder.adapter),
        device=loaded.get_input_embeddings().weight.device,
        dtype=loaded.dtype,
        chat_template=template,
        processor=processor,
        untested_family=untested(config),
    )


def _config(folder: ModelFolder, code: dict[str, Any]) -> Any:
    path = folder.path / "config.json"
    held = len(shapes(weight_files(folder.path))) if _complete(folder.path) else _MOST_LAYERS
    check_layers(read_part(path) or {}, held, path)
    try:
        config = AutoConfig.from_pretrained(folder.path, **code)
    except Exception as error:  # settings of a wrong kind fail in many ways
        raise RelcliError(
            f"transformers can't read the configuration of the model {folder.name!r} in {folder.path} "
            f"({first_line(error)}): update transformers, or use --trust-remote-code if the model brings "
            "its own code and you have read it."
        ) from error
    config._attn_implementation = None  # the kernel that it was trained with, which may not be here
    if getattr(config, "is_encoder_decoder", False):
        raise RelcliError(
            f"The model {folder.name!r} is a {config.model_type!r}, which reads the picture in an encoder "
            "and answers in a decoder: relcli needs one that sees picture and answer in one, such as "
            "Qwen/Qwen3-VL-4B-Instruct."
        )
    own = [name for name in getattr(config, "auto_map", None) or {} if name.startswith("AutoModel")]
    own_code = "AutoModelForImageTextToText" in own
    if auto_class(config) is None and not (own_code and code["trust_remote_code"]):
        if own and not own_code:
            raise RelcliError(
                f"The model {folder.name!r} brings code of its own as {own[0]}, which each model has to be "
                "asked through in its own way: relcli takes such code as AutoModelForImageTextToText only; "
                "serve the model and use --endpoint."
            )
        raise RelcliError(
            f"The model {folder.name!r} is a {config.model_type!r}, which is not a vision-language model: it "
            "can't answer questions about pictures; choose one such as Qwen/Qwen3-VL-4B-Instruct."
        )
    return config


def _weights(folder: ModelFolder, config: Any, place: Any, dtype: Any, code: dict[str, Any]) -> Any:
    check_size(folder, config, code["trust_remote_code"])
    alone = folder.path if not adapters.is_adapter(folder.path) else None
    with _without_adapter(folder.path) if alone is None else nullcontext(alone) as path:
        model, info = _read_weights(folder, path, config, place, dtype, code)
    check_complete(folder, model, info)
    if folder.adapter is not None:
        adapters.apply(model, folder.adapter)
    return model


def _read_weights(
    folder: ModelFolder, path: Path, config: Any, place: Any, dtype: Any, code: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    try:
        return (auto_class(config) or AutoModelForImageTextToText).from_pretrained(  # type: ignore[return-value]
            path,
            config=config,
            dtype=dtype,
            device_map=place,
            use_safetensors=True,
            ignore_mismatched_sizes=True,  # they are refused below, by name
            output_loading_info=True,
            generation_config=special_ids(folder),
            **code,
        )
    except RelcliError:
        raise
    except SafetensorError as error:
        raise RelcliError(
            f"The weights in {folder.path} are broken ({first_line(error)}): copy or download the "
            "*.safetensors files again."
        ) from error
    except ImportError as error:  # a kind of quantised weights
        raise RelcliError(
            f"The weights in {folder.path} need a package that is not here ({first_line(error)}): install "
            "it, or take the checkpoint that is not quantised."
        ) from error
    except Exception as error:  # settings of a wrong kind fail in many ways
        raise RelcliError(
            f"The weights in {folder.path} can't be loaded ({first_line(error)}): check that config.json "
            "and the *.safetensors files belong together and fit in memory."
        ) from error


def _complete(folder: Path) -> bool:
    """Whether the weights are here already; of a model at the hub they come last."""
    return any(folder.glob("*.safetensors"))


@contextmanager
def _without_adapter(folder: Path) -> Iterator[Path]:
    """A folder that shows a model's own files alone. transformers would apply the adapter beside them at
    once and then report on that, so that nobody would learn what is missing in the model."""
    with tempfile.TemporaryDirectory(prefix="relcli-") as made:
        for path in folder.iterdir():
            if path.is_file() and not path.name.startswith("adapter_"):
                (Path(made) / path.name).symlink_to(path)
        yield Path(made)


def _processor(
    folder: ModelFolder, config: Any, image_processor: Any, tokenizer: Any, code: dict[str, Any]
) -> Any:
    with _loading(folder, "processor (processor_config.json)"):
        return load_processor(folder.path, config, image_processor, tokenizer, code)


def _part(auto_class: Any, folder: ModelFolder, what: str, options: dict[str, Any]) -> Any:
    with _loading(folder, what):
        return auto_class.from_pretrained(folder.path, **options)


@contextmanager
def _loading(folder: ModelFolder, what: str) -> Iterator[None]:
    """Turns whatever a part's loading raises into one sentence."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, RelcliError):
        raise
    except BaseException as error:  # transformers, tokenizers (whose panics are no Exception) and json
        check_vocabularies(folder.path)
        if _wants_torchvision(error):
            raise RelcliError(
                f"The {what} of the model {folder.name!r} needs torchvision: install it with pip install "
                "'relcli[vision]'."
            ) from error
        raise RelcliError(
            f"The {what} of the model {folder.name!r} in {folder.path} can't be loaded "
            f"({first_line(error)}): "
            "complete the folder, or install what it needs."
        ) from error


def _wants_torchvision(error: BaseException | None) -> bool:
    """Whether an import failed for want of torchvision; transformers names the module that asked for it, and
    what that lacked stands in the error before."""
    while isinstance(error, ImportError):
        if "torchvision" in str(error).lower():
            return True
        error = error.__cause__ or error.__context__
    return False


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars and no advice from transformers while parts load; errors still raise. What a
    checkpoint's own code prints is talk, and standard output is data."""
    level = hf_logging.get_verbosity()
    bars = hf_logging.is_progress_bar_enabled()
    hf_logging.set_verbosity_error()
    hf_logging.disable_progress_bar()
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        hf_logging.set_verbosity(level)
        if bars:
            hf_logging.enable_progress_bar()
