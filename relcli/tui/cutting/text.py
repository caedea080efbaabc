"""What a cut or steering did, in a few lines."""

from relcli.tui.cutting.compute import EditView
from relcli.tui.widgets.cells import Tones
from relcli.tui.widgets.safe_text import Text


def effect_text(view: EditView, tone: Tones) -> Text:
    """The answer before and under the edit, and how the right option's log-odds change, beside controls."""
    text, effect = Text(), view.edited.effect
    before, after = (each.answers[view.variant] for each in (view.plain, view.question))
    text.append(f"{before.answer or ''} → {after.answer or ''}", style="bold")
    text.append("  the answer changes\n" if effect.flipped else "  the same answer\n", style="")
    if effect.change is None:
        text.append("no right option is known, or there are no scores\n", style="dim")
        return text
    style = tone["bad"] if effect.change < -0.5 else tone["good"] if effect.change > 0.5 else ""
    text.append("log-odds of the right option ").append(f"{_signed(effect.change)}\n", style=style)
    if effect.control is not None:
        sets = f"{effect.n_controls} matched random set{'s' * (effect.n_controls != 1)}"
        text.append(f"{sets} {_signed(effect.control)}\n", style="dim")
    else:
        text.append("no matched random set to compare with\n", style="dim")
    if effect.all_heads is not None:
        text.append(f"all heads {_signed(effect.all_heads)}\n", style="dim")
    return text


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\u2212")
