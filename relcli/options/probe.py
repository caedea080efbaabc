"""The options of `relcli probe`."""

from dataclasses import dataclass

from relcli.analysis.probing.names import Protocol, Split
from relcli.captures import ProbedFeatures, QueryRow
from relcli.inputs import LARGEST_INTEGER
from relcli.options.data import CategoryOptions, answered_variant
from relcli.options.declaration import option


@dataclass(frozen=True, kw_only=True)
class _Run:
    run: str | None = option(None, "The run to probe.", empty="the newest with attention")


@dataclass(frozen=True, kw_only=True)
class _What:
    labels: tuple[str, ...] = option(
        (),
        "Only this label, such as source_shape; may be given again. correct: whether the answer is right.",
        key="label",
        several="repeated",
        empty="all",
        form="main",
    )
    layers: str = option(
        "each,all",
        "each layer alone, all side by side, or a list such as 0,4,8-11.",
        form="main",
    )
    features: ProbedFeatures = option(
        "mean_heads",
        "Attention, mean over heads: of all steps, of the first token's, or of the last's; or the hidden "
        "states (relcli run --hidden).",
        form="main",
    )
    row: QueryRow = option(
        "answer", "Whose, of those the run keeps (relcli run --rows, --hidden).", form="main"
    )
    variant: str = answered_variant(form="main", label="picture")


@dataclass(frozen=True, kw_only=True)
class _How:
    split: Split | None = option(
        None,
        "Keep the questions on a picture on one side, or split row by row. By protocol is scene; for the "
        "study's, row.",
        empty="by protocol",
        form="main",
    )
    protocol: Protocol = option(
        "relcli",
        "Cross-validation with controls, or the study's one 80/20 split without.",
        form="main",
    )
    folds: int = option(5, "Folds of the cross-validation.", least=2, most=50, form="main")
    seed: int = option(
        0, "Of the folds, shuffles and permutations.", least=0, most=LARGEST_INTEGER, form="main"
    )
    shuffles: int = option(5, "Shuffled labellings fitted beside each label.", least=1, most=1000)
    permutations: int = option(
        999, "Permutations of the test over layers; 0 for no test.", least=0, most=100_000
    )


@dataclass(frozen=True, kw_only=True)
class ProbeOptions(_Run, CategoryOptions, _What, _How):
    """labels: none named are all of the categories'."""
