"""What is open: shared by all screens, so that going from one to the next keeps the place."""

from dataclasses import dataclass, field

from relcli.results.questions import QuestionFilter


@dataclass(slots=True)
class Selection:
    """run: the run open; other: the one it is compared with; key: (scene_id, question_index) of the question
    open; layer: the one whose attention is looked at (None: all)."""

    run: str | None = None
    other: str | None = None
    key: tuple[int, int] | None = None
    layer: int | None = None
    filter: QuestionFilter = field(default_factory=QuestionFilter)

    def open_run(self, run: str) -> None:
        """Look at another run. The filter stays, since one often asks the same of two runs."""
        if run != self.run:
            self.run, self.key = run, None
            if self.other == run:
                self.other = None
