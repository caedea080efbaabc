"""What is being looked at: shared by all screens, so that going from one to the next keeps the place."""

from dataclasses import asdict, dataclass, field
from typing import Any

STATUSES = {
    "": "all answers",
    "wrong": "wrong",
    "right": "right",
    "unreadable": "unreadable",
}
CHANGES = {
    "": "flipped or not",
    "flipped": "flipped raw/masked",
    "lost": "right raw, wrong masked",
    "gained": "wrong raw, right masked",
}
FLAWED = {"": "flawed or not", "yes": "flawed only", "no": "clean only", "ambiguous": "ambiguous only"}


@dataclass(slots=True)
class Filter:
    """Which questions of a run are listed. Empty strings stand for `any`.

    variant: the variant whose answers `status` speaks of; text: words looked for in question and answers.
    """

    category: str = ""
    variant: str = "raw"
    status: str = ""
    change: str = ""
    flawed: str = ""
    text: str = ""

    def params(self) -> dict[str, Any]:
        """As the reads take them: NULL for any."""
        return {name: value or None for name, value in asdict(self).items()}

    def clear(self) -> None:
        """Let everything through again; the variant stays."""
        self.category = self.status = self.change = self.flawed = self.text = ""

    @property
    def narrowed(self) -> bool:
        return any((self.category, self.status, self.change, self.flawed, self.text))


@dataclass(slots=True)
class Looking:
    """run: the run open; other: the one it is compared with; key: (scene_id, question_index) of the question
    open; layer: the one whose attention is looked at (None: all); filter_set: counts up when another screen
    sets the filter."""

    run: str | None = None
    other: str | None = None
    key: tuple[int, int] | None = None
    layer: int | None = None
    filter: Filter = field(default_factory=Filter)
    filter_set: int = 0

    def open_run(self, run: str) -> None:
        """Look at another run. The filter stays, since one often asks the same of two runs."""
        if run != self.run:
            self.run, self.key = run, None
            if self.other == run:
                self.other = None
