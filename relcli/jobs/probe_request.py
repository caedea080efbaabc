"""What `relcli probe` is asked for, validated."""

from relcli.analysis.probing.labels import choose_labels
from relcli.analysis.probing.layers import parse_layers
from relcli.analysis.probing.splits import SplitPlan
from relcli.captures import HIDDEN
from relcli.errors import UsageError
from relcli.options.probe import ProbeOptions
from relcli.options.reading import Request, validated


@validated(frozen=True)
class ProbeRequest(Request, ProbeOptions):
    """The options of `relcli probe`, validated: what to probe and how.

    Raises UsageError for labels and layers that can't be read, and options that the protocol lacks.
    """

    def __post_init__(self) -> None:
        if self.protocol == "seed":
            for name in ("folds", "shuffles", "permutations"):
                if name in self.given:
                    raise UsageError(
                        f"--{name} goes with --protocol relcli; the study's has one split and no controls."
                    )
        if self.row != "answer" and "features" in self.given and self.features != HIDDEN:
            raise UsageError(f"--features goes with --row answer; {self.row} has one step.")
        together = parse_layers(self.layers).together
        if self.features == HIDDEN and together:
            if "layers" in self.given:
                raise UsageError(
                    "Hidden states are read layer by layer, never all side by side: --layers takes each, or "
                    "layers such as 0,4,8-11."
                )
            object.__setattr__(self, "layers", "each")
        choose_labels(self.categories, self.labels)

    @property
    def plan(self) -> SplitPlan:
        """How probes are fitted and scored."""
        split = self.split or ("row" if self.protocol == "seed" else "scene")
        return SplitPlan(split, self.protocol, self.folds, self.seed, self.shuffles, self.permutations)

    @property
    def probed(self) -> str:
        """The vector probed: one of the answer's, or that of a row of the question's, which has no other; of
        hidden states `hidden` or, such as, `hidden_target`."""
        if self.features == HIDDEN:
            return HIDDEN if self.row == "answer" else f"{HIDDEN}_{self.row}"
        return self.features if self.row == "answer" else self.row

    @property
    def probe(self) -> str:
        """The name results are kept under; the same settings, the same name."""
        parts = [self.probed, self.variant, self.plan.split, self.plan.protocol]
        if self.plan.protocol == "relcli":
            parts.append(f"{self.plan.folds}fold")
        return "-".join([*parts, str(self.plan.seed)])
