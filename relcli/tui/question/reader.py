"""Questions read in the background: the latest ones are kept, the failures on both sides read ahead."""

from collections import OrderedDict

from relcli.results.question import QuestionKey, QuestionView
from relcli.results.question_reading import neighbour, read_failure_beside, read_question
from relcli.results.questions import QuestionFilter
from relcli.tui.frame.store import Store

_KEPT = 24
_Place = tuple[str, QuestionKey, str]  # run, question, and the run compared with


class QuestionReader:
    """Reads questions in a thread and keeps the latest ones, so that stepping back and forth is immediate."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[_Place, QuestionView] = OrderedDict()

    def forget(self) -> None:
        self._kept.clear()

    def holds(self, run: str, key: QuestionKey, other: str | None) -> bool:
        """Whether `get` has it at hand."""
        return (run, key, other or "") in self._kept

    async def get(self, run: str, key: QuestionKey, other: str | None) -> QuestionView:
        """A question, beside what the run `other` said. Raises RelcliError if the run has no such question
        any more."""
        place = run, key, other or ""
        if place in self._kept:
            self._kept.move_to_end(place)
            return self._kept[place]
        view = await self._store.call(read_question, self._store.database, run, key, other)
        self._keep(place, view)
        return view

    async def beside(
        self, run: str, key: QuestionKey | None, chosen: QuestionFilter, *, back: bool, failures: bool
    ) -> QuestionKey | None:
        """The next question (or the one before) that the filter lets through; None at the end. With
        `failures` only ones answered wrong, whatever the filter says of right and wrong."""
        database = self._store.database
        return await self._store.call(neighbour, database, run, key, chosen, back=back, failures=failures)

    async def failure_beside(
        self, run: str, key: QuestionKey, chosen: QuestionFilter, *, back: bool
    ) -> QuestionKey | None:
        """The failure after or before a question, read and at hand afterwards."""
        other = chosen.other
        kept = {place[1]: view for place, view in self._kept.items() if place[::2] == (run, other)}
        database = self._store.database
        view = await self._store.call(read_failure_beside, database, run, key, chosen, back=back, kept=kept)
        if view is not None:
            self._keep((run, view.key, other), view)
        return view and view.key

    def _keep(self, place: _Place, view: QuestionView) -> None:
        self._kept[place] = view
        self._kept.move_to_end(place)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
