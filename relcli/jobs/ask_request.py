"""What someone asks of `relcli ask`."""

from relcli.errors import UsageError
from relcli.jobs.request import refuse_loading_options
from relcli.options.ask import AskOptions
from relcli.options.reading import Request, validated


@validated(frozen=True)
class AskRequest(Request, AskOptions):
    """The options of `relcli ask`, validated.

    A question that brings its own lettered options is sent as it is. Others are put in the study's form with
    `options`, or with Yes and No if they start like a yes-or-no question. `as_typed` sends the bare words.
    Raises UsageError for options that make no sense, alone or together.
    """

    def __post_init__(self) -> None:
        self._check_options()
        if self.endpoint is not None:
            refuse_loading_options(self.model, self.given)

    def _check_options(self) -> None:
        """Probabilities are told by the options' words, and so is what an answer means: each stands once."""
        if len(self.options) == 1:
            raise UsageError("One --option leaves nothing to choose: give at least two, or none.")
        words = [" ".join(option.split()).casefold() for option in self.options]
        for at, word in enumerate(words):
            if word in words[:at]:
                raise UsageError(f"--option {self.options[at]!r} is given twice: offer each answer once.")
            if word == "none":
                raise UsageError(
                    f"--option {self.options[at]!r} is offered anyway, behind the others: leave it away."
                )
