"""One question: both pictures, the answer, and where the model looked."""

import asyncio
import math
import tempfile
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static

from relcli.errors import RelcliError
from relcli.tui.base import Exportable, WorkScreen
from relcli.tui.cells import cut, verdict
from relcli.tui.exhibit import VECTORS, Exhibit, Maps, asked_share, entropy
from relcli.tui.exhibits import Exhibits, own_exhibit
from relcli.tui.jobs import Job
from relcli.tui.screens.question_words import ground_text, question_text
from relcli.tui.widgets.layer_strip import LayerStrip, Measure
from relcli.tui.widgets.picture import PictureView

_DRAWN_S = 0.08
_STRENGTHS = (0.75, 1.0, 0.5)


class QuestionScreen(WorkScreen):
    """Key 4."""

    NAME = "question"
    NEEDS_RUN = True
    HELP = """\
The **raw** picture, its **masked** twin, and the attention of the model as a heat map over one of them. The
objects the question asks about have a frame.

Among the options ✓ marks what is right and ◀ what was said; the bars are the model's own probabilities. The
strip shows each layer: how much of the attention is on the picture at all, and how much of that is on what is
asked about. **4.1x** compares the share of the attention with that of the area: 1x is looking without
preference. `s` goes through mean, maximum, first and last step, and every step where the run kept them.

`n` and `p` go to the next and the previous failure on the chosen picture, within the filter of screen 3; `.`
and `,` go through all questions it lets through. `a` asks the model something of your own about the picture.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "step(False, True)", "Next failure"),
        Binding("p", "step(True, True)", "Previous"),
        Binding("full_stop", "step(False, False)", "Next question", show=False),
        Binding("comma", "step(True, False)", "Previous question", show=False),
        Binding("left", "layer(-1)", "Layer down", show=False, priority=False),
        Binding("right", "layer(1)", "Layer"),
        Binding("home", "all_layers", "All layers", show=False),
        Binding("v", "variant", "Picture"),
        Binding("s", "vector", "Mean, maximum, step", show=False),
        Binding("h", "strength", "Heat", show=False),
        Binding("b", "frames", "Frames", show=False),
        Binding("z", "zoom", "Zoom", show=False),
        Binding("a", "ask", "Ask"),
        Binding("down,pagedown", "scroll_words(1)", "Scroll the words", show=False),
        Binding("up,pageup", "scroll_words(-1)", "Scroll the words up", show=False),
    ]
    DEFAULT_CSS = """
    QuestionScreen #pictures { height: 56%; }
    QuestionScreen #pictures .panel { width: 1fr; height: 1fr; }
    QuestionScreen #pictures .caption { height: 1; padding: 0 1; background: $surface; text-wrap: nowrap;
                                        text-overflow: ellipsis; }
    QuestionScreen #pictures .panel.-at .caption { color: $accent; }
    QuestionScreen #lower { height: 1fr; border-top: solid $panel; }
    QuestionScreen #words { width: 3fr; padding: 0 1; }
    QuestionScreen #figures { width: 2fr; padding: 0 0 0 1; border-left: solid $panel; }
    QuestionScreen #ground { padding: 1 1 0 1; height: auto; }
    QuestionScreen #own { dock: bottom; display: none; height: 3; border: tall $accent; }
    QuestionScreen #own.-shown { display: block; }
    QuestionScreen.-narrow #lower { layout: vertical; }
    QuestionScreen.-narrow #figures { width: 100%; height: auto; border: none; padding: 0; }
    QuestionScreen.-narrow #ground { display: none; }
    QuestionScreen.-narrow #words { width: 100%; height: 1fr; }
    QuestionScreen.-short #pictures { height: 54%; min-height: 12; }
    QuestionScreen.-short #lower { border: none; }
    QuestionScreen.-zoomed #lower { display: none; }
    QuestionScreen.-zoomed #pictures { height: 1fr; }
    QuestionScreen.-zoomed #pictures .panel.-other { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._exhibit: Exhibit | None = None
        self._stamp: tuple[int, ...] = ()
        self._run: dict[str, Any] = {}
        self._variant = "raw"
        self._layer: int | None = None
        self._vector = 0
        self._frames = True
        self._near: dict[tuple[bool, bool], tuple[int, int] | None] = {}
        self._exhibits: Exhibits | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="pictures"):
            for name in ("raw", "masked", "heat"):
                with Vertical(id=f"panel-{name}", classes="panel"):
                    yield Static(classes="caption", markup=False)
                    yield PictureView()
        with Horizontal(id="lower"):
            with VerticalScroll(id="words", can_focus=False):
                yield Static(id="question")
            with Vertical(id="figures"):
                yield LayerStrip()
                yield Static(id="ground")
        yield Input(id="own")

    @property
    def exhibits(self) -> Exhibits:
        if self._exhibits is None:
            self._exhibits = Exhibits(self.store)
        return self._exhibits

    async def load(self) -> None:
        run = self.looking.run or ""
        if (stamp := self.store.stamp()) != self._stamp:
            self.exhibits.forget()
            self._stamp = stamp
        if self.looking.key is None:
            chosen = self.looking.filter
            first = await self.exhibits.beside(run, None, chosen, back=False, failures=True)
            first = first or await self.exhibits.beside(run, None, chosen, back=False, failures=False)
            if first is None:
                self._show_nothing()
                raise RelcliError(
                    f"The run {run} has no question that the filter lets through (keys 3, then 0)."
                )
            self.looking.key = first
        if self._run.get("run") != run:
            rows = (await self.store.read("run", run=run)).as_dicts()
            self._run = rows[0] if rows else {}
        await self._go(self.looking.key)

    async def _go(self, key: tuple[int, int]) -> None:
        exhibit = await self.exhibits.get(self.looking.run or "", key)
        self.looking.key = key
        self._show(exhibit)
        self._prefetch()

    def _show_nothing(self) -> None:
        self._exhibit = None
        self.subtitle = ""
        for view in self.query(PictureView):
            view.show(None)
        for name in ("#question", "#ground"):
            self.query_one(name, Static).update("")
        self.query_one(LayerStrip).show((), 0, None)

    def _prefetch(self) -> None:
        self._near.clear()
        self.run_worker(self._look_ahead, group="prefetch", exclusive=True)

    async def _look_ahead(self) -> None:
        """Have the neighbours at hand before somebody asks for them, once this one is drawn."""
        await asyncio.sleep(_DRAWN_S)
        run, key, chosen = self.looking.run or "", self.looking.key, self._walk_filter
        try:
            near = await self.exhibits.failures_around(run, key, chosen)
        except RelcliError:
            return  # said when somebody goes there
        self._near = {(back, True): beside for back, beside in near.items()}

    # What is shown

    def _show(self, exhibit: Exhibit) -> None:
        self._exhibit = exhibit
        if self._variant not in exhibit.answers and exhibit.variants:
            self._variant = exhibit.variants[0]
        self._paint()

    @property
    def _maps(self) -> Maps | None:
        return self._exhibit.maps.get(self._variant) if self._exhibit else None

    @property
    def _choices(self) -> list[tuple[str, int | None, str]]:
        """(vector, step, words) that `s` goes through."""
        maps = self._maps
        listed: list[tuple[str, int | None, str]] = [(name, None, words) for name, words in VECTORS.items()]
        if maps is None:
            return listed
        listed = [each for each in listed if any(layer.get(each[0]) is not None for layer in maps.layers)]
        n = len(maps.steps)
        return [*listed, *(("mean_heads", step, f"step {step + 1} of {n}") for step in range(n))]

    def _paint(self) -> None:
        exhibit, maps = self._exhibit, self._maps
        if exhibit is None or not self.is_mounted:
            return
        choices = self._choices
        vector, step, words = (
            choices[min(self._vector, len(choices) - 1)] if choices else ("mean_heads", None, "")
        )
        if maps is not None and self._layer is not None:
            self._layer = min(self._layer, len(maps.layers) - 1)
        for name in ("raw", "masked"):
            self._paint_panel(name, exhibit)
        self._paint_heat(exhibit, maps, vector, step, words)
        self._paint_words()
        self._paint_figures(exhibit, maps, vector, step)
        where = (
            "your own question"
            if exhibit.run is None
            else f"question {exhibit.scene_id}.{exhibit.question_index}"
        )
        walk = " · within the filter of Questions" if self.looking.filter.narrowed else ""
        self.subtitle = f"{self.looking.run} · {where} · {exhibit.category}{walk}"

    def _paint_panel(self, name: str, exhibit: Exhibit) -> None:
        panel = self.query_one(f"#panel-{name}")
        panel.set_class(name == self._variant, "-at")
        panel.set_class(name != self._variant, "-other")
        caption = Text(name, style="bold")
        if name in exhibit.answers and exhibit.answers[name].truth:
            caption.append(" ").append_text(verdict(exhibit.answers[name].correct, self.tone))
        if name == "masked" and exhibit.twin:
            caption.append(f" {exhibit.twin}", style="not bold dim")
        panel.query_one(".caption", Static).update(caption)
        png = exhibit.pictures.get(name)
        missing = "no masked twin" if name == "masked" and exhibit.pictures.get("raw") else "no picture kept"
        boxes = exhibit.frames.get(name, ()) if self._frames else ()
        panel.query_one(PictureView).show(png, boxes=boxes, note="" if png else missing)

    def _paint_heat(
        self, exhibit: Exhibit, maps: Maps | None, vector: str, step: int | None, words: str
    ) -> None:
        panel, variant = self.query_one("#panel-heat"), self._variant
        heat = maps.heat(self._layer, vector, step) if maps else None
        which = "all layers" if self._layer is None else f"layer {self._layer}"
        caption = Text("attention" if self.has_class("-wide") or not heat else "at", style="bold")
        caption.append(f" {variant} · {which} · {words}" if heat else "", style="not bold")
        panel.query_one(".caption", Static).update(caption)
        png = exhibit.pictures.get(variant) or exhibit.pictures.get("blank")
        note = "this run kept no attention" if not exhibit.maps else f"no attention on {variant}"
        boxes = exhibit.frames.get(variant, ()) if self._frames else ()
        strength = self.relcli.settings.strength
        panel.query_one(PictureView).show(
            png if heat else None, heat, strength, boxes, note="" if heat and png else note
        )

    def _paint_words(self) -> None:
        if self._exhibit is not None:
            place = self.query_one("#words")
            width = (place.size.width or self.size.width) - 1
            self.query_one("#question", Static).update(question_text(self._exhibit, self.tone, width))

    def _paint_figures(self, exhibit: Exhibit, maps: Maps | None, vector: str, step: int | None) -> None:
        strip, ground = self.query_one(LayerStrip), self.query_one("#ground", Static)
        if maps is None:
            strip.show((), 0, None)
            ground.update("")
            return
        n = len(maps.layers)
        per_layer = [maps.weights(layer, vector, step) for layer in range(n)]
        chosen = maps.weights(self._layer, vector, step)
        measures = []
        if all(layer.get("image_mass") is not None for layer in maps.layers):
            masses = [layer["image_mass"] for layer in maps.layers]
            mass = sum(masses) / n if self._layer is None else masses[self._layer]
            measures.append(Measure("on picture", masses, 0.0, max(*masses, 1e-9), f"{mass:.0%}"))
        places = exhibit.places.get(self._variant)
        shares = [asked_share(places, weights) for weights in per_layer]
        if shares and all(share is not None for share in shares):
            known = [share for share in shares if share is not None]
            share = asked_share(places, chosen) or 0.0
            measures.append(Measure("asked about", known, 0.0, max(*known, 1e-9), f"{share:.0%}"))
        even = math.log(maps.height * maps.width) if maps.height * maps.width > 1 else None
        if self.has_class("-wide"):
            spread = [entropy(weights) or 0.0 for weights in per_layer]
            measures.append(Measure("entropy", spread, 0.0, even, f"{entropy(chosen) or 0:.2f}"))
        strip.show(measures, n, self._layer)
        sink = exhibit.sinks.get((self._variant, self._layer)) if self._layer is not None else None
        ground.update(ground_text(places, chosen, even, sink, self.tone))

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self._paint)

    # Keys

    def action_layer(self, by: int) -> None:
        """From all layers to the first, and on; back from the first to all."""
        if (maps := self._maps) is None:
            return
        at = -1 if self._layer is None else self._layer
        at = max(-1, min(len(maps.layers) - 1, at + by))
        self._layer = None if at < 0 else at
        self._paint()

    def action_all_layers(self) -> None:
        self._layer = None
        self._paint()

    def on_layer_strip_chosen(self, event: LayerStrip.Chosen) -> None:
        self._layer = event.layer
        self._paint()

    def action_variant(self) -> None:
        if self._exhibit and (variants := self._exhibit.variants):
            at = variants.index(self._variant) if self._variant in variants else -1
            self._variant = variants[(at + 1) % len(variants)]
            self._paint()
            if self._exhibit.run is not None:
                self._prefetch()

    def action_vector(self) -> None:
        self._vector = (self._vector + 1) % max(1, len(self._choices))
        self._paint()

    def action_strength(self) -> None:
        now = self.relcli.settings.strength
        at = _STRENGTHS.index(now) if now in _STRENGTHS else -1
        self.relcli.settings.strength = _STRENGTHS[(at + 1) % len(_STRENGTHS)]
        self.relcli.keep_settings()
        self._paint()

    def action_frames(self) -> None:
        self._frames = not self._frames
        self._paint()

    def action_scroll_words(self, by: int) -> None:
        self.query_one("#words").scroll_relative(y=3 * by, animate=False)

    def action_zoom(self) -> None:
        self.toggle_class("-zoomed")
        self.call_after_refresh(self._paint)

    @property
    def _walk_filter(self):
        """The filter of the list, but failures are those on the picture that is looked at."""
        from dataclasses import replace

        return replace(self.looking.filter, variant=self._variant)

    def action_step(self, back: bool, failures: bool) -> None:
        self.run_worker(partial(self._step, back, failures), group="load", exclusive=True)

    async def _step(self, back: bool, failures: bool) -> None:
        run, key = self.looking.run, self.looking.key
        if run is None:
            return
        try:
            if (back, failures) in self._near:
                near = self._near[back, failures]
            else:
                near = await self.exhibits.beside(run, key, self._walk_filter, back=back, failures=failures)
            if near is None:
                what = f"wrong answer on {self._variant}" if failures else "question"
                self.notify(f"There is no {'earlier' if back else 'later'} {what}.", timeout=3)
                return
            await self._go(near)
        except RelcliError as problem:
            self.show_problem(problem.message)
        else:
            self.show_problem(None)

    # One's own question

    def action_ask(self) -> None:
        if self._exhibit is None or not self._exhibit.pictures.get(self._variant):
            self.notify("There is no picture to ask about.", severity="warning")
            return
        own = self.query_one("#own", Input)
        model = self._run.get("model") or "bundled"
        own.placeholder = f"Ask {model} about the {self._variant} picture, then enter (esc leaves)"
        own.add_class("-shown")
        own.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if question := event.value.strip():
            self._ask(question)
        self._close_own()

    def _close_own(self) -> None:
        own = self.query_one("#own", Input)
        own.value = ""
        own.remove_class("-shown")
        self.set_focus(None)

    def _ask(self, question: str) -> None:
        exhibit, variant = self._exhibit, self._variant
        png = exhibit.pictures.get(variant) if exhibit else None
        if exhibit is None or png is None:
            return
        with tempfile.NamedTemporaryFile(prefix="relcli-", suffix=".png", delete=False) as file:
            file.write(png)
        arguments = ["ask", question, "--image", file.name, "--format", "jsonl"]
        for option in ("model", "revision", "dtype"):
            if value := self._run.get(option):
                arguments += [f"--{option}", value]

        def ended(job: Job) -> None:
            Path(file.name).unlink(missing_ok=True)
            record = next((each for each in job.records if isinstance(each, dict)), None)
            if job.state == "done" and record is not None:
                self._variant = variant
                self._show(own_exhibit(exhibit, variant, question, record))

        self.relcli.start_job(f"ask “{cut(question, 30)}”", arguments, ended)

    def go_back(self) -> bool:
        """What esc does here before it leaves the screen."""
        if self.query_one("#own").has_class("-shown"):
            self._close_own()
            return True
        if self._exhibit is not None and self._exhibit.run is None:
            self.reload()
            return True
        if self.has_class("-zoomed"):
            self.action_zoom()
            return True
        return False

    def exportable(self) -> Exportable | None:
        if self._exhibit is None or self._exhibit.run is None:
            return None
        scene_id, question_index = self._exhibit.key
        params = {"run": self.looking.run, "scene_id": scene_id, "question_index": question_index}
        stem = f"{self.looking.run}-{scene_id}-{question_index}-attention"
        return Exportable(stem, read="answer_attention", params=params)

    def copy_text(self) -> str | None:
        if (exhibit := self._exhibit) is None:
            return None
        said = [f"{variant}: {answered.answer}" for variant, answered in exhibit.answers.items()]
        return "\n".join([exhibit.text, *said])
