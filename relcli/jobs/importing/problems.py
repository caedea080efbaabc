"""What of somebody's files can't be imported: gathered, counted by kind, and told in one sentence."""

from dataclasses import dataclass, field

from relcli.errors import RelcliError
from relcli.progress import Progress


@dataclass(slots=True)
class _Kind:
    count: int
    first: str


@dataclass(slots=True)
class Problems:
    """Problems found so far. A kind is a phrase in the plural ("questions that stand twice")."""

    _kinds: dict[str, _Kind] = field(default_factory=dict)

    def add(self, kind: str, where: str) -> None:
        """Count one; `where` says which, and is shown of the first."""
        known = self._kinds.setdefault(kind, _Kind(0, where))
        known.count += 1

    def count(self, kind: str) -> int:
        """How many there are of one kind."""
        return self._kinds[kind].count if kind in self._kinds else 0

    def __len__(self) -> int:
        return sum(kind.count for kind in self._kinds.values())

    def told(self) -> str:
        """`questions that stand twice: 1 (line 14); ...`"""
        return "; ".join(
            f"{kind}: {known.count:,} ({'first: ' if known.count > 1 else ''}{known.first})"
            for kind, known in self._kinds.items()
        )

    def settle(self, what: str, could: str, partial: bool, progress: Progress) -> None:
        """Raise RelcliError with what is wrong and what could be imported; with `partial` just say it."""
        if not self._kinds:
            return
        if not partial:
            raise RelcliError(
                f"{what} can't be imported whole ({self.told()}): nothing was imported; --partial would take "
                f"in the other {could}."
            )
        for kind, known in self._kinds.items():
            progress.note(f"Left out: {kind}: {known.count:,} (first: {known.first}).")
