"""Write a trained model as a folder in the hub's layout, loadable like any Qwen3-VL."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig

from relcli.errors import RelcliError
from relcli.training.architecture import (
    MAX_PIXELS,
    MERGE_SIZE,
    MIN_PIXELS,
    PATCH_SIZE,
    TEMPORAL_PATCH_SIZE,
)
from relcli.training.loop import Trainer
from relcli.training.tokenizer import save_tokenizer

#: Qwen3-VL-4B-Instruct's own preprocessor settings.
PREPROCESSOR = {
    "size": {"shortest_edge": MIN_PIXELS, "longest_edge": MAX_PIXELS},
    "patch_size": PATCH_SIZE,
    "temporal_patch_size": TEMPORAL_PATCH_SIZE,
    "merge_size": MERGE_SIZE,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "processor_class": "Qwen3VLProcessor",
    "image_processor_type": "Qwen2VLImageProcessorFast",
}


def export(trainer: Trainer, folder: Path) -> Path:
    """Write the model as it stands, finished or not, with float16 weights; a folder that is there is
    replaced.

    Returns the folder. Raises RelcliError if it holds something that is not a model, or can't be written.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "config.json").exists():
        raise RelcliError(f"{folder} holds files that are no model: choose another folder for the export.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _write(trainer, temporary)
        temporary.chmod(0o755)  # mkdtemp and safetensors make both for the owner alone
        for file in temporary.iterdir():
            file.chmod(0o644)
        if folder.exists():
            shutil.rmtree(folder)
        temporary.rename(folder)
    except (OSError, RuntimeError) as error:
        raise RelcliError(
            f"The model could not be written to {folder} ({error}): free some space."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _write(trainer: Trainer, folder: Path) -> None:
    model: Any = trainer.learner.model  # transformers types a configuration's parts as dict or None
    weights = {name: value.to(torch.float16).cpu() for name, value in model.state_dict().items()}
    model.generation_config = GenerationConfig(
        eos_token_id=model.config.text_config.eos_token_id,
        pad_token_id=model.config.text_config.pad_token_id,
        do_sample=False,
    )
    model.config.dtype = torch.float16
    model.save_pretrained(folder, state_dict=weights)
    model.config.dtype = torch.float32
    save_tokenizer(trainer.tokenizer, folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=2) + "\n")
    (folder / "training.json").write_text(json.dumps(trainer.record(), indent=2) + "\n")
