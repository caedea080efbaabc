"""Text to train the tokenizer on, and batches of scenes that training never draws."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from torch.utils.data import DataLoader
from transformers import PreTrainedTokenizerFast

from relcli.scenes.masking import make_twin
from relcli.scenes.scene import derived_rng, generate_scene
from relcli.training.batches import DOMAIN, StageBatches
from relcli.training.curriculum import caption_item, lettered_items, open_items
from relcli.training.recipe import Stage, TrainConfig
from relcli.training.tokenizer import train_tokenizer

#: Ordinary English, so that words people type are not spelt out byte by byte.
_ENGLISH = (
    "Please answer with one word. What is shown in the picture? How many of them are there, and which one "
    "is the biggest? "
    "Look at the left side of the image and tell me whether there are any other objects. I think that this "
    "is not right. "
    "Can you describe the scene in a few words? Which of these is true? The first, the second, the third or "
    "none of them. "
    "Are there more circles than squares? Is everything connected with something else? Thank you very much."
)
_SCENES = 1500


def build_tokenizer(seed: int) -> PreTrainedTokenizerFast:
    """The tokenizer that belongs to a training seed."""
    texts = [_ENGLISH] * 20
    for index in range(_SCENES):
        scene = generate_scene(seed, index, domain=f"{DOMAIN}/tokenizer")
        twin = make_twin(scene, seed, domain=f"{DOMAIN}/tokenizer")
        rng = derived_rng(seed, index, "questions", f"{DOMAIN}/tokenizer")
        items = [
            item for name in ("seed", "balanced") for item in lettered_items(scene, twin, False, name, rng)
        ]
        for item in (*items, *open_items(scene, 8, rng), caption_item(scene, rng)):
            texts += [item.prompt, item.reply]
    return train_tokenizer(texts)


def held_out_batches(config: TrainConfig, tokenizer: PreTrainedTokenizerFast) -> Iterator[dict[str, Any]]:
    """Batches of ``config.eval_scenes`` scenes for each question set, from a domain of their own."""
    for name, share in (("seed", 1.0), ("balanced", 0.0)):
        stage = Stage(
            f"held-out/{name}",
            steps=-(-config.eval_scenes // 16),
            dense_weight=0.0,
            length=384,
            open_items=4,
            seed_share=share,
            caption_share=0.0,
        )
        yield from DataLoader(StageBatches(replace(stage), config.seed, tokenizer), batch_size=None)
