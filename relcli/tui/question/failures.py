"""From failure to failure of a run: the next ones are read before somebody asks for them."""

import asyncio

from relcli.errors import RelcliError
from relcli.results.question import QuestionKey
from relcli.results.questions import QuestionFilter
from relcli.tui.question.reader import QuestionReader

_DRAWN_S = 0.05  # the question that was just opened is drawn first
_Place = tuple[str, QuestionKey, QuestionFilter]


class FailureNavigator:
    """Knows where one stands, and which failures lie on both sides of it.

    `stand` says where one is and begins to look ahead; `step` continues from there.
    """

    def __init__(self, question_reader: QuestionReader) -> None:
        self._question_reader = question_reader
        self._place: _Place | None = None
        self._arrived: tuple[_Place, dict[bool, QuestionKey]] | None = None
        self._known: dict[bool, QuestionKey | None] = {}
        self._ahead: asyncio.Task[None] | None = None

    def stand(self, run: str, key: QuestionKey, chosen: QuestionFilter) -> None:
        """Here somebody looks now."""
        self.stop()
        self._place, self._known = (run, key, chosen), {}
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
        place = None if key is None else (run, key, chosen)
        here = failures and place is not None and place == self._place
        if here and back not in self._known and self._ahead is not None:
            await asyncio.wait({self._ahead})  # being read now; asking twice would take longer
        if here and back in self._known:
            near = self._known[back]
        else:
            near = await self._question_reader.beside(run, key, chosen, back=back, failures=failures)
        if failures and near is not None and place is not None and key is not None:
            # Of two failures in a row each is the other's neighbour.
            came_by_step = self._arrived is not None and self._arrived[0] == place
            self._arrived = (run, near, chosen), ({not back: key} if came_by_step else {})
        return near

    async def _look_ahead(self, place: _Place) -> None:
        await asyncio.sleep(_DRAWN_S)
        run, key, chosen = place
        try:
            for back in (False, True):
                if back not in self._known:
                    near = await self._question_reader.failure_beside(run, key, chosen, back=back)
                    self._known[back] = near
        except RelcliError:
            return  # said when somebody goes there
