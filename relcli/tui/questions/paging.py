"""A window on a long ordered list: a few pages in hand, the others read when one comes near."""

from collections.abc import Sequence
from typing import Any, Literal

Row = dict[str, Any]
PAGE = 100
_MOST = 6 * PAGE
_NEAR = 40


class Window:
    """Rows in order, and whether there are more on either side. The database does the paging by key; this
    holds at most six pages of it. first: how many rows of the whole list come before the first in hand."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.first = 0
        self.more_before = False
        self.more_after = False

    def reset(self, page: Sequence[Row], first: int = 0, total: int | None = None) -> None:
        """Begin anew with a page that `first` rows come before, of `total` (None: full pages go on)."""
        self.rows, self.first = list(page), first
        self.more_before = first > 0
        self.more_after = len(page) >= PAGE if total is None else first + len(page) < total

    def append(self, page: Sequence[Row]) -> None:
        """The page after the last row; rows far above it are let go."""
        self.rows.extend(page)
        self.more_after = len(page) >= PAGE
        if len(self.rows) > _MOST:
            gone = len(self.rows) - _MOST
            del self.rows[:gone]
            self.first += gone
            self.more_before = True

    def prepend(self, page: Sequence[Row]) -> None:
        """The page before the first row; rows far below it are let go."""
        self.rows[:0] = page
        self.first = max(0, self.first - len(page))
        self.more_before = len(page) >= PAGE
        if len(self.rows) > _MOST:
            del self.rows[_MOST:]
            self.more_after = True

    def wants(self, place: int) -> Literal["before", "after"] | None:
        """Which page to read when the cursor stands at `place`."""
        if self.more_after and place >= len(self.rows) - _NEAR:
            return "after"
        if self.more_before and place < _NEAR:
            return "before"
        return None
