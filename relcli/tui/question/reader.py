"""Questions read in the background: the latest ones are kept, the failures on both sides read ahead."""

from collections import OrderedDict

from relcli.results.question import QuestionKey, QuestionView
from relcli.results.question_reading import neighbour, read_failure_beside, read_question
from relcli.results.questions import QuestionFilter
from relcli.tui.frame.store import Store

_KEPT = 24


class QuestionReader:
    """Reads questions in a thread and keeps the latest ones, so that stepping back and forth is immediate."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[tuple[str, QuestionKey], QuestionView] = OrderedDict()

    def forget(self) -> None:
        self._kept.clear()

    async def get(self, run: str, key: QuestionKey) -> QuestionView:
        """Raises RelcliError if the run has no such question any more."""
        if (run, key) in self._kept:
            self._kept.move_to_end((run, key))
            return self._kept[run, key]
        view = await self._store.call(read_question, self._store.database, run, key)
        self._keep(run, view)
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
        kept = {of_run: view for (name, of_run), view in self._kept.items() if name == run}
        database = self._store.database
        view = await self._store.call(read_failure_beside, database, run, key, chosen, back=back, kept=kept)
        if view is not None:
            self._keep(run, view)
        return view and view.key

    def _keep(self, run: str, view: QuestionView) -> None:
        self._kept[run, view.key] = view
        self._kept.move_to_end((run, view.key))
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
