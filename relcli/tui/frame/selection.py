"""What is open: shared by all screens, so that going from one to the next keeps the place."""

from dataclasses import dataclass, field

from relcli.results.questions import QuestionFilter


@dataclass(slots=True)
class Selection:
    """run: the run open; key: (scene_id, question_index) of the question open; layer: the one whose
    attention is looked at (None: all)."""

    run: str | None = None
    key: tuple[int, int] | None = None
    layer: int | None = None
    filter: QuestionFilter = field(default_factory=QuestionFilter)

    @property
    def other(self) -> str | None:
        """The run that this one is compared with, on every screen."""
        return self.filter.other or None

    @other.setter
    def other(self, run: str | None) -> None:
        self.filter.other = run or ""
        if run is None:
            self.filter.differ = ""

    def open_run(self, run: str) -> None:
        """Look at another run. The filter stays, since one often asks the same of two runs."""
        if run != self.run:
            self.run, self.key = run, None
            if self.other == run:
                self.other = None
