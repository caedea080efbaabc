"""Maps of heads from the warehouse."""

from relcli.results.head_table import TIMES, HeadMeasure, HeadTable
from relcli.tui.frame.store import Store


async def read_heads(store: Store, run: str, measure: HeadMeasure) -> HeadTable:
    """All maps of a measure at once. Raises RelcliError."""
    if measure.name == TIMES:
        rows = await store.read("head_map", run=run)
    else:
        rows = await store.read("head_region_map", run=run, measure=measure.name)
    return await store.call(lambda: HeadTable(measure, rows.as_dicts()))
