"""From question to question of a run, and from failure to failure: the next are read before somebody asks."""

import asyncio
from contextlib import suppress
from functools import partial

from relcli.errors import RelcliError
from relcli.results.question import QuestionKey
from relcli.results.questions import QuestionFilter
from relcli.tui.frame.awaited import Coming
from relcli.tui.question.reader import DRAWN_S, QuestionReader

_Place = tuple[str, QuestionKey, QuestionFilter]
_Way = tuple[bool, bool]  # back, failures
_WAYS: tuple[_Way, ...] = ((False, True), (False, False), (True, True), (True, False))


class FailureNavigator:
    """Knows where one stands, and which questions and failures lie on both sides of it.

    `stand` says where one is and begins to look ahead; `step` continues from there.
    """

    def __init__(self, question_reader: QuestionReader) -> None:
        self._question_reader = question_reader
        self._place: _Place | None = None
        self._arrived: tuple[_Place, dict[_Way, QuestionKey]] | None = None
        self._is_failure = False  # what was arrived at, as far as that is known
        self._known: dict[_Way, QuestionKey | None] = {}
        self._finding: Coming[_Way, QuestionKey | None] = _finding()
        self._ahead: asyncio.Task[None] | None = None

    def stand(self, run: str, key: QuestionKey, chosen: QuestionFilter) -> None:
        """Here somebody looks now."""
        self.stop()
        self._place, self._known, self._finding = (run, key, chosen), {}, _finding()
        if self._arrived is not None and self._arrived[0] == self._place:
            self._known.update(self._arrived[1])
        self._ahead = asyncio.create_task(self._look_ahead(self._place), name="look ahead")

    def stop(self) -> None:
        """Look ahead no further."""
        if self._ahead is not None:
            self._ahead.cancel()
            self._ahead = None

    async def step(
        self, run: str, key: QuestionKey | None, chosen: QuestionFilter, *, back: bool, failures: bool
    ) -> QuestionKey | None:
        """The next (or previous) failure or question; None at the end. Raises RelcliError."""
        place, way = None if key is None else (run, key, chosen), (back, failures)
        if place is not None and place == self._place:
            near = await self._near(place, way)
        else:
            near = await self._question_reader.beside(run, key, chosen, back=back, failures=failures)
        if near is not None and place is not None and key is not None:
            # Each is the other's neighbour; of failures, if the one that is left is a failure as well.
            mutual = not failures or (
                self._is_failure and self._arrived is not None and self._arrived[0] == place
            )
            self._arrived = (run, near, chosen), ({(not back, failures): key} if mutual else {})
            self._is_failure = failures
        return near

    async def _near(self, place: _Place, way: _Way) -> QuestionKey | None:
        """What lies that way of here; being looked for already, it is waited for: twice would take longer."""
        if way in self._known:
            return self._known[way]
        run, key, chosen = place
        back, failures = way
        find = partial(self._question_reader.beside, run, key, chosen, back=back, failures=failures)
        finding = self._finding
        near = await finding.get(way, find)
        if finding is self._finding:
            self._known[way] = near
        return near

    async def _look_ahead(self, place: _Place) -> None:
        await asyncio.sleep(DRAWN_S)
        run, _, chosen = place
        with suppress(RelcliError):  # said when somebody goes there
            for way in _WAYS:
                if (near := await self._near(place, way)) is not None:
                    await self._question_reader.read_ahead(run, near, chosen.other or None)


def _finding() -> Coming[_Way, QuestionKey | None]:
    return Coming("find neighbour")
