"""Attention by layer and category, and all layers of one question."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from relcli.tui.frame.keys import bind
from relcli.tui.frame.taking import Exportable, FigureAsked
from relcli.tui.layers.map import LayerMap
from relcli.tui.layers.map_screen import MapScreenBase
from relcli.tui.layers.question_sheet import QuestionSheet
from relcli.tui.layers.sheet import LayerSheet
from relcli.tui.layers.taking import figure_of, rows_of
from relcli.tui.layers.text import as_markdown
from relcli.tui.question.base import VIEW_KEYS

_ON_MAP = ("next_measure", "measures", "row")
_ON_SHEET = ("step", "vector", "strength", "frames", "layer", "all_layers", "question", "filter")


class LayersScreen(MapScreenBase):
    """Key 5."""

    NAME = "layers"
    NEEDS_RUN = True
    HELP = """\
Where the model looks, layer by layer and for each category of questions. `m` goes through the measures, `o`
lists them, `v` changes the picture, `W` the **row**: the token that looks (the answer's, or of the question,
where `relcli run --rows` kept them), and `=` gives every category a scale of its own. The value under the
cursor is told with its 95% interval over scenes, its standard deviation over answers (sd) and their number
(n). Enter lists the questions of that category.

A **star** marks a finding: a cell that stands out beyond chance (p up to .05) when all layers and categories
are tested at once. **asked about** has a star where two chances are passed: the share of the same attention
on what *other scenes'* questions ask about, and the share per area on the *other objects* in the picture.
Only then does the model look at what is asked about. **over area** alone shows nothing: objects stand in the
middle. For entropy and shift a star says that a layer differs from the same answers' mean over layers.
**sinks** are cells that soak up attention whatever is asked. **l1, l2, kl, cosine** say how far the attention
moves from the raw to the masked picture. Of the answer's row grounding is of the first step, entropy and
shift of the mean over steps; rows of the question have one step, and no strongest cells or sinks.

`d` shows **all layers of one question** over its picture, each with the share that is on what is asked about,
and on a scale of its own or, after `=`, all on one. Arrow keys choose a layer, `n` and `N` go to the next and
the previous failure, `.` and `,` to any question, enter opens it on screen 4.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("measure", "next_measure(1)", show=True),
        bind("measure_before", "next_measure(-1)"),
        bind("choose", "measures", "List of measures"),
        bind("form", "sheet", "Map/sheet", show=True),
        *VIEW_KEYS,
        bind("row", "row", show=True),
        bind("scale", "scale"),
        bind("left", "layer(-1, 0)", "Choose layer"),
        bind("right", "layer(1, 0)", "Choose layer"),
        bind("line_up", "layer(0, -1)", "Choose layer"),
        bind("line_down", "layer(0, 1)", "Choose layer"),
        bind("home", "all_layers", "No layer"),
        bind("open", "question", "Open question", show=True),
    ]
    DEFAULT_CSS = """
    LayersScreen QuestionSheet { display: none; }
    LayersScreen.-sheet QuestionSheet { display: block; }
    LayersScreen.-sheet LayerMap { display: none; }
    LayersScreen.-narrow LayerMap #both { layout: vertical; }
    LayersScreen.-narrow LayerMap #beside { width: 100%; height: auto; padding: 0 1; }
    LayersScreen.-narrow #beside > Static { padding: 0; }
    LayersScreen.-narrow #measures, LayersScreen.-narrow #profile { display: none; }
    LayersScreen.-narrow QuestionSheet { layout: vertical; }
    LayersScreen.-narrow #sheet-side { width: 100%; }
    LayersScreen.-narrow QuestionSheet #side { width: 100%; height: 2; }
    LayersScreen.-narrow #ground { display: none; }
    LayersScreen.-short #measures { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._each_layer = True

    def compose_body(self) -> ComposeResult:
        yield LayerMap()
        yield QuestionSheet()

    @property
    def _sheet(self) -> bool:
        """All layers of one question are shown, not the map."""
        return self.has_class("-sheet")

    async def load(self) -> None:
        await (self.load_question() if self._sheet else self.load_map())

    def reading(self) -> str:
        return super().reading() if self._sheet else self.reading_map()

    def reading_hint(self) -> str:
        return "" if self._sheet else "computed answer by answer"

    def fill(self) -> str:
        return "" if self._sheet else self.map_fill()

    def say_reading(self, began: float) -> None:
        super().say_reading(began)
        if not self._sheet:
            self.clear_map()

    # All layers of one question

    def action_sheet(self) -> None:
        """From the map to the sheet, and back."""
        self.toggle_class("-sheet")
        self.refresh_bindings()
        self.reload()

    def go_back(self) -> bool:
        if self._sheet:
            self.action_sheet()
            return True
        return False

    def offers(self, action: str) -> bool:
        if action in (_ON_MAP if self._sheet else _ON_SHEET):
            return False
        return super().offers(action) and (action != "row" or len(self._rows) > 1)

    def action_variant(self) -> None:
        if self._sheet:
            super().action_variant()
        else:
            self.turn_picture()

    def action_scale(self) -> None:
        """One scale, or one for each category or layer."""
        if self._sheet:
            self._each_layer = not self._each_layer
            self.paint_question()
        else:
            self.scale_map()

    def paint_question(self) -> None:
        question = self._question
        if question is None or not self.is_mounted or not self._sheet:
            return
        self.query_one(QuestionSheet).show(question, self._view, each=self._each_layer)
        within = " · within the filter of Questions" if self.selection.filter.narrowed else ""
        where = f"all layers of question {question.key[0]}.{question.key[1]}"
        self.subtitle = f"{self.selection.run} · {where} · {question.category}{within}"

    def show_nothing(self) -> None:
        self._question = None
        self.subtitle = self.selection.run or ""
        self.query_one(QuestionSheet).clear()

    def action_layer(self, right: int, down: int) -> None:
        """Mark the layer that lies in that direction."""
        self.choose_layer(self.query_one(LayerSheet).beside(self._view.layer, right, down))

    def on_layer_sheet_chosen(self, event: LayerSheet.Chosen) -> None:
        self.choose_layer(event.layer)

    def action_question(self) -> None:
        self.context.go("question")

    # Taking it away

    def exportable(self) -> Exportable | None:
        if self._sheet:
            return self._attention()
        return rows_of(self._place[0], self._map_view) if self._figures else None

    def figure(self) -> FigureAsked | None:
        if self._sheet:
            return self._layers_figure()
        return figure_of(self._place[0], self._map_view) if self._figures else None

    def copy_text(self) -> str | None:
        """The map as Markdown, or the question."""
        if self._sheet:
            return self._question and self._question.text
        return as_markdown(self._figures, self._map_view) if self._figures else None
