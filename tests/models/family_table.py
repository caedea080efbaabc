"""What docs/families.md shows, measured: small random models of every family against plain eager
generation."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from relcli.errors import RelcliError
from relcli.models.edits import Knockout
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
from relcli.models.local.verify import verify
from tests.models.conftest import write_model
from tests.models.engine_helpers import ask_items, noise
from tests.models.family_models import GLM, WRITERS
from tests.models.painting import SHAPES, check_layout
from tests.models.qwen_models import write_qwen, write_qwen35
from tests.models.small_models import write_glm, write_llava


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """A line of the table. problem: why it does not run here; the rest is None then.

    difference: largest absolute difference of a weight from eager attention, float32. layout: of a picture
    of 448 x 256 pixels. placed: whether painting finds the image tokens where the layout says, on three
    shapes of pictures. empty: layers of the small model that have no attention, of all.
    """

    family: str
    problem: str | None = None
    tokens_equal: bool | None = None
    difference: float | None = None
    layout: str | None = None
    placed: bool | None = None
    shared: bool | None = None
    cuts: bool | None = None
    hidden: bool | None = None
    empty: str = ""


def _glm(folder: Path) -> Path:
    return write_glm(folder, write_model(folder.parent / "parts"))


ALL: dict[str, Callable[[Path], Path]] = {
    "Qwen2-VL": partial(write_qwen, kind="qwen2_vl"),
    "Qwen2.5-VL": partial(write_qwen, kind="qwen2_5_vl"),
    "Qwen3-VL": partial(write_qwen, kind="qwen3_vl"),
    "Qwen3-VL-MoE": partial(write_qwen, kind="qwen3_vl_moe"),
    "Qwen3.5": write_qwen35,
    "GLM-4V": _glm,
    **GLM,
    "LLaVA-1.5": write_llava,
    **WRITERS,
}


def measure(family: str) -> FamilyRow:
    """Write a small random model of a family and measure it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "model"
        folder.mkdir()
        try:
            engine = Engine(load(str(ALL[family](folder))), max_new_tokens=4)
        except RelcliError as problem:
            return FamilyRow(family, problem=str(problem).replace(str(folder), "FOLDER"))
        items = [AskItem("wide", noise(448, 256, 1), [PromptItem(0, "Is it red?")]), *ask_items(3)]
        found = verify(engine, items, 4)
        [answer] = engine.answer(items[:1])
        assert answer.attention is not None
        layers = len(answer.attention.mean_heads)
        n_empty = int(np.isnan(answer.attention.mean_heads[:, 0]).sum())
        layout = answer.attention.layout
        return FamilyRow(
            family,
            tokens_equal=found.tokens_equal and found.answers_equal_across_batch,
            difference=found.max_attention_error,
            layout=f"grid {layout.name}" if layout.grid else _parts(layout.parts),
            shared=engine.reads_pictures_once,
            cuts=_can_cut(engine, items[0]),
            hidden=_has_hidden_states(engine, items[0]),
            empty=f"{n_empty} of {layers}" if n_empty else "",
            placed=_is_placed(engine),  # last, for it spoils the vision tower
        )


def _parts(parts: tuple[str, ...]) -> str:
    names = {"grid": "in a crop", "thumbnail": "in a thumbnail", "tile": "in tiles", "none": "marks"}
    return ", ".join(f"{parts.count(part)} {words}" for part, words in names.items() if part in parts)


def _can_cut(engine: Engine, item: AskItem) -> bool:
    n = engine.path.layout(item.image).n_tokens
    cells = tuple(range(0, n, 3))
    prompts = [PromptItem(0, "Is it red?"), PromptItem(1, "Is it red?", edit=Knockout(cells))]
    plain, cut = (answer.attention for answer in engine.answer([AskItem(0, item.image, prompts)]))
    assert plain is not None and cut is not None
    gone = np.nan_to_num(cut.first_step[:, list(cells)])
    return bool(gone.max() == 0 and np.nanmax(plain.first_step[:, list(cells)]) > 0)


def _has_hidden_states(engine: Engine, item: AskItem) -> bool:
    """Whether a run keeps the answer's state after every layer, each another one."""
    reading = Engine(engine.loaded, max_new_tokens=1, hidden=("answer",))
    [answer] = reading.answer([AskItem(0, item.image, [PromptItem(0, "Is it red?")])])
    states = answer.hidden["answer"]
    moves = np.abs(np.diff(states, axis=0)).max(axis=1)
    n_layers = engine.loaded.config.get_text_config().num_hidden_layers
    return len(states) == n_layers and bool(np.isfinite(states).all() and (moves > 0).all())


def _is_placed(engine: Engine) -> bool:
    try:
        for width, height in SHAPES.values():
            check_layout(engine, width, height)
    except AssertionError:
        return False
    return True
