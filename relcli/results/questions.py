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
    "": "any change",
    "flipped": "flipped raw/masked",
    "lost": "right raw, wrong masked",
    "gained": "wrong raw, right masked",
}
FLAWED = {"": "any flaws", "yes": "flawed only", "no": "clean only", "ambiguous": "ambiguous only"}
MARKED = {"": "any marks", "yes": "marked only"}
SORTS = {"": "by scene", "unsure": "least sure first", "sure": "most sure first", "category": "by category"}


@dataclass(slots=True)
class QuestionFilter:
    """Which questions of a run are listed. Empty strings stand for `any`.

    variant: the variant whose answers `status` and `sort` speak of; text: words looked for in question and
    answers; marked: also those with a note; sort: a name in `SORTS`, by the probability of the option chosen.
    """

    category: str = ""
    variant: str = "raw"
    status: str = ""
    change: str = ""
    flawed: str = ""
    text: str = ""
    marked: str = ""
    sort: str = ""

    def params(self) -> dict[str, Any]:
        """As the reads take them: NULL for any."""
        return {name: value or None for name, value in asdict(self).items()}

    def clear(self) -> None:
        """Let everything through again; the variant and the order stay."""
        self.category = self.status = self.change = self.flawed = self.text = self.marked = ""

    @property
    def narrowed(self) -> bool:
        return any((self.category, self.status, self.change, self.flawed, self.text, self.marked))
