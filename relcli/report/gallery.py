"""Questions that tell something, with their pictures and where the model looked, as a page shows them."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from relcli.report.facts import Facts

if TYPE_CHECKING:
    from PIL import Image

    from relcli.results.question import QuestionView, VariantAnswer

_HEAT = 0.55  # how much the heat hides the picture
_LARGEST = 448  # pixels of a side


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of a question. image, heat: data URIs, None where there is none; answer: what was said;
    means, truth: in words; right: its grade."""

    variant: str
    image: str | None
    heat: str | None
    answer: str
    means: str
    truth: str
    right: bool | None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """sure: probability of the likeliest option on the raw picture; twin: what the masked picture lacks."""

    place: str
    category: str
    stem: str
    options: Sequence[tuple[str, str]]
    flaws: Sequence[str]
    twin: str
    sure: float | None
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The exhibits of one kind, of `n` that there are."""

    kind: str
    n: int
    exhibits: Sequence[Exhibit]


def gallery(facts: Facts) -> list[Shelf]:
    """The most telling failures of a run, three of a kind at most; empty where it made none."""
    from relcli.results.question_reading import read_question
    from relcli.warehouse.opening import connect
    from relcli.warehouse.reads import read

    shelves = []
    with connect(facts.database, read_only=True):
        rows = read(facts.database, "report_failures", run=facts.name).as_dicts()
        for kind, group in groupby(rows, key=lambda row: row["kind"]):
            mine = list(group)
            exhibits = []
            for row in mine:
                view = read_question(facts.database, facts.name, (row["scene_id"], row["question_index"]))
                exhibits.append(exhibit(view, row["sure"]))
            shelves.append(Shelf(kind, mine[0]["n_kind"], exhibits))
    return shelves


def exhibit(
    view: "QuestionView", sure: float | None = None, variants: Sequence[str] = ("raw", "masked")
) -> Exhibit:
    """One question as a page shows it, on those of `variants` that were asked."""
    return Exhibit(
        place=f"{view.scene_id}.{view.question_index}",
        category=view.category,
        stem=view.sentence,
        options=view.lettered,
        flaws=view.flaws,
        twin=view.twin,
        sure=sure,
        panels=[_panel(view, name, view.answers[name]) for name in variants if name in view.answers],
    )


def _panel(view: "QuestionView", variant: str, answered: "VariantAnswer") -> Panel:
    from relcli.drawing.boxes import framed
    from relcli.drawing.pictures import opened, under_heat

    words = dict(view.lettered)
    data, maps = view.pictures.get(variant), view.maps.get(variant)
    heat = maps.heat(None, "mean_heads") if maps else None
    over = framed(under_heat(data, heat, _HEAT), view.frames.get(variant, ())) if heat else None
    means = "unreadable" if answered.choice is None else words.get(answered.choice, answered.choice)
    return Panel(
        variant=variant,
        image=data_uri(opened(data)),
        heat=data_uri(over),
        answer=answered.answer or "",
        means=means,
        truth=words.get(answered.truth, answered.truth),
        right=answered.correct,
    )


def data_uri(picture: "Image.Image | None") -> str | None:
    """A picture as it can stand in a page; large ones are made smaller."""
    if picture is None:
        return None
    if max(picture.size) > _LARGEST:
        picture = picture.copy()
        picture.thumbnail((_LARGEST, _LARGEST))
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
