"""Figures by layer, and the rows there are figures of, from the warehouse."""

from relcli.results.layers import ANSWER, LayerTable, in_row_order
from relcli.tui.frame.store import Store


async def read_layers(store: Store, run: str, read: str, row: str) -> LayerTable:
    """The figures of a run, one read of `FAMILIES` and a query row. Raises RelcliError."""
    rows = await store.read(read, run=run, row=row, with_scenes=True)

    def made() -> LayerTable:
        from relcli.results.layer_findings import corrected_p

        figures = rows.as_dicts()
        return LayerTable(figures, corrected_p(read, figures))

    return await store.call(made)


async def read_rows(store: Store, run: str) -> list[str]:
    """The query rows that a run kept, the answer's always among them. Raises RelcliError."""
    kept = [name for (name,) in (await store.read("kept_rows", run=run)).rows]
    return in_row_order({ANSWER, *kept})
