"""The templates' engine, set so that nothing reaches a page unescaped or unseen."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.report.needs import need
from relcli.report.tables import cell
from relcli.visible import visible

if TYPE_CHECKING:
    from jinja2 import Environment

    from relcli.report.gallery import Exhibit

_TEMPLATES = Path(__file__).parent / "templates"


def environment() -> "Environment":
    """Jinja2 over our templates. Raises RelcliError where it isn't installed."""
    need("jinja2")
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_seen,
    )
    made.filters["cell"] = lambda value: Markup(cell(value))
    return made


def exhibit_html(exhibit: "Exhibit") -> str:
    """One question as HTML to stand in a notebook, with its own styles."""
    made = environment()
    styles = (_TEMPLATES / "exhibit.css").read_text(encoding="utf-8")
    article = made.get_template("exhibit.html.j2").render(exhibit=exhibit)
    return f'<div class="relcli-question"><style>{styles}</style>{article}</div>'


def _seen(value: Any) -> Any:
    """Whatever a template writes, made safe to show; what is markup already stays."""
    if value is None:
        return ""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value, keep="\n")
    return value
