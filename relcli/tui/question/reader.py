"""Questions read in the background: the latest ones are kept, those on both sides read ahead."""

from collections import OrderedDict

from relcli.results.question import QuestionKey, QuestionView
from relcli.results.question_pages import BY_ATTENTION
from relcli.results.question_reading import neighbour
from relcli.results.questions import QuestionFilter
from relcli.tui.frame.awaited import Coming
from relcli.tui.frame.store import Store

_KEPT = 24
DRAWN_S = 0.1
"""What was just opened is drawn first: until then nothing is read that isn't waited for."""
_Place = tuple[str, QuestionKey, str]  # run, question, and the run compared with


class QuestionReader:
    """Reads questions in a thread and keeps the latest ones, so that stepping back and forth is immediate."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[_Place, QuestionView] = OrderedDict()
        self._coming: Coming[_Place, QuestionView] = Coming("question")

    def forget(self) -> None:
        self._kept = OrderedDict()
        self._coming.forget()

    def holds(self, run: str, key: QuestionKey, other: str | None) -> bool:
        """Whether `get` has it at hand."""
        return (run, key, other or "") in self._kept

    async def get(self, run: str, key: QuestionKey, other: str | None) -> QuestionView:
        """A question, beside what the run `other` said. Raises RelcliError if the run has no such question
        any more."""
        return await self._read(run, key, other)

    async def read_ahead(self, run: str, key: QuestionKey, other: str | None) -> None:
        """Have it at hand, should somebody go there. Raises as `get`."""
        await self._read(run, key, other)

    async def _read(self, run: str, key: QuestionKey, other: str | None) -> QuestionView:
        place = run, key, other or ""
        if place in self._kept:
            self._kept.move_to_end(place)
            return self._kept[place]
        kept = self._kept  # of the file as it is now

        async def read() -> QuestionView:
            question = await self._store.question(run, key, other)
            kept[place] = question
            while len(kept) > _KEPT:
                kept.popitem(last=False)
            return question

        return await self._coming.get(place, read)

    async def beside(
        self, run: str, key: QuestionKey | None, chosen: QuestionFilter, *, back: bool, failures: bool
    ) -> QuestionKey | None:
        """The next question (or the one before) that the filter lets through; None at the end. With
        `failures` only ones answered wrong, whatever the filter says of right and wrong."""
        pages = self._store.question_pages
        if chosen.sort in BY_ATTENTION:
            await self._store.copy_questions(run, chosen.other or None, chosen.sort)
        return await self._store.call(neighbour, pages, run, key, chosen, back=back, failures=failures)
