"""`relcli train`: make the small model again, or another one."""

import shlex
from pathlib import Path

from relcli.cli.declared import declared
from relcli.cli.output import write_record
from relcli.hints import with_database
from relcli.options.shared import DisplayName, OutputFormat
from relcli.options.train import TrainOptions
from relcli.progress.showing import showing


@declared(TrainOptions)
def train(
    out: Path,
    recipe: str,
    size: str,
    seed: int,
    start_from: Path | None,
    steps_scale: float,
    threads: int | None,
    device: str,
    bfloat16: bool,
    export_only: bool,
    db: Path,  # taken everywhere, so that scripts can give it once; training writes no rows
    format: OutputFormat,
    display: DisplayName,
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
