"""Rows in memory, in whatever form one likes to have them."""

from typing import Any

_SHOWN = 20


class Result:
    """Rows in memory: a DuckDB relation (`relation`, whose methods are here too) that shows itself in a
    notebook. `df()` needs pandas, `pl()` polars and pyarrow, `arrow()` pyarrow; RelcliError says so."""

    def __init__(self, relation: Any) -> None:
        self.relation = relation  # duckdb.DuckDBPyRelation, which only the warehouse imports

    def df(self) -> Any:
        """A pandas DataFrame."""
        return self._framed("df")

    def pl(self) -> Any:
        """A polars DataFrame."""
        return self._framed("pl")

    def arrow(self) -> Any:
        """A pyarrow table."""
        return self._framed("to_arrow_table")

    def dicts(self) -> list[dict[str, Any]]:
        """The rows as dictionaries; needs nothing."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.relation.fetchall()]

    @property
    def columns(self) -> list[str]:
        return list(self.relation.columns)

    def __len__(self) -> int:
        return len(self.relation)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "relation":
            raise AttributeError(name)
        return getattr(self.relation, name)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.relation.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return repr(self.relation)

    def _framed(self, how: str) -> Any:
        from relcli.warehouse.relations import framed

        return framed(self.relation, how)

    def _repr_html_(self) -> str:
        from relcli.report.tables import html_table

        shown = self.relation.limit(_SHOWN).fetchall()
        left = len(self) - len(shown)
        return html_table(self.columns, shown, f"… {left:,} rows more" if left > 0 else "")
