"""The training loop: stages in order, checkpoints that survive a crash or a full disk, resume to the same
curve."""

import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader
from transformers import PreTrainedTokenizerFast

from relcli.atomic import replaced
from relcli.errors import RelcliError
from relcli.training.architecture import SIZES, build_config, build_model
from relcli.training.batches import Encoder, StageBatches
from relcli.training.corpus import build_tokenizer, held_out_batches
from relcli.training.learner import Learner, Outcome, seed_everything
from relcli.training.optimizer import Optimizer, learning_rate
from relcli.training.recipe import KINDS, Stage, TrainConfig
from relcli.training.tokenizer import load_tokenizer, save_tokenizer, special_ids
from relcli.training.weights import load_weights

CHECKPOINT = "checkpoint.pt"
SETTINGS = "training.json"
LOG = "curve.jsonl"
TOKENIZER = "tokenizer"
#: Settings that may differ when a run is resumed: they don't change the curve.
_FREE = ("threads", "workers", "checkpoint_minutes", "device", "eval_scenes")


@dataclass(slots=True)
class Watch:
    """What a caller wants to hear and decide while training runs.

    step: called after every step with (steps done in all, steps in all, stage name, figures). stop: asked
    after every step; True ends the run after a checkpoint.
    """

    step: Callable[[int, int, str, dict[str, float]], None] = lambda *_: None
    note: Callable[[str], None] = lambda _: None
    stop: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class Trainer:
    """A training run in a folder: ``training.json`` (settings), ``checkpoint.pt`` (state), ``curve.jsonl``
    (figures).

    Raises RelcliError if the folder holds something else or a run with other settings.
    """

    folder: Path
    config: TrainConfig
    watch: Watch = field(default_factory=Watch)
    tokenizer: PreTrainedTokenizerFast = field(init=False)
    learner: Learner = field(init=False)
    stage_index: int = field(init=False, default=0)
    step: int = field(init=False, default=0)
    optimizer: Optimizer | None = field(init=False, default=None)
    seconds: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        if self.config.threads:
            torch.set_num_threads(self.config.threads)
        seed_everything(self.config.seed)
        self._claim_folder()
        self.tokenizer = self._own_tokenizer()
        config = build_config(SIZES[self.config.size], special_ids(self.tokenizer), len(self.tokenizer))
        self.learner = Learner(build_model(config), Encoder(self.tokenizer).image_start).to(
            self.config.device
        )
        if (self.folder / CHECKPOINT).exists():
            self._load()
        elif self.config.start_from:
            load_weights(self.learner.model, Path(self.config.start_from))

    @property
    def finished(self) -> bool:
        """Whether every stage is done."""
        return self.stage_index >= len(self.config.stages())

    def run(self) -> bool:
        """Train on from where the run stands. Returns whether it is finished (False: it was told to stop)."""
        stages = self.config.stages()
        while not self.finished:
            if not self._run_stage(stages[self.stage_index]):
                return False
            self.stage_index, self.step, self.optimizer = self.stage_index + 1, 0, None
            self.save()
            self.report_accuracy()
        return True

    def report_accuracy(self) -> dict[str, float]:
        """Accuracy of the reply's first token by kind on held-out scenes, also written to the curve."""
        right: dict[int, list[int]] = defaultdict(list)
        for batch in held_out_batches(self.config, self.tokenizer):
            kinds, correct = self.learner.first_tokens(self._to_device(batch))
            for kind, is_right in zip(kinds.tolist(), correct.tolist(), strict=True):
                right[kind].append(is_right)
        accuracy = {KINDS[kind]: sum(values) / len(values) for kind, values in sorted(right.items())}
        self._log({"accuracy": accuracy})
        self.watch.note("held-out " + ", ".join(f"{name} {value:.2f}" for name, value in accuracy.items()))
        return accuracy

    def record(self) -> dict[str, Any]:
        """How the weights came about: settings, stages and how far they got."""
        stages = self.config.stages()
        return {
            "settings": asdict(self.config),
            "size": asdict(SIZES[self.config.size]),
            "parameters": sum(parameter.numel() for parameter in self.learner.model.parameters()),
            "stages": [asdict(stage) for stage in stages],
            "finished_stages": [stage.name for stage in stages[: self.stage_index]],
            "steps_in_stage": self.step,
            "seconds": round(self.seconds),
        }

    def save(self) -> None:
        """Write the checkpoint under a temporary name, then put it in place: the last good one survives a
        full disk."""
        state = {
            "model": self.learner.state_dict(),
            "optimizer": self.optimizer.state_dict() if self.optimizer else None,
            "stage_index": self.stage_index,
            "step": self.step,
            "seconds": self.seconds,
        }
        try:
            with replaced(self.folder / CHECKPOINT) as temporary:
                torch.save(state, temporary)
        except (OSError, RuntimeError) as error:
            raise RelcliError(
                f"The checkpoint in {self.folder} could not be written ({error}): free some space and "
                "resume; the last checkpoint is intact."
            ) from error

    def _run_stage(self, stage: Stage) -> bool:
        named = self.learner.trainable(stage)
        self.learner.requires_grad_(False)
        for _, parameter in named:
            parameter.requires_grad_(True)
        if self.optimizer is None:
            self.optimizer = Optimizer(named)
        done_before = sum(s.steps for s in self.config.stages()[: self.stage_index])
        total = sum(s.steps for s in self.config.stages())
        saved = time.monotonic()
        sums: dict[str, float] = defaultdict(float)
        since = 0
        before = time.monotonic()
        for batch in self._loader(stage):
            outcome = self._learn(batch, stage)
            self.step += 1
            since += 1
            self.seconds += time.monotonic() - before
            before = time.monotonic()
            for name, value in outcome.figures.items():
                sums[name] += value
            if self.step % 20 == 0 or self.step == stage.steps:
                figures = {name: value / since for name, value in sums.items()}
                self._log({"stage": stage.name, "step": self.step, **figures})
                sums.clear()
                since = 0
            self.watch.step(done_before + self.step, total, stage.name, outcome.figures)
            stop = self.watch.stop()
            if stop or time.monotonic() - saved > 60 * self.config.checkpoint_minutes:
                self.save()
                saved = time.monotonic()
                if stop:
                    return False
                if stage.text:
                    self.report_accuracy()
                before = time.monotonic()
        return True

    def _learn(self, batch: dict[str, Tensor], stage: Stage) -> Outcome:
        assert self.optimizer is not None
        device = torch.device(self.config.device).type
        with torch.autocast(device, torch.bfloat16, enabled=self.config.bfloat16):
            outcome = self.learner(self._to_device(batch), stage)
        outcome.loss.backward()
        self.optimizer.step(
            learning_rate(self.step, stage.steps, stage.peak, stage.warmup, stage.decay_share)
        )
        return outcome

    def _loader(self, stage: Stage) -> DataLoader[dict[str, Tensor]]:
        batches = StageBatches(stage, self.config.seed, self.tokenizer)
        workers = self.config.workers
        return DataLoader(
            batches,
            batch_size=None,
            sampler=range(self.step, stage.steps),
            num_workers=workers,
            prefetch_factor=4 if workers else None,
        )

    def _to_device(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return {name: value.to(self.config.device) for name, value in batch.items()}

    def _log(self, record: dict[str, Any]) -> None:
        with (self.folder / LOG).open("a") as file:
            file.write(json.dumps({"time": round(time.time(), 1), **record}) + "\n")

    def _own_tokenizer(self) -> PreTrainedTokenizerFast:
        """The run's tokenizer, made once: weights mean nothing with another vocabulary."""
        folder = self.folder / TOKENIZER
        if not (folder / "tokenizer.json").exists():
            folder.mkdir(exist_ok=True)
            start = self.config.start_from
            save_tokenizer(
                load_tokenizer(Path(start)) if start else build_tokenizer(self.config.seed), folder
            )
        return load_tokenizer(folder)

    def _claim_folder(self) -> None:
        mine = {name: value for name, value in asdict(self.config).items() if name not in _FREE}
        path = self.folder / SETTINGS
        if path.exists():
            try:
                theirs = json.loads(path.read_text())
                differing = [name for name in mine if theirs.get(name) != mine[name]]
            except (ValueError, AttributeError) as error:
                raise RelcliError(
                    f"{path} is not a training run's settings: choose another folder."
                ) from error
            if differing:
                raise RelcliError(
                    f"The training run in {self.folder} was started with other settings "
                    f"({', '.join(differing)}): give the same ones, or another folder."
                )
            return
        if self.folder.exists() and any(self.folder.iterdir()):
            raise RelcliError(f"{self.folder} holds files that are no training run: choose an empty folder.")
        self.folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(mine, indent=2) + "\n")

    def _load(self) -> None:
        path = self.folder / CHECKPOINT
        try:
            state = torch.load(path, map_location=self.config.device, weights_only=True)
            self.learner.load_state_dict(state["model"])
        except Exception as error:  # torch raises anything from KeyError to UnpicklingError here
            raise RelcliError(
                f"The checkpoint {path} does not fit this training run ({type(error).__name__}): choose "
                "another folder, or remove the checkpoint to start again."
            ) from error
        self.stage_index, self.step = state["stage_index"], state["step"]
        self.seconds = state.get("seconds", 0.0)
        if state["optimizer"] is not None and not self.finished:
            stage = self.config.stages()[self.stage_index]
            self.optimizer = Optimizer(self.learner.trainable(stage))
            self.optimizer.load_state_dict(state["optimizer"])
