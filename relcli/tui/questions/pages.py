"""Reads a run's questions page by page, as far as somebody goes."""

import re
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Literal

from relcli.results.question_pages import BY_ATTENTION
from relcli.results.questions import QuestionFilter
from relcli.tui.frame.selection import Selection
from relcli.tui.frame.store import Store
from relcli.tui.questions.paging import PAGE, Row, Window

_KEPT = 48
_KEY = re.compile(r"(\d{1,9})\.(\d{0,9})")


def key_in(text: str) -> tuple[int, int] | None:
    """The question that a text names, as `25.108`; one that is half typed is question 0. None for words."""
    found = _KEY.fullmatch(text.strip())
    return (int(found[1]), int(found[2] or 0)) if found else None


class Pages:
    """The rows in hand, in `window`, and how many the filter lets through, once that was counted. stamp: of
    the file when they were read."""

    def __init__(self, store: Store, selection: Selection) -> None:
        self.window = Window()
        self.stamp: tuple[int, ...] = ()
        self.matching: int | None = None
        self._store, self._selection = store, selection
        self._stamp: tuple[int, ...] = ()
        self._kept: OrderedDict[str, list[Row]] = OrderedDict()  # pages of this stamp of the file

    def asked(self) -> dict[str, Any]:
        """The run and what the filter lets through, as the read takes them."""
        return {"run": self._selection.run, **self._selection.filter.params()}

    async def _page(self, *, back: bool, count: bool = False, **edge: Any) -> list[Row]:
        found = await self._rows({**self.asked(), **edge}, back=back, count=count)
        if count:
            self.matching = found[0]["n_matching"] if found else 0
        return found[::-1] if back else found

    async def _rows(self, asked: dict[str, Any], *, back: bool, count: bool) -> list[Row]:
        how = {**asked, "back": back, "count": count, "n": PAGE}
        found = self._at_hand(name := str(sorted(how.items())))
        if found is None:
            stamp = self._stamp
            if asked["sort"] in BY_ATTENTION:  # every filter of this order waits for the same
                await self._store.copy_questions(asked["run"], asked["other"], asked["sort"])
            found = await self._store.call(self._store.question_pages.read, **how)
            if stamp == self._store.stamp():
                self._kept[name] = found
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return found

    async def read_ahead(self, filters: Iterable[QuestionFilter]) -> None:
        """Have the first page of each at hand, where that comes from memory. Raises RelcliError."""
        run = self._selection.run
        for chosen in filters:
            if run is None or not self._store.question_pages.is_copied(run, chosen.other or None):
                return
            await self._rows({"run": run, **chosen.params()}, back=False, count=True)

    def _at_hand(self, name: str) -> list[Row] | None:
        """A page that was read already, unless somebody wrote to the file since."""
        if (stamp := self._store.stamp()) != self._stamp:
            self._stamp = stamp
            self._kept.clear()
        if name in self._kept:
            self._kept.move_to_end(name)
        return self._kept.get(name)

    async def last(self) -> Row | None:
        """The last question of the list. Its page is at hand afterwards."""
        page = await self._page(back=True, count=self.matching is None)
        return page[-1] if page else None

    async def to_start(self) -> None:
        """The first page. Raises RelcliError, as all of these."""
        self.window.reset(await self._page(back=False, count=True))
        self.stamp = self._stamp

    async def to_end(self) -> None:
        page = await self._page(back=True, count=self.matching is None)
        total = self.matching or 0
        self.window.reset(page, max(0, total - len(page)), total)
        self.stamp = self._stamp

    async def to_question(self, key: tuple[int, int]) -> bool:
        """The page that begins with a question; False, and nothing changes, if it isn't in the list."""
        before = self.matching
        page = await self._page(
            back=False, count=True, scene_id=key[0], question_index=key[1], including=True
        )
        if not page or (page[0]["scene_id"], page[0]["question_index"]) != key:
            self.matching = before
            return False
        self.window.reset(page, page[0]["n_before"], self.matching)
        self.stamp = self._stamp
        return True

    async def further(self, side: Literal["before", "after"]) -> list[Row]:
        """The page before the first row in hand, or after the last one."""
        row = self.window.rows[0 if side == "before" else -1]
        edge = {"scene_id": row["scene_id"], "question_index": row["question_index"]}
        return await self._page(back=side == "before", **edge)
