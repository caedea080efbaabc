"""Which questions of a run are listed."""

from dataclasses import asdict, dataclass
from typing import Any

from relcli.errors import UsageError
from relcli.results.finding import wanted

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
DIFFER = {
    "": "any difference",
    "both": "answered by both runs",
    "answer": "another answer",
    "correct": "one right, one wrong",
}
SORTS = {
    "": "by scene",
    "unsure": "least sure first",
    "sure": "most sure first",
    "moved": "attention moves most",
    "grounded": "best grounded first",
    "ungrounded": "worst grounded first",
    "category": "by category",
}
SORT_WORDS = {
    "": "scene and question, as asked",
    "unsure": "confidence: probability of the option chosen, least first",
    "sure": "confidence: probability of the option chosen, most first",
    "moved": "shift: how far attention moves from raw to masked, farthest first",
    "grounded": "grounding: attention on what is asked about less chance, most first",
    "ungrounded": "grounding: attention on what is asked about less chance, least first",
    "category": "category, then scene",
}


@dataclass(slots=True)
class QuestionFilter:
    """Which questions of a run are listed. Empty strings stand for `any`.

    variant: the variant whose answers `status`, `differ` and `sort` speak of; text: words looked for in
    question and answers, and properties of the scene (`relcli.results.finding`); marked: also those with a
    note; sort: a name in `SORTS`; differ: a name in `DIFFER`, against `other`, the run compared with.
    """

    category: str = ""
    variant: str = "raw"
    status: str = ""
    change: str = ""
    flawed: str = ""
    text: str = ""
    marked: str = ""
    sort: str = ""
    differ: str = ""
    other: str = ""

    def params(self) -> dict[str, Any]:
        """As the reads take them: NULL for any."""
        return {name: value or None for name, value in asdict(self).items()} | wanted(self.text).params()

    def clear(self) -> None:
        """Let everything through again; the variant and the order stay."""
        self.category = self.status = self.change = self.flawed = self.text = self.marked = ""
        self.differ = ""

    @property
    def narrowed(self) -> bool:
        return any(
            (self.category, self.status, self.change, self.flawed, self.text, self.marked, self.differ)
        )


def parse_question(text: str) -> tuple[int, int]:
    """(scene_id, question_index) of `12.3`. Raises UsageError for anything else."""
    scene, dot, index = text.partition(".")
    if not (dot and scene.isdecimal() and index.isdecimal() and len(text) < 20):
        raise UsageError(f"--question takes SCENE.INDEX, such as 12.3, not {text!r}.")
    return int(scene), int(index)
