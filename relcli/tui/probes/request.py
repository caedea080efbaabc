"""What is to be probed and how, as `relcli probe` takes it."""

from collections.abc import Mapping
from typing import Any

from relcli import captures
from relcli.analysis.probing import labels
from relcli.options.argv import argv, changed
from relcli.options.probe import ProbeOptions


def arguments(run: str, values: Mapping[str, Any]) -> list[str]:
    """The words after `relcli`, without the options that have their default. values: by field name."""
    return ["probe", "--run", run, *argv(ProbeOptions, _of_the_protocol(values))]


def check(values: Mapping[str, Any]) -> None:
    """Raises UsageError for what `relcli probe` would refuse before it looks into the warehouse."""
    from relcli.jobs.probe_request import ProbeRequest

    values = _of_the_protocol(values)
    ProbeRequest(**values, given=frozenset(each.name for each in changed(ProbeOptions, values)))


def _of_the_protocol(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without folds where the protocol has none: in a form the field stays."""
    seed = values.get("protocol") == "seed"
    return {name: value for name, value in values.items() if not (seed and name == "folds")}


def title(category: str, label: str) -> str:
    """What its job is called."""
    return f"probe {label or category or 'all labels'}"


def labels_of(category: str) -> tuple[str, ...]:
    """The labels of a category; of all of them for none."""
    if category:
        return labels.labels_of(category)
    return tuple(dict.fromkeys(label for each in labels.LABELS.values() for label in each))


def features_words(features: str) -> str:
    """What a probe reads, in words, from the column `features`: attention, hidden states, or either of a row
    of the question."""
    if features in captures.VECTORS:
        return f"attention, {captures.VECTORS[features].words}"
    if features == captures.HIDDEN:
        return "hidden states"
    row = features.removeprefix(f"{captures.HIDDEN}_")
    what = "attention" if row == features else "hidden states"
    return f"{what} of the {row.replace('_', ' ')} row"


def way_words(row: Mapping[str, Any]) -> str:
    """How a probe was made, in words; `row` as the read `probe_list` gives it."""
    folds = f"{row['folds']} folds" if row["folds"] else "one split"
    how = f"{features_words(row['features'])} · {row['variant']} · split by {row['split']}"
    return f"{how} · {row['protocol']} protocol, {folds}, seed {row['seed']}"
