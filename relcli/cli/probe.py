"""`relcli probe`: what can be read off the attention."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from relcli.cli.options import (
    DEFAULT_DB,
    Categories,
    Database,
    Debug,
    Display,
    Format,
    check_categories,
    chosen,
    split_commas,
)
from relcli.cli.output import talk, write_rows
from relcli.cli.session import showing
from relcli.cli.tables import sql_command
from relcli.errors import UsageError


def probe(
    context: typer.Context,
    run: Annotated[
        str | None, typer.Option(help="The run to probe. Default: the newest with attention.")
    ] = None,
    category: Categories = None,
    label: Annotated[
        list[str] | None,
        typer.Option(help="Only this label, such as source_shape; may be given again. Default: all."),
    ] = None,
    layers: Annotated[
        str, typer.Option(help="each layer alone, all side by side, or a list such as 0,4,8-11.")
    ] = "each,all",
    features: Annotated[
        Literal["mean_heads", "first_step", "last_step"],
        typer.Option(help="Mean over heads: of all steps, of the first token's, or of the last's."),
    ] = "mean_heads",
    row: Annotated[
        Literal["answer", "target", "target_next", "stem_end", "options"],
        typer.Option(help="Whose attention, of those the run keeps (relcli run --rows)."),
    ] = "answer",
    variant: Annotated[
        Literal["raw", "masked"], typer.Option(help="The pictures the answers are about.")
    ] = "raw",
    split: Annotated[
        Literal["scene", "row"] | None,
        typer.Option(
            help="Keep the questions on a picture on one side, or split row by row. Default: scene; with "
            "--protocol seed, row.",
            show_default=False,
        ),
    ] = None,
    protocol: Annotated[
        Literal["relcli", "seed"],
        typer.Option(help="Cross-validation with controls, or the study's one 80/20 split without."),
    ] = "relcli",
    folds: Annotated[int, typer.Option(help="Folds of the cross-validation.", min=2, max=50)] = 5,
    seed: Annotated[
        int, typer.Option(help="Of the folds, shuffles and permutations.", min=0, max=2**31 - 1)
    ] = 0,
    shuffles: Annotated[
        int, typer.Option(help="Shuffled labellings fitted beside each label.", min=1, max=1000)
    ] = 5,
    permutations: Annotated[
        int, typer.Option(help="Permutations of the test over layers; 0 for no test.", min=0, max=100_000)
    ] = 999,
    db: Database = DEFAULT_DB,
    format: Format = "table",
    display: Display = "auto",
    debug: Debug = False,
) -> None:
    """Fit linear probes: can a label, such as the colour asked for, be read off the attention of a layer?

    Each accuracy stands beside what the commonest class, shuffled labels and the prompt's words alone reach,
    with its standard error over folds. The table shows each label with its layer chosen in inner folds, and
    p after Holm's correction for all labels: of the best of all layers under permuted labels, and of both
    controls. ✓ marks p up to 0.05. probe_by_layer has every layer.

    relcli probe --protocol seed --layers all     repeats the study's own table
    """
    categories = check_categories(category)
    if protocol == "seed":
        for name in ("folds", "shuffles", "permutations"):
            if name in chosen(context):
                raise UsageError(
                    f"--{name} goes with --protocol relcli; the study's has one split and no controls."
                )
    if row != "answer" and "features" in chosen(context):
        raise UsageError(f"--features goes with --row answer; {row} has one step.")
    labels = tuple(name for text in label or [] for name in split_commas(text))
    from relcli.analysis.probing.labels import choose_labels
    from relcli.analysis.probing.layers import parse_layers
    from relcli.analysis.probing.splits import SplitPlan

    plan = SplitPlan(
        split or ("row" if protocol == "seed" else "scene"), protocol, folds, seed, shuffles, permutations
    )
    wanted = parse_layers(layers)
    choose_labels(categories, labels)
    from relcli.jobs.probe import ProbeRequest
    from relcli.jobs.probe import probe as job

    request = ProbeRequest(run, categories, labels, wanted, features, variant, plan, row)
    with showing(display) as progress:
        outcome = job(db, request, progress)
    if display != "jsonl":
        write_probe_table(db, outcome.run, outcome.probe, outcome.labels, format)


def write_probe_table(db: Path, run: str, probe: str, labels: tuple[str, ...], form: str) -> None:
    """The layer chosen for each label of one sweep, its controls and its test."""
    from relcli.analysis.probing.labels import LABELS
    from relcli.warehouse.reads import read

    rows = read(db, "probe_table", run=run, probe=probe, labels=list(labels))
    order = [(category, label) for category, names in LABELS.items() for label in names]
    records = sorted(rows.as_dicts(), key=lambda record: order.index((record["category"], record["label"])))
    if form in ("table", "markdown"):
        own = "-relcli-" in probe
        controls = ("majority", "shuffled", "prompt_only") if own else ("majority",)
        shared = ["category", "label", "classes", "n", "layer", "accuracy", *controls]
        names = [*shared, *(["p"] if own else []), "right", "wrong", "all layers"]
        write_rows(names, [_line(record, controls, own) for record in records], form)
        talk(f"\nEvery layer: {sql_command('probe_by_layer', run=run, probe=probe)}")
    else:
        write_rows(rows.columns, [list(record.values()) for record in records], form)


def _line(record: dict[str, Any], controls: tuple[str, ...], tested: bool) -> list[Any]:
    return [
        record["category"],
        record["label"],
        record["n_classes"],
        record["n"],
        "all" if record["layer"] is None else record["layer"],
        _share(record["accuracy"], record["se"]),
        *(_share(record[name], record[f"{name}_sd"] if name == "shuffled" else None) for name in controls),
        *([_p(record["p_holm"], record["beats_controls"])] if tested else []),
        _subset(record["accuracy_right"], record["n_right"]),
        _subset(record["accuracy_wrong"], record["n_wrong"]),
        _share(record["all_layers"], record["all_layers_se"]),
    ]


def _p(p: float | None, beats: bool | None) -> str:
    """The corrected p, and the tick."""
    if p is None:
        return ""
    return f"{p:.3f} ✓" if beats else f"{p:.3f}"


def _share(value: float | None, se: float | None = None) -> str:
    """An accuracy, with its standard error over folds or its standard deviation over shuffles."""
    if value is None:
        return ""
    return f"{value:.3f}" if se is None else f"{value:.3f} ± {se:.3f}"


def _subset(accuracy: float | None, n: int | None) -> str:
    """On right or wrong answers: how many there are, and the accuracy where they are enough."""
    return f"({n or 0})" if accuracy is None else f"{accuracy:.3f} ({n})"
