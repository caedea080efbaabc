"""Where to export to: a file name, and a question before a file that is there is written over."""

import os
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label

from relcli.tui.widgets.dialog import Dialog
from relcli.tui.widgets.question_dialog import ConfirmDialog
from relcli.tui.widgets.safe_static import SafeStatic


def full_path(target: str) -> Path:
    """The file meant by what was typed, from the root."""
    return Path(os.path.expanduser(target.strip())).absolute()


class ExportDialog(Dialog):
    """Asks for a file name; its ending says the format. Dismisses with the full path."""

    TITLE: ClassVar[str] = "Export"
    ABOUT: ClassVar[str] = "All rows of this view go to this file. The ending says how:"
    FORMATS: ClassVar[tuple[str, ...]] = ("csv", "json", "parquet")

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def compose(self) -> ComposeResult:
        with Vertical(classes="window") as window:
            window.border_title = self.TITLE
            yield Label(self.ABOUT)
            *others, last = (f".{each}" for each in self.FORMATS)
            yield Label(f"{', '.join(others)} or {last}", classes="hint")
            yield Input(self._name, id="target", select_on_focus=False)
            yield SafeStatic(id="full", classes="hint")
            with Horizontal(classes="buttons"):
                for form in self.FORMATS:
                    yield Button(form, id=form, compact=True)
                yield Button("Write", id="write", variant="primary", compact=True)

    def on_input_changed(self, event: Input.Changed) -> None:
        path = full_path(event.value)
        there = ", which is there already" if path.is_file() else ""
        self.query_one("#full", SafeStatic).update(f"{path}{there}" if event.value.strip() else "")

    def on_input_submitted(self) -> None:
        self._write()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        target = self.query_one(Input)
        if event.button.id == "write":
            self._write()
        else:
            stem, dot, ending = target.value.rpartition(".")
            known = dot and ending.lower() in self.FORMATS
            target.value = f"{stem if known else target.value}.{event.button.id}"
            target.focus()

    def _write(self) -> None:
        if not (typed := self.query_one(Input).value.strip()):
            self.dismiss(None)
            return
        path = full_path(typed)

        def settle(yes: bool | None) -> None:
            if yes:
                self.dismiss(path)

        if os.path.lexists(path) and not path.is_dir():
            self.app.push_screen(OverwriteDialog(path), settle)
        else:
            self.dismiss(path)


class FigureDialog(ExportDialog):
    """The same for a figure."""

    TITLE = "Save figure"
    ABOUT = "The figure goes to this file, as a paper wants it. The ending says how:"
    FORMATS = ("svg", "pdf", "png")


class OverwriteDialog(ConfirmDialog):
    """Asked before a file is written over."""

    def __init__(self, path: Path) -> None:
        sentence = f"There is a file {path} already. What it holds would be lost."
        super().__init__("Write over it?", sentence, "Write over it", "Another name")
