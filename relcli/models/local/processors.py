"""A checkpoint's processor, put together for pictures alone: on Pillow, and without what only videos need."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transformers import ProcessorMixin
from transformers.models.auto.processing_auto import (
    PROCESSOR_MAPPING,
    AutoProcessor,
    processor_class_from_name,
)

from relcli.errors import RelcliError
from relcli.models.local.checkpoint import read_part

_NAMED_IN = ("processor_config.json", "preprocessor_config.json", "tokenizer_config.json")
_PARTS = ("image_processor", "tokenizer")


def load_processor(
    folder: Path, config: Any, image_processor: Any, tokenizer: Any, options: dict[str, Any]
) -> Any:
    """The processor in `folder`, made of these parts; the part for videos of those that have one is left out.

    Parts for videos need torchvision, and SmolVLM's num2words, which pictures don't. Some processors need
    torchvision all the same: their module imports it.
    Raises RelcliError if the folder tells of none, and otherwise as transformers.
    """
    kind = _class_of(folder, config)
    if kind is None:
        found = AutoProcessor.from_pretrained(folder, **options)
        if not isinstance(found, ProcessorMixin):
            raise RelcliError(
                f"The model in {folder} brings no processor for pictures and text together: complete the "
                "folder."
            )
        found.image_processor = image_processor
        return found
    settings, _ = kind.get_processor_dict(folder, **options)
    parts = {"image_processor": image_processor, "tokenizer": tokenizer}
    with _no_words_for_numbers():
        return _for_pictures(kind).from_args_and_dict(
            [parts.get(name, _NONE) for name in kind.get_attributes()],
            {name: value for name, value in settings.items() if name not in kind.get_attributes()},
        )


def _class_of(folder: Path, config: Any) -> Any:
    """The processor's class of transformers' own; None where the checkpoint brings its code, or no class."""
    for name in _NAMED_IN:
        told = read_part(folder / name) or {}
        if "AutoProcessor" in (told.get("auto_map") or {}):
            return None
        if named := told.get("processor_class"):
            found = processor_class_from_name(named)
            if found is not None:
                return found
    return PROCESSOR_MAPPING.get(type(config), None)


def _for_pictures(kind: Any) -> Any:
    """The class, which takes anything for what is neither text nor picture."""
    check = kind.check_argument_for_proper_class

    def checked(self: Any, name: str, argument: Any) -> Any:
        return type(argument) if name not in _PARTS else check(self, name, argument)

    changed = {
        "check_argument_for_proper_class": checked,
        "__repr__": lambda self: kind.__name__,  # transformers' writes down all parts, as JSON
        "__module__": kind.__module__,
    }
    return type(kind.__name__, (kind,), changed)


class _NoPart:
    """Stands where a processor's part for videos or sounds would: it has no settings."""

    model_input_names: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


_NONE = _NoPart()


@contextmanager
def _no_words_for_numbers() -> Iterator[None]:
    """SmolVLM's processor refuses to be made without num2words, which says how many frames a video has."""
    from transformers.models.smolvlm import processing_smolvlm

    module: Any = processing_smolvlm
    kept, module.num2words = module.num2words, module.num2words or str
    try:
        yield
    finally:
        module.num2words = kept
