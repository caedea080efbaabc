"""How the attention of a question is looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """layer: None for the mean of all; step: one of those kept, or None;
    words: what vector or step that is; strength: how much the heat map covers; frames: around what is asked
    about."""

    variant: str
    layer: int | None
    vector: str
    step: int | None
    words: str
    strength: float
    frames: bool

    @property
    def layer_name(self) -> str:
        return "all layers" if self.layer is None else f"layer {self.layer}"
