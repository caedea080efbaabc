"""`relcli ask`: one picture, one question."""

from pathlib import Path
from typing import TYPE_CHECKING

from relcli.cli.declared import Given, declared
from relcli.cli.output import is_unicode, say, talk, write_record
from relcli.options.ask import AskOptions, ShownOptions
from relcli.options.shared import DisplayName, OutputFormat
from relcli.progress.showing import showing
from relcli.visible import visible

if TYPE_CHECKING:
    from relcli.jobs.ask import AskOutcome


@declared(AskOptions, ShownOptions)
def ask(
    options: Given,
    layer: int | None,
    width: int,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """Ask one question about one picture: the answer, how likely each option was, and where the model looked.

    relcli ask --image picture.png "is there a red circle?"

    Nothing is stored.
    """
    from relcli.jobs.ask import ask as job
    from relcli.jobs.ask import layer_map
    from relcli.jobs.ask_request import AskRequest

    request = AskRequest.of(*options)
    with showing(display) as progress:
        reply = job(request, progress)
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
        _show_heat(request.image, heat, layer, width)
    if not reply.options:
        talk("No options were offered, so only the words count; --option adds some.")


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
