"""Between the worker's messages and what engines take and give."""

import numpy as np
from PIL import Image

from relcli.analysis.choices import read_choice
from relcli.errors import UsageError
from relcli.jobs.worker_lines import picture_bytes
from relcli.jobs.worker_protocol import CutEdit, Describe, Described, Maps, OneAnswer
from relcli.models.answer_engine import EngineDescription
from relcli.models.edits import Knockout, Steering
from relcli.models.items import Answer, AttentionSummary
from relcli.models.names import EDITED_ROWS
from relcli.options.steer import MOST_STRENGTH
from relcli.scenes.decoding import UndecodableError, decode
from relcli.token_layout import TokenLayout

_LEAST_LOGPROB = -1e9
"""In place of minus infinity, which JSON has no word for; its exponential is 0 as well."""


def picture_of(image: str) -> Image.Image:
    """The picture of a request. Raises UsageError for one that can't be read."""
    try:
        return decode(picture_bytes(image))
    except UndecodableError as problem:
        raise UsageError(problem.message) from None


def described(request: Describe, found: EngineDescription) -> Described:
    """What an engine says of itself, as a reply."""
    return Described(
        id=request.id,
        revision=found.revision,
        weights_hash=found.weights_hash,
        dtype=found.dtype,
        device=found.device,
        prompt_hash=found.prompt_hash,
        n_layers=found.n_layers,
        n_heads=found.n_heads,
        layout=found.layout.name if found.layout else None,
        n_cells=found.layout.n_tokens if found.layout else None,
        grid_height=found.grid.height if found.grid else None,
        grid_width=found.grid.width if found.grid else None,
        attention=found.capabilities.attention,
        edits=found.capabilities.edits,
    )


def edit_of(edit: CutEdit, layout: str, found: EngineDescription) -> Knockout | Steering:
    """The edit for the engine. Raises UsageError for what the model or the picture does not have."""
    if not found.capabilities.edits or None in (found.layout, found.n_layers, found.n_heads):
        raise UsageError("This model's attention can't be cut or steered: load one that lets it be edited.")
    assert found.layout is not None and found.n_layers is not None and found.n_heads is not None
    if layout != found.layout.name:
        raise UsageError(
            f"The model sees this picture as {found.layout.name} cells, not {layout}: count them as it does."
        )
    if edit.rows not in EDITED_ROWS:
        raise UsageError(f"There are no rows {edit.rows!r}: give {', '.join(EDITED_ROWS)}.")
    if not edit.text and not edit.cells:
        raise UsageError("An edit needs cells, or text: name what is to be cut or steered.")
    if edit.strength is not None and (edit.text or not abs(edit.strength) <= MOST_STRENGTH):
        raise UsageError(
            f"A strength goes with cells alone and lies between -{MOST_STRENGTH:g} and {MOST_STRENGTH:g}."
        )
    cells = tuple(sorted(set(edit.cells)))
    heads = edit.heads or ()
    for what, numbers, n in (
        ("cell", cells, found.layout.n_tokens),
        ("layer", [*(edit.layers or ()), *(layer for layer, _ in heads)], found.n_layers),
        ("head", [head for _, head in heads], found.n_heads),
    ):
        if out := [number for number in numbers if not 0 <= number < n]:
            raise UsageError(f"There is no {what} {out[0]}: they are numbered from 0 to {n - 1}.")
    if edit.strength is not None:
        return Steering(cells, edit.strength, edit.layers, edit.rows, edit.heads)
    return Knockout(cells, edit.layers, edit.rows, edit.heads, edit.text)


def one_answer(answer: Answer, options: tuple[str, ...]) -> OneAnswer:
    """An engine's answer as a reply has it, with its reading."""
    return OneAnswer(
        answer=answer.text,
        choice=read_choice(answer.text, options) if options else None,
        option_logprobs=[max(float(value), _LEAST_LOGPROB) for value in answer.option_logprobs],
        n_steps=answer.n_steps,
        truncated=answer.truncated,
        maps=None if answer.attention is None else answer_maps(answer.attention),
    )


def answer_maps(attention: AttentionSummary) -> Maps:
    """The mean over heads and steps of what the answer looked at."""
    return maps_of(
        attention.layout, attention.mean_heads, attention.image_mass, attention.mean_heads_entropy
    )


def maps_of(layout: TokenLayout, weights: np.ndarray, mass: np.ndarray, entropy: np.ndarray) -> Maps:
    """To the warehouse's six decimals. weights: [layers, image tokens]; layers without them have NaN."""
    height, width = layout.raster()
    spread = layout.spread(np.nan_to_num(weights)).reshape(len(weights), -1)
    return Maps(
        height=height,
        width=width,
        layers=spread.round(6).tolist(),
        image_mass=np.nan_to_num(mass.astype("float64")).round(6).tolist(),
        entropy=np.nan_to_num(entropy.astype("float64")).round(6).tolist(),
    )
