"""Which questions of a run are listed."""

from dataclasses import asdict, dataclass
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
class QuestionFilter:
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
