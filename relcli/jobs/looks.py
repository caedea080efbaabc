"""Which row, layer and head reads what is asked about? Chosen on half of the scenes, measured on the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from relcli.analysis import looking
from relcli.errors import UsageError
from relcli.jobs.categories import refuse_unknown_categories
from relcli.options.looks import LooksOptions
from relcli.options.reading import Request, validated
from relcli.scenes.vocabulary import asked_categories, categories_in_order
from relcli.warehouse.looks import Looked, Place, read_looked
from relcli.warehouse.reads import read
from relcli.warehouse.unknown import unknown_run

FEWEST_SCENES = 8
"""Below so many scenes a half can't tell anything."""


@dataclass(frozen=True, slots=True)
class Look:
    """The best place of one category, chosen on one half of its scenes and measured on the other.

    half: 1 or 2, the half it is measured on. n, n_scenes: questions and scenes measured, whose object asked
    about is in the picture. row, layer, head: the place chosen, single heads among them where the run keeps
    them (head None: mean over heads). share: of the attention on the picture, on what is asked about. area:
    the share of the picture it covers. chance: the share the same attention has on what other scenes'
    questions ask about. others: the share it would have if it got as much for its area as the other objects.
    p, p_others: sign-flip over scenes, one-sided, that it is no more than chance, than others; p_holm and
    p_others_holm: corrected for all categories and both halves. right, wrong: share less chance where the
    answer is right and where it is wrong; p_right_wrong: of their difference, corrected alike, None with too
    few of either.
    """

    category: str
    half: int
    n: int
    n_scenes: int
    row: str
    layer: int
    head: int | None
    share: float
    area: float
    chance: float
    others: float | None
    p: float
    p_holm: float
    p_others: float | None
    p_others_holm: float | None
    right: float | None
    wrong: float | None
    p_right_wrong: float | None


@validated(frozen=True)
class LooksRequest(Request, LooksOptions):
    """The options of `relcli looks`, validated."""


def looks(database: Path, asked: LooksRequest) -> list[Look]:
    """Both halves of each category of a run, corrections over all its categories whichever are shown.

    Raises UsageError for a run that isn't there or has no attention to look at.
    """
    run, variant, shown = asked.run, asked.variant, asked.categories
    if not read(database, "run", run=run).rows:
        raise unknown_run(database, run)
    answered = {category for (category,) in read(database, "probe_categories", run=run, variant=variant).rows}
    found: list[Look] = []
    refuse_unknown_categories(shown, answered)
    for category in categories_in_order(answered):
        if (looked := read_looked(database, run, variant, category)) is not None:
            found += both_halves(looked, category, asked.seed)
    if not found:
        raise UsageError(
            f"The run {run} has nothing to look at on {variant} pictures: it takes attention (--attention "
            f"summary), scenes with annotations, and at least {FEWEST_SCENES} with what is asked about."
        )
    wanted = asked_categories(shown, answered)
    return [look for look in _corrected(database, found) if look.category in wanted]


def both_halves(looked: Looked, category: str, seed: int) -> list[Look]:
    """Chosen on either half of the scenes and measured on the other; none with too few scenes."""
    if len(np.unique(looked.scenes)) < FEWEST_SCENES:
        return []
    other_scenes = looking.elsewhere(looked.target, looked.scenes, looked.kinds)
    shares = {
        place: looking.shares_of(maps, looked.target, looked.others, other_scenes)
        for place, maps in looked.maps.items()
    }
    area, beside = looked.target.sum(1), looked.others.sum(1)
    per_area = np.divide(area, beside, out=np.full_like(area, np.nan), where=beside > 0)
    shares |= {
        place: looking.Shares(head.target, head.chance, head.distractor * per_area)
        for place, head in looked.heads.items()
    }
    first = looking.halves(looked.scenes, seed)
    found = []
    for half, measured in ((1, first), (2, ~first)):
        place = looking.best_place(shares, ~measured)
        if (look := _measure(looked, category, half, measured, place, shares[place], seed)) is not None:
            found.append(look)
    return found


def _measure(
    looked: Looked,
    category: str,
    half: int,
    measured: NDArray[np.bool_],
    place: Place,
    shares: looking.Shares,
    seed: int,
) -> Look | None:
    above = shares.target - shares.chance
    here = measured & np.isfinite(above)
    scenes = looked.scenes
    p = looking.sign_flip_above(above[here], scenes[here], seed)
    if p is None:
        return None
    beside = here & np.isfinite(shares.others)
    right, wrong, p_right_wrong = looking.right_against_wrong(above[here], looked.correct[here], scenes[here])
    return Look(
        category=category,
        half=half,
        n=int(here.sum()),
        n_scenes=len(np.unique(scenes[here])),
        row=place[0],
        layer=place[1],
        head=place[2],
        share=float(shares.target[here].mean()),
        area=float((looked.target.sum(1) / looked.n_cells)[here].mean()),
        chance=float(shares.chance[here].mean()),
        others=float(shares.others[beside].mean()) if beside.any() else None,
        p=p,
        p_holm=p,
        p_others=looking.sign_flip_above((shares.target - shares.others)[here], scenes[here], seed),
        p_others_holm=None,
        right=right,
        wrong=wrong,
        p_right_wrong=p_right_wrong,
    )


def _corrected(database: Path, found: Sequence[Look]) -> list[Look]:
    """Each of the three tests corrected (Holm) over all categories and halves."""
    corrected = {
        name: [p for (p,) in read(database, "holm", p=[getattr(look, name) for look in found]).rows]
        for name in ("p", "p_others", "p_right_wrong")
    }
    return [
        replace(
            look,
            p_holm=corrected["p"][place],
            p_others_holm=corrected["p_others"][place],
            p_right_wrong=corrected["p_right_wrong"][place],
        )
        for place, look in enumerate(found)
    ]
