"""The options of `relcli train`."""

from dataclasses import dataclass
from pathlib import Path

from relcli.options.declaration import option


@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """Recipes, sizes and defaults are those of `relcli.training.recipe.TrainConfig`, which brings torch."""

    out: Path = option(help="The run's folder; a run that is there continues.")
    recipe: str = option(
        "full",
        "full, more (on from a model) or smoke (learns nothing).",
        choices=("full", "more", "smoke"),
        noun="recipe",
    )
    size: str = option(
        "small",
        "nano, small (the bundled model's) or base.",
        choices=("nano", "small", "base"),
        noun="model size",
    )
    seed: int = option(0, "Of the weights, scenes and questions.", least=0, most=2**63 - 1)
    start_from: Path | None = option(
        None, "Start from this trained model, e.g. with --recipe more."
    )
    steps_scale: float = option(1.0, "Train this many times the recipe's steps.", least=0, most=10_000)
    threads: int | None = option(None, "CPU threads.", empty="torch's choice", least=1)
    device: str = option("cpu", "cpu, cuda or cuda:N.")
    bfloat16: bool = option(
        False, "Autocast to bfloat16; worth it on a GPU.", flags=("--bfloat16", "--no-bfloat16")
    )
    export_only: bool = option(
        False,
        "Write the checkpoint as a model; don't train on.",
        flags=("--export-only", "--no-export-only"),
    )
