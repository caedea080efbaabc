"""Questions read in the background: the latest ones are kept, the failures on both sides read ahead."""

from collections import OrderedDict

from relcli.results.question import QuestionKey, QuestionView
from relcli.results.question_reading import neighbour, read_question
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
        return await self._read(run, key, other)

    async def _read(self, run: str, key: QuestionKey, other: str | None) -> QuestionView:
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
        pages = self._store.question_pages
        return await self._store.call(neighbour, pages, run, key, chosen, back=back, failures=failures)

    async def failure_beside(
        self, run: str, key: QuestionKey, chosen: QuestionFilter, *, back: bool
    ) -> QuestionKey | None:
        """The failure after or before a question, read and at hand afterwards."""
        near = await self.beside(run, key, chosen, back=back, failures=True)
        if near is not None:
            await self._read(run, near, chosen.other or None)
        return near

    def _keep(self, place: _Place, view: QuestionView) -> None:
        self._kept[place] = view
        self._kept.move_to_end(place)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
