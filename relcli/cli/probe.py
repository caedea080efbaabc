"""`relcli probe`: what can be read off the attention."""

from pathlib import Path
from typing import Any

from relcli.cli.declared import Given, declared
from relcli.cli.output import talk, write_rows
from relcli.cli.tables import sql_command
from relcli.options.probe import ProbeOptions
from relcli.options.shared import DisplayName, OutputFormat
from relcli.progress.showing import showing


@declared(ProbeOptions)
def probe(
    options: Given,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """Fit linear probes: can a label, such as the colour asked for, be read off the attention of a layer, or
    off its hidden states (--features hidden)?

    Each accuracy stands beside what the commonest class, shuffled labels and the prompt's words alone reach,
    with its standard error over folds. The table shows each label with its layer chosen in inner folds, and
    p after Holm's correction for all labels: of the best of all layers under permuted labels, and of both
    controls. ✓ marks p up to 0.05. probe_by_layer has every layer.

    relcli probe --features hidden --label correct     can one see from inside that an answer is wrong?

    relcli probe --protocol seed --layers all     repeats the study's own table
    """
    from relcli.jobs.probe import probe as job
    from relcli.jobs.probe_request import ProbeRequest

    request = ProbeRequest.of(*options)
    with showing(display) as progress:
        outcome = job(db, request, progress)
    if display != "jsonl":
        write_probe_table(db, outcome.run, outcome.probe, outcome.labels, format)


def write_probe_table(db: Path, run: str, probe: str, labels: tuple[str, ...], form: str) -> None:
    """The layer chosen for each label of one sweep, its controls and its test."""
    from relcli.analysis.probing.labels import LABELS
    from relcli.warehouse.reads import read

    rows = read(db, "probe_table", run=run, probe=probe, labels=list(labels))
    pairs = [(category, label) for category, names in LABELS.items() for label in names]
    order = {pair: place for place, pair in enumerate(pairs)}
    records = sorted(
        rows.as_dicts(),
        key=lambda record: order.get((record["category"], record["label"]), len(order)),
    )
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
