"""Training stops, resumes to the same curve, survives what goes wrong, and exports what the engine can
load."""

import json
import resource
from pathlib import Path

import numpy as np
import pytest
import torch

from relcli.errors import RelcliError, UsageError
from relcli.training.export import export
from relcli.training.loop import CHECKPOINT, SETTINGS, TOKENIZER, Trainer, Watch
from relcli.training.recipe import TrainConfig

CONFIG = TrainConfig(size="nano", recipe="smoke", threads=1, workers=0, eval_scenes=4)


def losses(run_to: int | None, folder: Path, config: TrainConfig = CONFIG) -> list[float]:
    """Train in ``folder`` up to step ``run_to`` in all, or to the end; the loss of each step taken."""
    seen: list[tuple[int, float]] = []
    watch = Watch(
        step=lambda done, total, stage, figures: seen.append((done, figures["loss"])),
        stop=lambda: run_to is not None and seen[-1][0] >= run_to,
    )
    Trainer(folder, config, watch).run()
    return [loss for _, loss in seen]


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Path, list[float]]:
    folder = tmp_path_factory.mktemp("train") / "run"
    return folder, losses(None, folder)


@pytest.mark.parametrize("stop_at", [2, 7])
@pytest.mark.slow
def test_a_stopped_run_goes_on_along_the_same_curve(finished, tmp_path, stop_at: int) -> None:
    parts = losses(stop_at, tmp_path / "run") + losses(None, tmp_path / "run")
    np.testing.assert_allclose(parts, finished[1], rtol=1e-5)


def test_the_exported_model_loads_and_answers(finished, tmp_path) -> None:
    from relcli.models.items import AskItem, PromptItem
    from relcli.models.local.engine import Engine
    from relcli.models.local.loading import load
    from relcli.scenes.rendering import render_blank

    trainer = Trainer(finished[0], CONFIG)
    assert trainer.finished
    loaded = load(str(export(trainer, tmp_path / "model")), device="cpu")
    reloaded = dict(loaded.model.named_parameters())
    for name, parameter in trainer.learner.model.named_parameters():
        assert torch.allclose(reloaded[name], parameter, atol=1e-3, rtol=1e-3), name
    [answer] = Engine(loaded, max_new_tokens=3).answer(
        [AskItem("k", render_blank(), [PromptItem("q", "Is there a dog?")])]
    )
    assert answer.n_steps >= 1 and answer.attention is not None
    record = json.loads((tmp_path / "model" / "training.json").read_text())
    assert record["finished_stages"] == ["dense", "read", "joint"] and record["settings"]["seed"] == 0


def test_a_run_may_start_from_a_finished_model(finished, tmp_path) -> None:
    model = export(Trainer(finished[0], CONFIG), tmp_path / "model")
    config = TrainConfig(size="nano", recipe="smoke", threads=1, workers=0, seed=5, start_from=str(model))
    fresh, taken = Trainer(tmp_path / "run", config), Trainer(finished[0], CONFIG)
    assert fresh.tokenizer.get_vocab() == taken.tokenizer.get_vocab()
    theirs = dict(taken.learner.model.named_parameters())
    for name, parameter in fresh.learner.model.named_parameters():
        assert torch.allclose(parameter, theirs[name], atol=1e-3, rtol=1e-3), name
    with pytest.raises(RelcliError, match="do not fit"):
        Trainer(tmp_path / "other", TrainConfig(size="small", recipe="smoke", start_from=str(model)))
    with pytest.raises(RelcliError, match="no tokenizer to start from"):
        Trainer(tmp_path / "third", TrainConfig(size="nano", recipe="smoke", start_from=str(tmp_path)))


def test_other_settings_are_refused_by_name(finished) -> None:
    with pytest.raises(RelcliError, match="seed"):
        Trainer(finished[0], TrainConfig(size="nano", recipe="smoke", seed=3))


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(RelcliError, match="no training run"):
        Trainer(tmp_path, CONFIG)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("content", [b"not a checkpoint", b""])
def test_a_broken_checkpoint_is_named(tmp_path, content: bytes) -> None:
    losses(1, tmp_path / "run")
    (tmp_path / "run" / CHECKPOINT).write_bytes(content)
    with pytest.raises(RelcliError, match=CHECKPOINT):
        Trainer(tmp_path / "run", CONFIG)


def test_a_checkpoint_of_another_size_is_named(tmp_path, finished) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / CHECKPOINT).write_bytes((finished[0] / CHECKPOINT).read_bytes())
    settings = json.loads((finished[0] / SETTINGS).read_text()) | {"size": "small"}
    (folder / SETTINGS).write_text(json.dumps(settings))
    with pytest.raises(RelcliError, match="does not fit"):
        Trainer(folder, TrainConfig(size="small", recipe="smoke", threads=1))


@pytest.mark.slow
def test_a_full_disk_leaves_the_last_good_checkpoint(tmp_path) -> None:
    folder = tmp_path / "run"
    losses(1, folder)
    good = (folder / CHECKPOINT).read_bytes()
    trainer = Trainer(folder, CONFIG)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(good) // 2, limits[1]))
    try:
        with pytest.raises(RelcliError, match="last checkpoint is intact"):
            trainer.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (folder / CHECKPOINT).read_bytes() == good
    assert sorted(path.name for path in folder.iterdir()) == sorted([CHECKPOINT, SETTINGS, TOKENIZER])


@pytest.mark.parametrize(("field", "value"), [("size", "huge"), ("recipe", "none"), ("steps_scale", 0.0)])
def test_settings_that_make_no_sense(field: str, value: object) -> None:
    with pytest.raises(UsageError):
        TrainConfig(**{field: value})  # type: ignore[arg-type]
