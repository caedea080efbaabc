"""What can be taken away from the map of layers by categories."""

from relcli.results.layers import ANSWER, FAMILIES, FIGURES, ROW_FIGURES
from relcli.tui.frame.taking import Exportable, FigureAsked
from relcli.tui.layers.view import MapView


def rows_of(run: str, view: MapView) -> Exportable:
    """The figures of the measure's family, of the row looked at."""
    read = view.measure.read
    stem, params = f"{run}-{FAMILIES[read].replace(' ', '-')}-by-layer", {"run": run}
    if view.row != ANSWER:
        stem, params = f"{stem}-{view.row}", {**params, "row": view.row}
    return Exportable(stem, read=read, params=params)


def figure_of(run: str, view: MapView) -> FigureAsked | None:
    """The figure of the measure; None where there is none, or none of this row."""
    name = FIGURES.get(view.measure.name)
    if name is None or (view.row != ANSWER and name not in ROW_FIGURES):
        return None
    return FigureAsked(name, run, () if view.row == ANSWER else ("--row", view.row))
