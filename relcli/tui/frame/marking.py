"""What screens that show questions have in common: `x` marks one, `i` writes a note about it."""

from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from relcli.errors import RelcliError
from relcli.tui.frame.keys import bind
from relcli.tui.frame.screen import WorkScreen

SIGN, NOTED = "★", "✎"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a person said of a question of a run."""

    run: str
    key: tuple[int, int]
    marked: bool
    note: str | None


def mark_sign(marked: bool, note: str | None) -> str:
    """As lists show it: a star for a mark, a pencil for a note alone."""
    return SIGN if marked else NOTED if note else " "


class MarkingScreen(WorkScreen):
    """Derived screens say which question is meant, and show it as it is marked."""

    _meant: Mark | None = None  # the latest
    BINDINGS: ClassVar[list[BindingType]] = [bind("mark", "mark"), bind("note", "note")]

    def marked_question(self) -> Mark | None:
        """The question that the keys speak of, as it is marked now; None if there is none."""
        raise NotImplementedError

    def show_mark(self, mark: Mark) -> None:
        """Show it, if the question is still shown."""
        raise NotImplementedError

    def action_mark(self) -> None:
        """Mark the question, or take the mark away; a note stays."""
        if (mark := self.marked_question()) is not None:
            self._keep(replace(mark, marked=not mark.marked), mark)

    def action_note(self) -> None:
        """Write what is to be remembered about the question."""
        if (mark := self.marked_question()) is None:
            return
        from relcli.tui.widgets.question_dialog import LineDialog

        def write(note: str | None) -> None:
            if note is not None:
                self._keep(replace(mark, note=note or None), mark)

        title = f"Note about question {mark.key[0]}.{mark.key[1]}"
        self.app.push_screen(LineDialog(title, mark.note or "", "empty takes it away"), write)

    def _keep(self, mark: Mark, before: Mark) -> None:
        """Show it at once; what can't be kept is taken back."""
        self._meant = mark
        self.show_mark(mark)
        self.run_worker(partial(self._write_mark, mark, before), group="page")

    async def _write_mark(self, mark: Mark, before: Mark) -> None:
        from relcli.warehouse.marks import set_mark

        what = partial(set_mark, marked=mark.marked, note=mark.note)
        try:
            await self.store.write(what, self.context.database, mark.run, *mark.key)
        except RelcliError as problem:
            self.notify(problem.message, title="Not kept", severity="error", timeout=10)
            if self.is_ready:
                self.show_mark(before)
        else:
            if self.is_ready and self._meant is mark:  # what was there before may have been read meanwhile
                self.show_mark(mark)
