"""`relcli train`: make the small model again, or another one."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from relcli.cli.options import DEFAULT_DB, Database, Debug, Display, Format
from relcli.cli.output import write_record
from relcli.cli.session import showing
from relcli.hints import with_database


def train(
    out: Annotated[
        Path, typer.Option(help="The run's folder; a run that is there continues.", show_default=False)
    ],
    recipe: Annotated[
        str, typer.Option(help="full, more (on from a model) or smoke (learns nothing).")
    ] = "full",
    size: Annotated[str, typer.Option(help="nano, small (the bundled model's) or base.")] = "small",
    seed: Annotated[
        int, typer.Option(help="Of the weights, scenes and questions.", min=0, max=2**63 - 1)
    ] = 0,
    start_from: Annotated[
        Path | None,
        typer.Option(help="Start from this trained model, e.g. with --recipe more.", show_default=False),
    ] = None,
    steps_scale: Annotated[float, typer.Option(help="Train this many times the recipe's steps.")] = 1.0,
    threads: Annotated[int | None, typer.Option(help="CPU threads. Default: torch's choice.")] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or cuda:N.")] = "cpu",
    bfloat16: Annotated[bool, typer.Option(help="Autocast to bfloat16; worth it on a GPU.")] = False,
    export_only: Annotated[
        bool, typer.Option(help="Write the checkpoint as a model; don't train on.")
    ] = False,
    db: Database = DEFAULT_DB,  # taken everywhere, so that scripts can give it once; training writes no rows
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
) -> None:
    """Train a small Qwen3-VL on generated scenes: image tokens first, then questions, then both together.

    Ctrl-C stops it with a checkpoint; the same command resumes it along the same curve. No scene that
    generate makes is ever trained on. The model appears in OUT/model; use it with run --model OUT/model.
    """
    from relcli.jobs.train import train as job
    from relcli.training.recipe import TrainConfig

    config = TrainConfig(
        size=size,
        recipe=recipe,
        seed=seed,
        start_from=str(start_from) if start_from else None,
        steps_scale=steps_scale,
        threads=threads,
        device=device,
        bfloat16=bfloat16,
    )
    with showing(display) as progress:
        model = job(out, config, export_only=export_only, progress=progress)
    if display != "jsonl":
        following = with_database(f"relcli run --model {shlex.quote(str(model))}")
        write_record([("model", str(model)), ("next", following)], format)
