"""Pages of a run's questions, from a copy in memory while nobody has written to the warehouse since."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.results import PATIENCE_S

if TYPE_CHECKING:
    from relcli.warehouse.question_copy import QuestionCopy

Page = list[dict[str, Any]]
BY_ATTENTION = ("moved", "grounded", "ungrounded")
"""Orders for which the file is read once more."""


class QuestionPages:
    """Reads pages for one database file: from the copy where there is a fresh one of these runs, else from
    the file. `prepare` makes the copy. Threads may share it."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._copy: QuestionCopy | None = None
        self._tried: tuple[Any, ...] = ()
        self._making = threading.Lock()

    def read(self, **params: Any) -> Page:
        """The read `question_page`. An order by attention makes the copy first: the file would have it worked
        out again for every page. Raises RelcliError."""
        from relcli.warehouse.reads import read

        run, other = params["run"], params.get("other")
        copy = (self.prepare if params.get("sort") in BY_ATTENTION else self._fresh)(run, other)
        if copy is not None:
            return copy.page(**params).as_dicts()
        return read(self._database, "question_page", timeout_s=PATIENCE_S, **params).as_dicts()

    def prepare(self, run: str, other: str | None, order: str = "") -> "QuestionCopy | None":
        """Have a copy of the run's questions with what that order needs; None where there can't be one.
        Raises RelcliError."""
        copy = self._prepared(run, other)
        if copy is not None:
            copy.place(order)
        return copy

    def _prepared(self, run: str, other: str | None) -> "QuestionCopy | None":
        from relcli.warehouse.opening import stamp
        from relcli.warehouse.question_copy import copy_questions

        with self._making:
            if (copy := self._fresh(run, other)) is not None:
                return copy
            if self._tried == (tried := (run, other, stamp(self._database))):
                return None
            self._copy = copy_questions(self._database, run, other, timeout_s=PATIENCE_S)
            self._tried = tried
            return self._copy

    def is_copied(self, run: str, other: str | None) -> bool:
        """Pages of the run come from memory, beside the answers of the run `other`."""
        return self._fresh(run, other) is not None

    def _fresh(self, run: str, other: str | None) -> "QuestionCopy | None":
        copy = self._copy
        if copy is None or copy.run != run or other not in (None, copy.other) or not copy.fresh:
            return None
        return copy
