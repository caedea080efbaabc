"""What every screen gives away: its rows, its figure, its SQL, and what can be copied."""

import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from textual.screen import Screen

from relcli.errors import RelcliError
from relcli.tui.context import Context, context_of
from relcli.tui.frame.selection import Selection
from relcli.tui.frame.store import Store


@dataclass(frozen=True, slots=True)
class Exportable:
    """What `e` writes: a named read with its parameters, or SQL; `stem` begins the file's name."""

    stem: str
    read: str = ""
    sql: str = ""
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FigureAsked:
    """What `S` saves: a figure of `relcli figure` by its name, with the options that it takes."""

    name: str
    run: str
    options: tuple[str, ...] = ()


class TakingAway(Screen[None]):
    """Derived screens say what there is."""

    @property
    def context(self) -> Context:
        return context_of(self)

    @property
    def store(self) -> Store:
        return self.context.store

    @property
    def selection(self) -> Selection:
        return self.context.selection

    @property
    def is_ready(self) -> bool:
        """Its widgets are there. Until then, and once it goes, it is asked for nothing: it reads what it
        shows when it comes up."""
        return self.is_mounted and self.is_running

    def exportable(self) -> Exportable | None:
        """What `e` writes; None if there is nothing."""
        return None

    def figure(self) -> FigureAsked | None:
        """What `S` saves; None if there is no figure of what is shown."""
        return None

    def copy_text(self) -> str | None:
        """What `y` copies; None if there is nothing."""
        return None

    def notify(self, message: str, *, markup: bool = False, **how: Any) -> None:
        """Paths and names may have square brackets."""
        super().notify(message, markup=markup, **how)

    def action_export(self) -> None:
        if not self.is_ready or (what := self.exportable()) is None:
            self.notify("There is nothing to export here yet.", severity="warning")
            return
        from relcli.tui.frame.export_dialog import ExportDialog

        dialog = ExportDialog(f"{_plain(what.stem)}.{self.context.settings.export_format}")
        self.app.push_screen(dialog, lambda target: self._export(what, target))

    def _export(self, what: Exportable, target: Path | None) -> None:
        if target is not None:
            self.run_worker(partial(self._write, what, target), group="export")

    async def _write(self, what: Exportable, path: Path) -> None:
        try:
            rows = await self.store.export(path, read=what.read, sql=what.sql, **what.params)
        except RelcliError as problem:
            self.notify(problem.message, title="Nothing was written", severity="error", timeout=10)
            return
        self.context.settings.export_format = path.suffix.removeprefix(".").lower()
        self.context.keep_settings()
        self.notify(f"{rows:,} rows in {path}", title="Exported")

    def action_save_figure(self) -> None:
        """Draw the figure in a process of its own: matplotlib would hold the screens up."""
        if not self.is_ready or (what := self.figure()) is None:
            self.notify("There is no figure of what is shown here.", severity="warning")
            return
        from relcli.tui.background.drawing import draw_figure
        from relcli.tui.frame.export_dialog import FigureDialog

        def begin(target: Path | None) -> None:
            if target is not None:
                words = ["figure", what.name, "--run", what.run, *what.options]
                words += ["--out", str(target), "--force"]
                words += ["--db", str(self.context.database)]
                self.context.start_work(f"figure {what.name}", words, draw_figure)

        self.app.push_screen(FigureDialog(f"{_plain(what.run)}-{what.name}.svg"), begin)

    def action_sql(self) -> None:
        """Copy the SQL behind what is shown, or open it in the SQL screen."""
        if not self.is_ready or (what := self.exportable()) is None:
            self.notify("There is no SQL behind what is shown here yet.", severity="warning")
            return
        from relcli.tui.widgets.dialog import ChooseDialog

        choices = [("copy", "Copy it"), ("open", "Open it on the screen SQL (8)")]
        self.app.push_screen(
            ChooseDialog("The SQL behind this", choices),
            lambda chosen: None if chosen is None else self._give_sql(what, chosen),
        )

    def _give_sql(self, what: Exportable, chosen: str) -> None:
        from relcli.warehouse.reads import in_full

        sql = in_full(what.read, what.params) if what.read else what.sql
        if chosen == "open":
            self.context.open_sql(sql)
        else:
            self.app.copy_to_clipboard(sql)
            self.notify(f"{len(sql.splitlines())} lines of SQL", title="Copied")

    def action_copy(self) -> None:
        if not self.is_ready or not (text := self.copy_text()):
            self.notify("There is nothing to copy here yet.", severity="warning")
            return
        self.app.copy_to_clipboard(text)
        self.notify(text if len(text) < 120 else text[:117] + "...", title="Copied")


def _plain(name: str) -> str:
    """A name as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9._+@=-]+", "-", name)
