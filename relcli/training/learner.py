"""The network while it learns: the checkpoint's modules, packed passes over them, and readers that training
adds."""

from dataclasses import dataclass
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from relcli.scenes.vocabulary import IMAGE_SIZE
from relcli.training.batches import IGNORE
from relcli.training.dense import CELLS, GRID, DenseHeads
from relcli.training.packed import TextPass, VisionFeatures, VisionPass, block_mask
from relcli.training.pictures import normalise
from relcli.training.recipe import Stage

#: Weight of the loss that asks, at the end of each option, whether it is the right one.
OPTION_WEIGHT = 0.5
#: Weight of the loss that asks, at the end of each pair a prompt says is joined, whether it is.
CLAIM_WEIGHT = 0.5
#: Weight of the loss that asks, at each object a prompt names, whether it is there and where; and of where in
#: it.
MENTION_WEIGHT = 0.5
PLACE_WEIGHT = 25.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A step's loss, for the gradient, and its figures, for people."""

    loss: Tensor
    figures: dict[str, float]


class Learner(nn.Module):
    """A Qwen3-VL with its training heads.

    image_start: place of the first image token in the shared prefix.
    """

    def __init__(self, model: Any, image_start: int) -> None:
        super().__init__()
        self.model = model
        width = model.config.text_config.hidden_size
        vision_width = model.config.vision_config.hidden_size
        self.heads = nn.ModuleDict(
            {
                "dense": DenseHeads(width, vision_width),
                "option": nn.Linear(width, 1),
                "claim": nn.Linear(width, 1),
                "mention": nn.Linear(width, 3),
                "offset": nn.Linear(width, 2),
            }
        )
        # Starts from nothing, so that it may join a run that already reads well.
        for head in ("claim", "mention", "offset"):
            nn.init.zeros_(cast(nn.Linear, self.heads[head]).weight)
        merge = model.config.vision_config.spatial_merge_size
        self.vision = VisionPass(model, (GRID * merge, GRID * merge))
        self.text = TextPass(model, image_start, CELLS)
        # Objects are found by the middle of the text model, pairs of them compared a layer later, an option's
        # pairs put together in the next; the last turns "right" into a letter.
        depth = model.config.text_config.num_hidden_layers
        self.mention_layer, self.claim_layer, self.option_layer = (
            max(0, layer) for layer in (depth // 2 - 1, depth - 3, depth - 2)
        )

    def trainable(self, stage: Stage) -> list[tuple[str, nn.Parameter]]:
        """The parameters a stage trains, each once."""
        vision = [(f"visual.{name}", p) for name, p in self.model.model.visual.named_parameters()]
        if not stage.text:  # nothing reads DeepStack yet
            vision = [(name, p) for name, p in vision if "deepstack" not in name]
        text = [(f"text.{name}", p) for name, p in self.model.model.language_model.named_parameters()]
        dense = [(f"heads.dense.{name}", p) for name, p in self.heads["dense"].named_parameters()]
        readers = [
            (f"heads.{head}.{name}", p)
            for head in ("option", "claim", "mention", "offset")
            for name, p in self.heads[head].named_parameters()
        ]
        chosen = vision if stage.train_vision else [pair for pair in vision if "deepstack" in pair[0]]
        chosen = chosen + (dense if stage.dense_weight else [])
        return chosen + (text + readers if stage.text else [])

    def forward(self, batch: dict[str, Tensor], stage: Stage) -> Outcome:
        """The loss of a stage's batch (see StageBatches)."""
        figures: dict[str, Tensor] = {}
        features = self.vision(normalise(batch["patches"]))
        loss = features.tokens.new_zeros(())
        if stage.dense_weight:
            heads = cast(DenseHeads, self.heads["dense"])
            dense, dense_figures = heads(features.tokens, batch)
            patch = heads.patches(features.middle, batch)
            loss = loss + stage.dense_weight * (dense + patch)
            figures |= dense_figures | {"patch_loss": patch}
        if stage.text:
            losses = self._text_losses(batch, features)
            loss = (
                loss
                + losses["answer"]
                + OPTION_WEIGHT * losses["option"]
                + CLAIM_WEIGHT * losses["claim"]
                + MENTION_WEIGHT * losses["mention"]
            )
            figures |= losses
        figures["loss"] = loss.detach()
        return Outcome(loss, {name: float(value.detach()) for name, value in figures.items()})

    @torch.no_grad()
    def first_tokens(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Which kind (place in KINDS) each question of a batch is and whether its reply's first token is
        right."""
        features = self.vision(normalise(batch["patches"]))
        positions = batch["positions"].transpose(0, 1)
        hidden, _ = self.text(batch["ids"], positions, block_mask(batch["segments"]), features)
        first = batch["kinds"] >= 0
        logits = F.linear(hidden[first], self.model.lm_head.weight)
        return batch["kinds"][first], logits.argmax(-1) == batch["labels"][first]

    def _text_losses(self, batch: dict[str, Tensor], features: VisionFeatures) -> dict[str, Tensor]:
        """The losses of replies, of options (is it the right one?), of claims (does an arrow join these two?)
        and of named objects (where is it, is it there?); the shares of replies and claims that are right.
        """
        positions = batch["positions"].transpose(0, 1)
        hidden, states = self.text(batch["ids"], positions, block_mask(batch["segments"]), features)
        wanted = batch["labels"] != IGNORE
        labels, weights = batch["labels"][wanted], batch["weights"][wanted]
        logits = F.linear(hidden[wanted], self.model.lm_head.weight)
        answer = (F.cross_entropy(logits, labels, reduction="none") * weights).sum() / weights.sum()
        full = weights == 1.0

        ends = batch["option_right"] >= 0
        guess = self.heads["option"](states[self.option_layer][ends]).squeeze(-1)
        option = F.binary_cross_entropy_with_logits(guess, batch["option_right"][ends].to(guess.dtype))

        ends = batch["claim"] >= 0
        claimed = states[self.claim_layer][ends]
        believed = self.heads["claim"](F.rms_norm(claimed, claimed.shape[-1:])).squeeze(-1)
        true = batch["claim"][ends].to(believed.dtype)
        claim = F.binary_cross_entropy_with_logits(believed, true, reduction="none")

        named = states[self.mention_layer][batch["mentioned"]]
        place = self.heads["mention"](F.rms_norm(named, named.shape[-1:]))
        target = batch["mention"][batch["mentioned"]]
        distance = (place[:, :2] - target[:, :2]).square().sum(-1) * target[:, 2]
        later = states[self.claim_layer][batch["mentioned"]]
        offset = self.heads["offset"](F.rms_norm(later, later.shape[-1:]))
        apart = (offset - (target[:, 4:6] - target[:, :2])).square().sum(-1) * target[:, 6]
        there = F.binary_cross_entropy_with_logits(place[:, 2], target[:, 3])
        return {
            "answer": answer,
            "option": option,
            "claim": claim.sum() / max(1, len(true)),
            "claim_accuracy": ((believed > 0) == (true > 0.5)).sum() / max(1, len(true)),
            "mention": there
            + PLACE_WEIGHT * distance.sum() / target[:, 2].sum().clamp(min=1.0)
            + PLACE_WEIGHT * apart.sum() / target[:, 6].sum().clamp(min=1.0),
            "mention_px": (distance.detach().sum() / target[:, 2].sum().clamp(min=1.0) / 2).sqrt()
            * IMAGE_SIZE,
            "offset_px": (apart.detach().sum() / target[:, 6].sum().clamp(min=1.0) / 2).sqrt() * IMAGE_SIZE,
            "token_accuracy": (logits.argmax(-1) == labels)[full].float().mean(),
        }


def seed_everything(seed: int) -> None:
    """Fix the fresh weights; the data have seeds of their own."""
    torch.manual_seed(seed)
