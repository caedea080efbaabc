"""What is to be probed and how, as `relcli probe` takes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from relcli.analysis.probing.labels import LABELS, choose_labels
from relcli.analysis.probing.layers import parse_layers
from relcli.analysis.probing.splits import Protocol, Split, SplitPlan
from relcli.errors import UsageError
from relcli.jobs.probe import Features, ProbeRequest, Variant

FEATURES: tuple[str, ...] = get_args(Features)
PICTURES: tuple[str, ...] = get_args(Variant)
SPLITS: tuple[str, ...] = get_args(Split)
PROTOCOLS: tuple[str, ...] = get_args(Protocol)
ALL_LAYERS = "each,all"
_USUAL, _PLAN = ProbeRequest(), SplitPlan()
_FOLDS = range(2, 51)


@dataclass(frozen=True, slots=True)
class Probing:
    """The options of `relcli probe` as a form has them: text. Empty category and label stand for all, an
    empty split for the protocol's own."""

    category: str = ""
    label: str = ""
    layers: str = ALL_LAYERS
    features: str = _USUAL.features
    variant: str = _USUAL.variant
    split: str = ""
    protocol: str = _PLAN.protocol
    folds: str = str(_PLAN.folds)
    seed: str = str(_PLAN.seed)

    def check(self) -> None:
        """Raises UsageError for what `relcli probe` would refuse."""
        categories = (self.category,) if self.category else tuple(LABELS)
        choose_labels(categories, (self.label,) if self.label else ())
        parse_layers(self.layers)
        if not self.seed.isdecimal():
            raise UsageError(f"The seed is a whole number from 0 up; {self.seed!r} is none.")
        if self.protocol == _PLAN.protocol and not (self.folds.isdecimal() and int(self.folds) in _FOLDS):
            raise UsageError(f"Folds are a number from {_FOLDS[0]} to {_FOLDS[-1]}; {self.folds!r} is none.")

    def arguments(self, run: str) -> list[str]:
        """The words after `relcli`, without the options that have their default."""
        defaults = Probing()
        argv = ["probe", "--run", run]
        for name in (
            "category",
            "label",
            "layers",
            "features",
            "variant",
            "split",
            "protocol",
            "folds",
            "seed",
        ):
            value = getattr(self, name)
            of_another_protocol = name == "folds" and self.protocol != _PLAN.protocol
            if value != getattr(defaults, name) and not of_another_protocol:
                argv += [f"--{name}", value]
        return argv

    @property
    def title(self) -> str:
        return f"probe {self.label or self.category or 'all labels'}"


def labels_of(category: str) -> tuple[str, ...]:
    """The labels of a category; of all of them for none."""
    if category:
        return LABELS[category]
    return tuple(dict.fromkeys(label for labels in LABELS.values() for label in labels))


def way_words(row: Mapping[str, Any]) -> str:
    """How a probe was made, in words; `row` as the read `probe_list` gives it."""
    folds = f"{row['folds']} folds" if row["folds"] else "one split"
    how = f"{row['features']} · {row['variant']} · split by {row['split']}"
    return f"{how} · {row['protocol']} protocol, {folds}, seed {row['seed']}"
