"""Which layers are probed: each alone, all side by side, or both."""

from collections.abc import Sequence
from dataclasses import dataclass

from relcli.errors import UsageError


@dataclass(frozen=True, slots=True)
class Layers:
    """`each` layer alone, `together` all side by side, and single layers by `numbers` (from 0)."""

    each: bool = True
    together: bool = True
    numbers: tuple[int, ...] = ()

    def among(self, known: Sequence[int]) -> tuple[tuple[int, ...], bool]:
        """The layers to probe alone, and whether to probe all side by side. Raises UsageError for a layer the
        run doesn't have."""
        for number in self.numbers:
            if number not in known:
                raise UsageError(f"The run has no layer {number}: --layers takes {known[0]} to {known[-1]}.")
        return (tuple(known) if self.each else self.numbers), self.together


def parse_layers(text: str) -> Layers:
    """`all`, `each`, numbers and ranges, joined by commas: `each,all`, `0,4,8-11`. Raises UsageError."""
    each = together = False
    numbers: list[int] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        first, _, last = part.partition("-")
        if part == "each":
            each = True
        elif part == "all":
            together = True
        elif first.isdecimal() and (last or first).isdecimal() and int(first) <= int(last or first) < 10_000:
            numbers += range(int(first), int(last or first) + 1)
        else:
            raise UsageError(
                f"--layers takes all, each, or layers such as 0,4,8-11; {part!r} is none of them."
            )
    if not (each or together or numbers):
        raise UsageError("--layers takes all, each, or layers such as 0,4,8-11.")
    return Layers(each, together, tuple(dict.fromkeys(numbers)))
