"""Maps of heads, read in the background."""

import asyncio

from relcli.results.head_table import TIMES, HeadMeasure, HeadTable
from relcli.tui.frame.store import Store


class HeadReader:
    """Reads all maps of a measure at once, on first use. What is being computed goes on when somebody looks
    away, and is not asked for twice."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stamp: tuple[int, ...] = ()
        self._reading: dict[tuple[str, str], asyncio.Task[HeadTable]] = {}

    async def get(self, run: str, measure: HeadMeasure) -> HeadTable:
        """Raises RelcliError."""
        if (stamp := self._store.stamp()) != self._stamp:
            self._reading.clear()
            self._stamp = stamp
        key = run, measure.name
        task = self._reading.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.create_task(self._read(run, measure), name=f"heads of {run}")
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._reading[key] = task
        return await asyncio.shield(task)

    async def _read(self, run: str, measure: HeadMeasure) -> HeadTable:
        if measure.name == TIMES:
            rows = await self._store.read("head_map", run=run)
        else:
            rows = await self._store.read("head_region_map", run=run, measure=measure.name)
        return await self._store.call(lambda: HeadTable(measure, rows.as_dicts()))
