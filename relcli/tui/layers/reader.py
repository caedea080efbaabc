"""Figures by layer, read in the background."""

import asyncio

from relcli.results.layers import LayerTable
from relcli.tui.frame.store import Store


class LayerReader:
    """Reads figures, each family on first use. What is being computed continues when somebody looks away, and
    is not asked for twice."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stamp: tuple[int, ...] = ()
        self._reading: dict[tuple[str, str], asyncio.Task[LayerTable]] = {}

    async def get(self, run: str, read: str) -> LayerTable:
        """The figures of a run and one read of `FAMILIES`. Raises RelcliError."""
        if (stamp := self._store.stamp()) != self._stamp:
            self._reading.clear()
            self._stamp = stamp
        task = self._reading.get((run, read))
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.create_task(self._read(run, read), name=f"{read} of {run}")
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._reading[run, read] = task
        return await asyncio.shield(task)

    async def _read(self, run: str, read: str) -> LayerTable:
        rows = await self._store.read(read, run=run)
        scenes = await self._store.read(f"{read}_scenes", run=run)

        def made() -> LayerTable:
            from relcli.results.layer_findings import corrected_p

            return LayerTable(rows.as_dicts(), corrected_p(read, scenes.as_dicts()))

        return await self._store.call(made)
