"""A window on a long ordered list: a few pages in hand, the others read when one comes near."""

from collections.abc import Sequence
from typing import Any, Literal

Row = dict[str, Any]
PAGE = 200
_MOST = 3 * PAGE
_NEAR = 60


class Window:
    """Rows in order, and whether there are more on either side. The database does the paging by key; this
    holds at most three pages of it."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.more_before = False
        self.more_after = False

    def reset(self, page: Sequence[Row], at: Literal["start", "end"] = "start") -> None:
        """Begin anew with the first page, or with the last one."""
        self.rows = list(page)
        full = len(page) >= PAGE
        self.more_after, self.more_before = (full, False) if at == "start" else (False, full)

    def append(self, page: Sequence[Row]) -> None:
        """The page after the last row; rows far above it are let go."""
        self.rows.extend(page)
        self.more_after = len(page) >= PAGE
        if len(self.rows) > _MOST:
            del self.rows[: len(self.rows) - _MOST]
            self.more_before = True

    def prepend(self, page: Sequence[Row]) -> None:
        """The page before the first row; rows far below it are let go."""
        self.rows[:0] = page
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
