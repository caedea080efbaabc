"""What is asked how often, so that no answer is likelier than another, on the raw picture and on its twin.

Scenes have three objects far more often than five, and what a twin lost can only turn a Yes into a No. So a
count that is offered at random, or a yes and a no on every scene, would tell a reader without the picture
what to guess. The rates here make up for it; they follow from how ``generate_scene`` and ``make_twin`` draw.
Shares were counted on 60,000 scenes of a seed domain of their own; their standard errors are below 0.002.
"""

import random
from typing import Final

from relcli.scenes.scene import MIN_ENTITIES

COUNT_SHARES: Final = {
    (2, 2): 1388, (2, None): 1388, (3, 2): 2055, (3, 3): 2055,
    (4, 3): 1405, (4, 4): 1405, (5, 4): 137, (5, 5): 137,
}  # fmt: skip
"""Of 10,000 scenes, how many have so many objects, and so many left on the twin (None: no twin)."""
COUNT_LEFT_OUT: Final = {
    2: {(2, None): 365, (3, 2): 213, (3, 3): 98, (4, 3): 106, (4, 4): 204},
    3: {(2, 2): 727, (2, None): 743, (3, 2): 416, (3, 3): 1113, (4, 3): 464, (4, 4): 1006, (5, 4): 137},
    4: {(2, None): 280, (3, 2): 188, (3, 3): 92, (4, 3): 96, (4, 4): 195, (5, 5): 137},
}
"""Of each kind of scene, how many are asked with two of the likely numbers (two, three, four) and without the
third. What is missing from the shares, a third of the scenes, is not asked.

Whichever is left out, the other two are equally often true, on the raw pictures and on the twins, and None,
which the third number has for its answer, is the likeliest. So a reader without the picture can do no better
than to say None always, and nobody gains by knowing that no scene has seven objects. Of the solutions of that
linear programme it is one that asks about most scenes with None right in at most 36% of the raw and 40% of
the masked pictures."""
UNLIKELY_COUNTS: Final = (0, 1, 5, 6, 7, 8)
"""Two of these stand beside the likely numbers, as in the study, which offers 0 to 8."""

RECOGNITION_SHARES: Final = {
    "recognition_shape": (0.061, 0.766, 0.141),
    "recognition_color": (0.084, 0.775, 0.141),
    "recognition_shape_and_color": (0.108, 0.746, 0.137),
}
"""Shares of scenes in which what a yes question names is gone from the twin, is still there, and that have no
twin since one object would be left."""


def count_options(count: int, left: int | None, rng: random.Random) -> tuple[str, ...]:
    """The four numbers to offer where ``count`` objects are and ``left`` on the twin; none if it isn't asked.

    ``left`` None: there is no twin. Scenes that could have one were then made without.
    """
    kinds = {(count, left)} & set(COUNT_SHARES) or {
        kind for kind in COUNT_SHARES if left is None and kind[0] == count
    }
    asked = [sum(row.get(kind, 0) for kind in kinds) for row in COUNT_LEFT_OUT.values()]
    every = sum(COUNT_SHARES[kind] for kind in kinds)
    if not every:
        return ()
    [missing] = rng.choices([*COUNT_LEFT_OUT, None], [*asked, every - sum(asked)])
    if missing is None:
        return ()
    numbers = [number for number in COUNT_LEFT_OUT if number != missing] + rng.sample(UNLIKELY_COUNTS, 2)
    rng.shuffle(numbers)
    return tuple(map(str, numbers))


def recognition_rates(category: str) -> tuple[float, float, float, float]:
    """How often a yes question is asked if its object goes and if there is no twin, and a no question if
    there is a twin and if there is none; a yes question whose object stays is always asked.

    As many questions have Yes as No for their truth, on the raw pictures (g: goes, s: stays, n: no twin):
    g yes_goes + s + n yes_alone = (g + s) no_twin + n no_alone; on the twins: s = (g + s) no_twin +
    g yes_goes. So the scenes without a twin make up for the Yes that turned No.
    """
    goes, stays, alone = RECOGNITION_SHARES[category]
    yes_goes = min(1.0, alone / (2 * goes))
    yes_alone = 1 - 2 * goes * yes_goes / alone
    no_twin = (stays - goes * yes_goes) / (goes + stays)
    return yes_goes, yes_alone, no_twin, 1.0


def recognition_answers(
    category: str, n_entities: int, stays: bool | None, rng: random.Random
) -> tuple[str, ...]:
    """Whether to ask what is there ("Yes"), what isn't ("No"), both or neither.

    ``stays``: whether what the yes question names is still there on the twin; None where there is no twin. A
    scene that could have one was then made without, and both are asked.
    """
    yes_goes, yes_alone, no_twin, no_alone = recognition_rates(category)
    if stays is None:
        rates = (yes_alone, no_alone) if n_entities <= MIN_ENTITIES else (1.0, 1.0)
    else:
        rates = (1.0 if stays else yes_goes, no_twin)
    return tuple(answer for answer, rate in zip(("Yes", "No"), rates, strict=True) if rng.random() < rate)
