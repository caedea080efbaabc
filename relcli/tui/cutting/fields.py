"""What is done to the attention of the question on screen: cut or steered, where, from whose sight."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from relcli.errors import UsageError
from relcli.models.names import EDITED_ROWS
from relcli.options.cut import REGIONS
from relcli.options.steer import TOWARDS
from relcli.tui.widgets.choices import Choices
from relcli.tui.widgets.safe_static import SafeStatic

if TYPE_CHECKING:
    from relcli.jobs.worker_cut import Cutting
    from relcli.jobs.worker_steer import Drawing

CELLS = "cells"
CUT, STEER = "cut", "steer"
_FROM = {CUT: "answer", STEER: "question"}  # as the commands have it
_STRENGTH = "3"
_INPUTS = (
    ("strength", _STRENGTH, "what is added to the scores of these cells: 3"),
    ("layers", "all", "all, or 0-5,12"),
    ("heads", "all", "all, or 3.0,3.5, or random:20"),
)


class EditFields(Vertical):
    """What a person changes is told by the messages of `Choices` and `Input`."""

    DEFAULT_CSS = """
    EditFields { height: auto; }
    EditFields Input, EditFields Input:focus { height: 1; border: none; padding: 0; }
    EditFields .cut-row { height: 1; }
    EditFields .cut-label { width: 9; color: $text-muted; }
    EditFields #steer-to, EditFields #cut-strength-row { display: none; }
    EditFields.-steer #steer-to, EditFields.-steer #cut-strength-row { display: block; }
    EditFields.-steer #cut-region { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._from = dict(_FROM)
        self._kind = CUT

    def compose(self) -> ComposeResult:
        with Horizontal(classes="cut-row"):
            yield SafeStatic("do", classes="cut-label")
            yield Choices([(name, name) for name in (CUT, STEER)], [CUT], id="cut-or-steer")
        offered = (*(name for name in REGIONS if name != "random"), CELLS)
        yield Choices([(name, name) for name in offered], [CELLS], columns=4, id="cut-region")
        yield Choices([(name, name) for name in (*TOWARDS, CELLS)], [CELLS], columns=4, id="steer-to")
        with Horizontal(classes="cut-row"):
            yield SafeStatic("from", classes="cut-label")
            yield Choices([(name, name) for name in EDITED_ROWS], [_FROM[CUT]], id="cut-from")
        for name, value, hint in _INPUTS:
            with Horizontal(classes="cut-row", id=f"cut-{name}-row"):
                yield SafeStatic(name, classes="cut-label")
                yield Input(value, placeholder=hint, id=f"cut-{name}")

    @property
    def kind(self) -> str:
        """`cut` or `steer`."""
        return self._kind

    @property
    def of_region(self) -> str:
        """What is cut, or where attention is drawn."""
        return self._regions.value[0]

    @property
    def _regions(self) -> Choices:
        return self.query_one("#steer-to" if self._kind == STEER else "#cut-region", Choices)

    def pick_cells(self) -> None:
        """The cells that are picked are meant, not those of a region."""
        self._regions.value = (CELLS,)

    def asked(self, cells: frozenset[int]) -> "Cutting | Drawing":
        """What is asked for; cells: those that were picked. Raises UsageError for a strength that is no
        number."""
        from relcli.jobs.worker_cut import Cutting
        from relcli.jobs.worker_steer import Drawing

        picked = cells if self.of_region == CELLS else frozenset()
        [source] = self.query_one("#cut-from", Choices).value
        layers, heads = self._typed("layers") or "all", self._typed("heads") or "all"
        if self._kind == CUT:
            return Cutting(self.of_region, picked, source, layers, heads)  # type: ignore[arg-type]
        return Drawing(self.of_region, picked, self._strength, source, layers, heads)  # type: ignore[arg-type]

    @property
    def _strength(self) -> float:
        typed = self._typed("strength") or _STRENGTH
        try:
            return float(typed)
        except ValueError:
            raise UsageError(f"The strength is a number such as 3 or -1.5, not {typed[:40]}.") from None

    def _typed(self, name: str) -> str:
        return self.query_one(f"#cut-{name}", Input).value.strip()

    def on_choices_changed(self, event: Choices.Changed) -> None:
        source = self.query_one("#cut-from", Choices)
        if event.choices is source:
            self._from[self._kind] = source.value[0]
        elif event.choices.id == "cut-or-steer":
            [self._kind] = event.choices.value
            self.set_class(self._kind == STEER, "-steer")
            source.value = (self._from[self._kind],)
