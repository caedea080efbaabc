"""`relcli ask`: one picture, one question."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relcli.cli.options import (
    DEFAULT_DB,
    Database,
    Debug,
    Device,
    Display,
    Dtype,
    Endpoint,
    Format,
    MaxNewTokens,
    Model,
    Revision,
    TrustRemoteCode,
    UntestedFamily,
    chosen,
)
from relcli.cli.output import is_unicode, say, talk, write_record
from relcli.cli.session import showing
from relcli.errors import UsageError
from relcli.visible import visible

if TYPE_CHECKING:
    from relcli.jobs.ask import AskOutcome


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="What to ask, in your own words or with lettered options.")],
    image: Annotated[Path, typer.Option(help="The picture, a PNG or JPEG file.")],
    option: Annotated[
        list[str] | None, typer.Option(help="An answer to offer; give it at least twice.")
    ] = None,
    as_typed: Annotated[
        bool, typer.Option("--as-typed", help="Send the bare words, without the study's form.")
    ] = False,
    layer: Annotated[
        int | None,
        typer.Option(help="The heat map of this layer. Default: the mean of all.", show_default=False),
    ] = None,
    width: Annotated[int, typer.Option(help="Columns of the picture in the terminal.", min=8, max=200)] = 48,
    model: Model = "bundled",
    revision: Revision = None,
    dtype: Dtype = None,
    device: Device = None,
    trust_remote_code: TrustRemoteCode = False,
    untested_family: UntestedFamily = False,
    endpoint: Endpoint = None,
    max_new_tokens: MaxNewTokens = 128,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
) -> None:
    """Ask one question about one picture: the answer, how likely each option was, and where the model looked.

    relcli ask --image picture.png "is there a red circle?"

    Nothing is stored.
    """
    _check_options(option or [])
    if endpoint is not None:
        from relcli.jobs.request import refuse_loading_options

        refuse_loading_options(model, chosen(context))
    from relcli.jobs.ask import ask as job
    from relcli.jobs.ask import layer_map

    with showing(display) as progress:
        reply = job(
            image,
            question,
            progress,
            options=option or (),
            as_typed=as_typed,
            model=model,
            revision=revision,
            dtype=dtype,
            device=device,
            max_new_tokens=max_new_tokens,
            trust_remote_code=trust_remote_code,
            untested_family=untested_family,
            endpoint=endpoint,
        )
        heat = None if reply.attention is None else layer_map(reply.attention, layer)
    if format != "table":
        maps = [("heat_map", None if heat is None else heat.tolist()), ("layer_maps", _layer_maps(reply))]
        write_record([*_record(reply), *maps], format)
        return
    means = f"   ({reply.means})" if reply.means and reply.means not in reply.answer else ""
    say(visible(f"{reply.answer}{means}", keep="\n"))
    if reply.probabilities:
        say(_bars(reply))
    if heat is not None:
        _show_heat(image, heat, layer, width)
    if not reply.options:
        talk("No options were offered, so only the words count; --option adds some.")


def _check_options(options: list[str]) -> None:
    """Probabilities are told by the options' words, and so is what an answer means: each stands once."""
    words = [" ".join(option.split()).casefold() for option in options]
    for at, word in enumerate(words):
        if word in words[:at]:
            raise UsageError(f"--option {options[at]!r} is given twice: offer each answer once.")
        if word == "none":
            raise UsageError(f"--option {options[at]!r} is offered anyway, behind the others: omit it.")


def _record(reply: "AskOutcome") -> list[tuple[str, object]]:
    names = [*reply.options, "None"]
    return [
        ("prompt", reply.prompt),
        ("answer", reply.answer),
        ("choice", reply.choice),
        ("means", reply.means),
        ("probabilities", dict(zip(names, reply.probabilities, strict=False))),
    ]


def _layer_maps(reply: "AskOutcome") -> list[list[list[float]]] | None:
    """Mean attention of each layer over the picture, [layers][rows][columns], to six decimals."""
    if reply.attention is None:
        return None
    from numpy import nan_to_num

    layers = nan_to_num(reply.attention.mean_heads.astype("float64"))
    return reply.attention.layout.spread(layers).round(6).tolist()


def _bars(reply: "AskOutcome") -> str:
    from relcli.scenes.vocabulary import LETTERS

    labels = [f"{letter}) {visible(text)}" for letter, text in zip(LETTERS, reply.options, strict=False)]
    labels.append("None")
    wide = max(map(len, labels))
    return "\n".join(
        f"  {label:<{wide}}  {p:6.1%}  {'#' * round(p * 30)}"
        for label, p in zip(labels, reply.probabilities, strict=True)
    )


def _show_heat(image: Path, heat: object, layer: int | None, width: int) -> None:
    import numpy as np
    from rich.columns import Columns
    from rich.console import Console

    from relcli.drawing.half_blocks import half_block_text
    from relcli.drawing.heatmap import overlay, shades
    from relcli.jobs.ask import open_picture

    weights = np.asarray(heat)
    console = Console()
    which = "mean of all layers" if layer is None else f"layer {layer}"
    say(f"\nWhere it looked ({which}; {weights.sum():.1%} of the attention is on the picture):")
    coloured = not console.no_color and console.color_system in ("256", "truecolor")
    if console.is_terminal and is_unicode() and coloured:
        picture = open_picture(image)
        columns = max(8, min(width, (console.width - 3) // 2))
        console.print(
            Columns([half_block_text(picture, columns), half_block_text(overlay(picture, weights), columns)])
        )
    else:
        say(shades(weights))
