"""Train the small Qwen3-VL, resumably, and export it in the hub's layout."""

from pathlib import Path
from typing import TYPE_CHECKING

from relcli.errors import InterruptedRun
from relcli.jobs.stopping import stoppable
from relcli.progress import Progress

if TYPE_CHECKING:
    from relcli.training.recipe import TrainConfig

#: Where in the run's folder the finished model goes.
MODEL_FOLDER = "model"


def train(folder: Path, config: "TrainConfig", *, export_only: bool = False, progress: Progress) -> Path:
    """Train in ``folder`` from where it stands to the end and export the model to ``folder/model``.

    Args:
        folder: an empty folder, or that of a run with the same settings, which is continued.
        config: size, recipe, seeds and machine.
        export_only: export the checkpoint as it is and train no further.
        progress: where the loss, the accuracy and the time left are told.

    Returns:
        The model's folder. Raises RelcliError for a folder or checkpoint that does not fit or a full disk,
        and InterruptedRun when told to stop; the checkpoint is then up to date and the same call continues.
    """
    from relcli.training.export import export
    from relcli.training.loop import Trainer, Watch

    phase: list[str] = []

    def on_step(done: int, total: int, stage: str, figures: dict[str, float]) -> None:
        if not phase:
            progress.start(total, "steps", f"Training ({config.recipe}, {config.size})")
            progress.advance(done - 1)
        phase[:] = [stage]
        progress.advance()
        progress.metric(stage=stage, **{name: round(value, 4) for name, value in figures.items()})

    trainer = Trainer(folder, config, Watch(step=on_step, note=progress.note))
    if not export_only:
        with stoppable(watch_stdin=progress.watch_stdin):
            try:
                trainer.run()
            except KeyboardInterrupt:
                trainer.save()
                raise InterruptedRun(
                    f"Interrupted in stage {phase[0] if phase else 'start'}; the same command continues the "
                    f"training in {folder}, and --export-only writes the model as it is."
                ) from None
    model = export(trainer, folder / MODEL_FOLDER)
    progress.finish({"model": str(model), "finished": trainer.finished})
    return model
