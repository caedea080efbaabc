"""What is trained in which order: the stages, their mixtures and learning rates, as data a person can read
and change."""

from dataclasses import dataclass, field, replace

from relcli.errors import UsageError
from relcli.scenes.vocabulary import CATEGORIES
from relcli.training.architecture import SIZES

#: Yes/no questions are short, many and soon learnt; the rest gets the room.
_HARD = {
    "recognition_shape": 0.3,
    "recognition_color": 0.3,
    "recognition_shape_and_color": 0.7,
    "implicit_spatial": 3.0,
    "explicit_connection": 2.0,
    "explicit_arrow_direction": 1.5,
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage.

    name: also names the stage's scene domain. steps, batch (pictures a step). peak: learning rate. warmup:
    steps.
    decay_share: share of the steps over which the rate falls to nothing. text: whether questions are asked.
    train_vision: whether the vision tower learns. dense_weight: of the dense loss, 0 for none. length: tokens
    of a packed sequence. rounds: how often a picture's question set is drawn, each time with other
    distractors. seed_share: how often the seed set is asked rather than the balanced one.
    open_items: free questions drawn a picture. caption_share: how often a description is asked for.
    kind_weights: preference among what does not all fit.
    """

    name: str
    steps: int
    batch: int = 16
    peak: float = 6e-3
    warmup: int = 50
    decay_share: float = 0.3
    text: bool = True
    train_vision: bool = True
    dense_weight: float = 1.0
    length: int = 256
    rounds: int = 1
    seed_share: float = 0.5
    open_items: int = 8
    caption_share: float = 0.2
    kind_weights: dict[str, float] = field(default_factory=dict)


_ARROWS = _HARD | {"implicit_spatial": 2.0, "explicit_connection": 3.0, "explicit_arrow_direction": 3.0}
#: Everything together at a lower rate, the yes/no questions in the background.
_JOINT = Stage("joint", steps=1980, peak=3e-3, decay_share=0.42, dense_weight=0.5, kind_weights=_HARD)

#: Long questions about many arrows, several draws of a picture's set, so that each pair is asked about often.
_MORE = Stage(
    "more",
    steps=4000,
    batch=12,
    peak=3e-3,
    decay_share=0.6,
    length=448,
    rounds=3,
    seed_share=0.35,
    open_items=6,
    caption_share=0.1,
    kind_weights=_ARROWS,
)

RECIPES: dict[str, tuple[Stage, ...]] = {
    "smoke": (
        Stage("dense", steps=4, batch=4, warmup=1, text=False),
        Stage("read", steps=4, batch=4, warmup=1, train_vision=False, dense_weight=0.0),
        Stage("joint", steps=4, batch=4, warmup=1),
    ),
    "full": (
        Stage("dense", steps=2200, text=False, decay_share=0.5),
        Stage(
            "read",
            steps=2000,
            train_vision=False,
            dense_weight=0.0,
            peak=5e-3,
            open_items=12,
            caption_share=0.3,
        ),
        _JOINT,
        Stage("polish", steps=340, peak=2e-3, decay_share=0.8, dense_weight=0.5, kind_weights=_ARROWS),
        _MORE,
    ),
    # On from a finished model; another --seed brings other scenes.
    "more": (_MORE,),
}


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """A training run. size: a key of SIZES; recipe: a key of RECIPES; seed: of weights, scenes and questions.

    start_from: folder of a model made by ``relcli train`` whose weights and tokenizer are taken instead of
    fresh ones. steps_scale: multiplies every stage's steps. checkpoint_minutes: minutes between checkpoints.
    """

    size: str = "small"
    recipe: str = "full"
    seed: int = 0
    start_from: str | None = None
    steps_scale: float = 1.0
    checkpoint_minutes: float = 5.0
    threads: int | None = None
    device: str = "cpu"
    bfloat16: bool = False
    workers: int = 1
    eval_scenes: int = 60

    def __post_init__(self) -> None:
        if self.size not in SIZES:
            raise UsageError(f"There is no model size {self.size!r}: choose one of {', '.join(SIZES)}.")
        if self.recipe not in RECIPES:
            raise UsageError(f"There is no recipe {self.recipe!r}: choose one of {', '.join(RECIPES)}.")
        if self.steps_scale <= 0:
            raise UsageError(f"The steps' scale is {self.steps_scale}: give a number above 0.")

    def stages(self) -> tuple[Stage, ...]:
        """The recipe's stages with their steps scaled, at least one each."""
        return tuple(
            replace(stage, steps=max(1, round(stage.steps * self.steps_scale)))
            for stage in RECIPES[self.recipe]
        )


KINDS = (*CATEGORIES, "open", "caption")
