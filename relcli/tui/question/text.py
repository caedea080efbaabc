"""The words beside the pictures of screen 4: the question, its options, and where the attention lies."""

import math
from collections.abc import Sequence
from textwrap import wrap

from relcli.analysis.grounding import (
    Coverage,
    entity_share,
    entropy,
    grounding,
    iou,
    pointing_hit,
)
from relcli.results.attention_maps import AttentionMaps
from relcli.results.question import QuestionView, VariantAnswer
from relcli.scenes.flaws import flaw_sentence
from relcli.tui.frame.marking import NOTED, SIGN
from relcli.tui.question.layer_strip import StripLine
from relcli.tui.question.view_options import ViewOptions
from relcli.tui.widgets.cells import Tones, bar, cut, verdict
from relcli.tui.widgets.safe_text import Text

_BAR = 4
_COLUMN = 1 + _BAR + 5 + 2  # sign, bar, percent, sign


def question_text(question: QuestionView, tone: Tones, width: int) -> Text:
    """The question, and per option how likely it was on each picture, what was right and what was said.

    ✓ stands before the right option, ◀ behind the one that was chosen.
    """
    text = Text()
    text.append(question.stem.rstrip("?") + "?\n", style="bold")
    if question.options:
        text.append_text(_options(question, tone, width))
    for variant in question.variants:
        text.append_text(_reply(variant, question, tone))
    for flaw in question.flaws:
        text.append(f"{flaw_sentence(flaw)}\n", style=tone["warn"])
    if question.note:
        text.append(f"{NOTED} {question.note}\n", style=tone["accent"])
    return text


def verdict_line(question: QuestionView, variant: str, tone: Tones) -> Text:
    """`★ raw: said b, right none ✗ · masked ✓`: in words for the picture looked at, as a sign for others."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{SIGN} " if question.marked else "", style=tone["accent"])
    for place, name in enumerate(question.variants):
        answered = question.answers[name]
        text.append(" · " if place else "", style="dim")
        if name == variant:
            said = answered.choice or (answered.answer or "").strip()
            text.append(f"{name}: ", style="bold").append(f"said {cut(said, 40) or 'nothing'}")
            if question.options and answered.choice is None:
                text.append(", no option")
            text.append(f", right {answered.truth} " if answered.truth else " ")
        else:
            text.append(f"{name} ")
        if answered.truth:
            text.append_text(verdict(answered.correct, tone))
    return text


def _options(question: QuestionView, tone: Tones, width: int) -> Text:
    """A line or more for each option, a column for each picture."""
    answers = question.answers
    label = max(12, min(46, width - _COLUMN * len(answers) - 1))
    names = [
        "None of them" if letter == "none" else f"{letter}) {option}" for letter, option in question.lettered
    ]
    label = min(label, max(map(len, names)) + 2)
    text = Text(" " * label)
    for variant in question.variants:
        answered, head = answers[variant], Text(f" {variant} ")
        if answered.truth:
            head.append_text(verdict(answered.correct, tone))
        head.pad_right(max(0, _COLUMN - len(head)))
        text.append_text(head)
    text.append("\n")
    for place, ((letter, _), name) in enumerate(zip(question.lettered, names, strict=True)):
        first, *rest = wrap(name, label - 1, subsequent_indent="   ") or [""]
        text.append(f"{first:<{label}}")
        for variant in question.variants:
            text.append_text(_option(answers[variant], letter, place, tone))
        text.append("".join(f"\n{line}" for line in rest) + "\n")
    return text


def _option(answered: VariantAnswer, letter: str, place: int, tone: Tones) -> Text:
    right, said = letter == answered.truth, letter == answered.choice
    style = tone["good"] if right else tone["bad"] if said and answered.truth else tone["primary"]
    text = Text()
    text.append("✓" if right else " ", style=tone["good"])
    if place < len(answered.probabilities):
        p = answered.probabilities[place]
        text.append_text(bar(p, _BAR, style))
        text.append(f"{p * 100:4.0f}%", style="bold" if said else "")
    else:
        text.append(" " * (_BAR + 5))
    return text.append("◀ " if said else "  ", style=style)


def _reply(variant: str, question: QuestionView, tone: Tones) -> Text:
    """What was said, where that is more than a letter or can't be read."""
    answered = question.answers[variant]
    said = (answered.answer or "").strip()
    if question.options and answered.choice is not None and len(said) <= 4:
        return Text()
    text = Text()
    text.append(f"{variant} ", style="dim").append(f"said \u201c{said}\u201d")
    if question.options and answered.choice is None:
        text.append(", which names no option", style=tone["warn"])
    return text.append("\n")


def strip_measures(
    maps: AttentionMaps, coverage: Coverage | None, view: ViewOptions, *, with_entropy: bool
) -> list[StripLine]:
    """The lines of the layer strip: the share of all attention that is on the picture, of that the share on
    what is asked about, and how spread out it is."""
    n = len(maps.layers)
    per_layer = [maps.weights(each, view.vector, view.step) for each in range(n)]
    chosen = maps.weights(view.layer, view.vector, view.step)
    measures = []
    masses = [each["image_mass"] for each in maps.layers if each.get("image_mass") is not None]
    if len(masses) == n:
        mass = sum(masses) / n if view.layer is None else masses[view.layer]
        measures.append(StripLine("on picture", masses, 0.0, max(*masses, 1e-9), f"{mass:.0%}"))
    shares = [share for share in (entity_share(coverage, each) for each in per_layer) if share is not None]
    if len(shares) == n:
        share = entity_share(coverage, chosen) or 0.0
        measures.append(StripLine("asked about", shares, 0.0, max(*shares, 1e-9), f"{share:.0%}"))
    if with_entropy:
        spread = [entropy(each) or 0.0 for each in per_layer]
        even = math.log(max(2, maps.n_cells))
        measures.append(StripLine("entropy", spread, 0.0, even, f"{entropy(chosen) or 0:.2f}"))
    return measures


def ground_text(
    coverage: Coverage | None, weights: Sequence[float], cells: int, sink: float | None, tone: Tones
) -> Text:
    """Where the attention of the heat map lies, against the area. `sink` is the share on cells that soak up
    attention whatever is asked."""
    text = Text()
    grounds = grounding(coverage, weights)
    if grounds:
        text.append(f"{'attention on':<15}{'share':>6}  of {'area':>5}\n", style="dim")
    for each in grounds:
        text.append(f"{each.name:<15}{each.share * 100:5.1f}%  on {each.area * 100:4.1f}%")
        if each.times is not None:
            strong = each.times >= 1.5 and each.name == "asked about"
            text.append(f"  {each.times:4.1f}x", style=tone["good"] if strong else "")
        text.append("\n")
    if sink is not None:
        text.append(f"{'sinks':<15}{sink * 100:5.1f}%\n")
    if (hit := pointing_hit(coverage, weights)) is not None:
        text.append(f"{'strongest cell':<15}").append_text(verdict(hit, tone))
        text.append(" on it" if hit else " elsewhere")
        shared = iou(coverage, weights)
        text.append("\n" if shared is None else f"   overlap {shared:.2f}\n")
    if (spread := entropy(weights)) is not None:
        text.append(f"{'entropy':<15}{spread:5.2f}", style="dim")
        text.append(f"   even spread {math.log(cells):.2f}\n", style="dim")
    return text
