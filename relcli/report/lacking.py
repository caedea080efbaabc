"""Why a run has no rows for a figure, as a sentence that names the command which makes some."""

from collections.abc import Mapping
from typing import Any

from relcli.report.catalogue import FigureKind

_UNTOLD = "There are no answers, or no attention, that this could be told from."
_OF_FIGURE = {
    "drop": _UNTOLD,
    "retention": _UNTOLD,
    "cut-layers": "No cut went layer by layer; relcli cut --layers each does that.",
    "patch-layers": "No layer was patched; relcli patch --layers each does that.",
    "steering": "No head was steered; relcli steer does that.",
    "lens": "The run kept no hidden states of the answer; relcli run --hidden answer does.",
    "correctness": "In no category are there ten right answers and ten wrong ones.",
}
_OF_SECTION = {
    "cuts": "Nothing was cut; relcli cut does that.",
    "audit": "None of the flaws that relcli audit counts was found; without annotations it finds few.",
    "probes": "The run was not probed; relcli probe does that.",
    "change": _UNTOLD,
    "attention": _UNTOLD,
}
_OF_PAIRS = ("drop", "retention", "shift", "shift-category", "shift-correctness")


def why_empty(kind: FigureKind, run: Mapping[str, Any]) -> str:
    """What the run lacks for this figure. run: its line as the read `run` gives it."""
    kept = (run["attention"] or "none").split(",")
    if kind.section == "attention" and kept == ["none"]:
        return "The run kept no attention."
    if kind.section == "looking":
        mode = "tokens" if kind.name == "tokens" else "heads"
        if mode not in kept:
            return f"The run kept no {mode}; relcli run --attention {mode} does."
        return f"The {mode} kept have nothing on what is asked about."
    if kind.name in _OF_PAIRS and "masked" not in (run["variants"] or ()):
        return "No masked pictures were asked about; relcli run --variants raw,masked does."
    nothing = _OF_SECTION.get(kind.section, "There is nothing of this in the run.")
    return _OF_FIGURE.get(kind.name, nothing)
