"""What screens that show a second run beside the first have in common: `c` chooses it, and takes it away."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from textual.binding import BindingType

from relcli.errors import RelcliError
from relcli.tui.frame.keys import bind
from relcli.tui.frame.screen import WorkScreen
from relcli.tui.widgets.cells import cut
from relcli.tui.widgets.safe_text import Text


class ComparingScreen(WorkScreen):
    """The second run is `selection.other`, so all of them show the same one."""

    BINDINGS: ClassVar[list[BindingType]] = [bind("compare", "compare", show=True)]

    async def action_compare(self) -> None:
        """Another run beside this one; again takes it away."""
        if self.selection.other:
            self._compare_with(None)
        elif self.selection.run is not None:
            await self.choose_other(self.selection.run, self._compare_with)

    def _compare_with(self, other: str | None) -> None:
        self.selection.other = other
        self.comparing()

    def comparing(self) -> None:
        """The second run is another one, or gone: show it."""
        self.reload()

    async def choose_other(self, run: str, then: Callable[[str], None]) -> None:
        """Offer the runs that share questions with `run`, with how many; the others are named and barred."""
        from relcli.tui.widgets.dialog import ChooseDialog

        try:
            rows = (await self.store.read("comparable_runs", run=run)).as_dicts()
        except RelcliError as problem:
            self.show_problem(problem.message)
            return
        if not rows:
            self.notify("There is no second run to compare with.", severity="warning")
            return
        barred = {row["run"] for row in rows if not row["n_shared"]}
        dialog = ChooseDialog(f"Compare {run} with", _choices(rows), barred)
        self.app.push_screen(dialog, lambda other: then(other) if other else None)


def _choices(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, Text]]:
    """Runs with how many answers they have in common, those without any last."""
    names = max(min(30, len(row["run"])) for row in rows)
    found = []
    for row in sorted(rows, key=lambda row: not row["n_shared"]):
        shared = f"{row['n_shared']:,} answers shared" if row["n_shared"] else "no shared question"
        line = Text(f"{cut(row['run'], names):<{names}}  {shared:>20}")
        line.append(f"  {cut(row['model'] or '', 18)}", style="dim")
        found.append((row["run"], line))
    return found
