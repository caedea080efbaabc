"""The study's way of asking, kept plain on purpose: what the engine is checked against and measured against.

Eager attention, `output_attentions=True`, one prompt at a time, the whole prompt anew for every question,
positions left to the model. The only difference is greedy decoding: the study left sampling on.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from PIL import Image

from relcli.models.instrument.capture import NAME, set_attention
from relcli.models.items import AttentionSummary
from relcli.models.local.cache import whole_cache
from relcli.models.local.families import family_of
from relcli.models.local.finite import NotFinite, check_attention, check_logits, refusal
from relcli.models.local.generation import greedily, greedy_settings
from relcli.models.local.loading import LoadedModel
from relcli.models.local.prompt import builder_for, grid_of
from relcli.models.local.special_tokens import image_token_id
from relcli.scenes.decoding import as_rgb


@dataclass(slots=True)
class ReferenceAnswer:
    """One reply of the study's way.

    token_ids: with the end token. weights: on the image, float32 [steps, layers, heads, cells].
    grid: of the image tokens; None where it isn't told.
    runners_up: each step's second likeliest token and how far its logit lies behind.
    prompt: float32 [layers, heads, places, cells], of the tokens of the prompt that were asked for.
    """

    token_ids: list[int]
    weights: np.ndarray
    grid: tuple[int, int] | None
    runners_up: list[tuple[int, float]]
    prompt: np.ndarray | None = None


class Reference:
    """The study's way with one model. As a context manager it sets eager attention inside the block.

    end_ids: tokens that end a reply.
    """

    def __init__(self, loaded: LoadedModel, *, end_ids: Collection[int], max_new_tokens: int):
        self._loaded = loaded
        self._builder = builder_for(loaded) if loaded.processor is None else None
        self._settings = greedy_settings(
            end_ids,
            min(end_ids),
            max_new_tokens,
            output_attentions=True,
            output_logits=True,
            return_dict_in_generate=True,
        )

    def __enter__(self) -> Self:
        set_attention(self._loaded.model, "eager", "eager")
        return self

    def __exit__(self, *error: object) -> None:
        set_attention(self._loaded.model, NAME)

    @torch.inference_mode()
    def ask(self, image: Image.Image, question: str, places: Sequence[int] = ()) -> ReferenceAnswer:
        """Answer one question, keeping every full attention map as the study did.

        places: tokens of the prompt whose maps are kept besides. Raises RelcliError if the model's numbers
        are NaN or infinite.
        """
        loaded = self._loaded
        inputs, grid = self._inputs(image, question)
        ids = inputs["input_ids"].to(loaded.device)
        is_image = ids == image_token_id(loaded.config)
        with greedily(loaded.model) as generate:
            output = generate(
                **{name: value.to(loaded.device) for name, value in inputs.items()},
                generation_config=self._settings,
                # Eager attention gives maps of what a layer's cache holds: here of all tokens.
                past_key_values=whole_cache(loaded.config),
            )
        columns = is_image[0].nonzero()[:, 0]
        weights = [
            torch.stack([layer[0, :, -1, columns.to(layer.device)].float().cpu() for layer in step])
            for step in ([layer for layer in step if layer is not None] for step in output.attentions)
        ]
        tokens = output.sequences[0, ids.shape[1] :].tolist()
        best = [step[0].float().topk(2) for step in output.logits]
        try:
            check_logits(torch.stack([top.values[0] for top in best]))
            check_attention(*(step.numpy() for step in weights))
        except NotFinite as problem:
            raise refusal(loaded, problem) from problem
        runners_up = [(int(top.indices[1]), float(top.values[0] - top.values[1])) for top in best]
        rows = torch.tensor(list(places), dtype=torch.long)
        prompt = torch.stack(
            [
                layer[0][:, rows.to(layer.device)][:, :, columns.to(layer.device)].float().cpu()
                for layer in output.attentions[0]
                if layer is not None
            ]
        )
        return ReferenceAnswer(tokens, torch.stack(weights).numpy(), grid, runners_up, prompt.numpy())

    def _inputs(
        self, image: Image.Image, question: str
    ) -> tuple[dict[str, torch.Tensor], tuple[int, int] | None]:
        """A whole prompt as transformers itself makes it, and the grid of its image tokens where it is
        told."""
        loaded = self._loaded
        if self._builder is not None:
            picture = loaded.image_processor([as_rgb(image)], return_tensors="pt")
            grid = grid_of(loaded.image_processor, picture["image_grid_thw"][0].tolist())
            ids = torch.tensor([self._builder.whole_ids(question, grid.cells)])
            types = (ids == image_token_id(loaded.config)).int()
            masks = {"attention_mask": torch.ones_like(ids), "mm_token_type_ids": types}
            return {"input_ids": ids, **masks, **picture}, (grid.height, grid.width)
        processor: Any = loaded.processor
        if loaded.chat_template:
            content = [{"type": "image", "image": as_rgb(image)}, {"type": "text", "text": question}]
            made = processor.apply_chat_template(
                [{"role": "user", "content": content}],
                chat_template=loaded.chat_template,
                add_generation_prompt=True,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
            )
        else:
            text = family_of(loaded.config).prompt(question) or question
            made = processor(text=text, images=as_rgb(image), return_tensors="pt")
        return {
            name: value.to(loaded.dtype) if value.is_floating_point() else value
            for name, value in made.items()
            if name != "labels"
        }, None


def summarise(answer: ReferenceAnswer) -> AttentionSummary:
    """The summaries of items.AttentionSummary from full weights, by their definitions, in numpy."""
    weights = answer.weights.astype(np.float64)
    by_step = weights.mean(axis=2)
    mean, high = by_step.mean(axis=0), weights.max(axis=(0, 2))
    return AttentionSummary(
        grid=answer.grid,
        mean_heads=mean,
        max_heads=high,
        first_step=by_step[0],
        last_step=by_step[-1],
        mean_heads_entropy=_entropy(mean),
        max_heads_entropy=_entropy(high),
        first_step_entropy=_entropy(by_step[0]),
        last_step_entropy=_entropy(by_step[-1]),
        step_entropy=_entropy(by_step).T,
        image_mass=mean.sum(axis=-1),
        full=answer.weights,
    )


def _entropy(weights: np.ndarray) -> np.ndarray:
    """0 where a layer's window leaves no weight on the picture."""
    share = weights / np.maximum(weights.sum(axis=-1, keepdims=True), np.finfo(weights.dtype).tiny)
    return -(share * np.log(np.where(share > 0, share, 1))).sum(axis=-1)
