"""What someone asks of `relcli steer`."""

import math

from relcli.errors import UsageError
from relcli.jobs.experiment_steps import check_experiment_name, experiment_name
from relcli.options.reading import Request, validated
from relcli.options.steer import SteerOptions


@validated(frozen=True)
class SteerRequest(Request, SteerOptions):
    """The options of `relcli steer`, validated.

    variants: None takes the run's. control: None draws 3.
    Raises UsageError for values that no run could have.
    """

    def __post_init__(self) -> None:
        check_experiment_name(self.name)
        if not math.isfinite(self.strength) or self.strength == 0:
            raise UsageError("--strength must be a number other than 0: 0 changes nothing.")
        if self.variants is not None and not self.variants:
            raise UsageError("No variant is named: give --variants some, or leave it out.")

    @property
    def experiment(self) -> str:
        """The name, made from the rest unless one was given."""
        if self.name:
            return self.name
        parts = ["steer", self.to, f"{self.strength:g}", f"heads-{self.heads}"]
        parts += [self.source] * (self.source != "question") + [f"seed-{self.seed}"] * (self.seed != 0)
        return experiment_name(parts)
