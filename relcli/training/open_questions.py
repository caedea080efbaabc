"""Free questions about a scene in many wordings, and their answers, computed from the scene.

They teach what the lettered questions are made of (is that there, what does the arrow touch, which side) at a
tenth of their length, and let the trained model answer a person's own words.
"""

import random

from relcli.scenes.facts import matching, unique_entities
from relcli.scenes.scene import Scene, direction
from relcli.scenes.vocabulary import COLORS, NAMES, RELATION_TEXTS, SHAPES

#: Words for things that are never in a picture; asked about now and then so that "No" and "None" cover them.
STRANGERS = (
    "dog",
    "cat",
    "house",
    "car",
    "star",
    "hexagon",
    "person",
    "tree",
    "cloud",
    "pink circle",
    "black square",
    "white triangle",
    "brown rectangle",
    "grey circle",
    "book",
    "heart",
)
_UNANSWERABLE = (
    "What is the weather like",
    "Who are you",
    "What time is it",
    "Tell me a joke",
    "What is the capital of France",
    "How old is the person",
    "What does the sign say",
    "Hello",
    "Why is the sky blue",
    "What is written in the image",
)


def open_questions(scene: Scene, count: int, rng: random.Random) -> list[tuple[str, str]]:
    """``count`` prompts with their replies; fewer where the scene does not allow a kind that was drawn."""
    makers = rng.choices(_MAKERS, weights=_WEIGHTS, k=count)
    asked = []
    for maker in makers:
        made = maker(scene, rng)
        if made is not None:
            prompt, reply = made
            asked.append((_typed(prompt, rng), reply))
    return asked


def indefinite(text: str) -> str:
    """A name with its article."""
    return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"


def _typed(prompt: str, rng: random.Random) -> str:
    """As people type it: now and then in lower case or without the question mark."""
    prompt = f"{prompt}?"
    if rng.random() < 0.15:
        prompt = prompt[0].lower() + prompt[1:]
    return prompt[:-1] if rng.random() < 0.1 else prompt


def _yes(value: bool) -> str:
    return "Yes" if value else "No"


def _exists(scene: Scene, rng: random.Random) -> tuple[str, str]:
    kind = rng.random()
    present = rng.choice(scene.entities)
    if kind < 0.08:
        what, there = rng.choice(STRANGERS), False
    elif kind < 0.3:
        shape = present.shape if rng.random() < 0.4 else rng.choice(SHAPES)
        what, there = shape, bool(matching(scene, shape=shape))
    elif kind < 0.5:
        color = present.color if rng.random() < 0.4 else rng.choice(tuple(COLORS))
        what, there = (
            f"{color} {rng.choice(('shape', 'object', 'thing'))}",
            bool(matching(scene, color=color)),
        )
    else:
        draw = rng.random()
        if draw < 0.5:
            what = present.name
        elif draw < 0.8:  # right colour or right shape with another one: what binding has to tell apart
            other = rng.choice(scene.entities)
            what = f"{present.color} {other.shape if rng.random() < 0.6 else rng.choice(SHAPES)}"
        else:
            what = rng.choice(NAMES)
        color, shape = what.split()
        there = bool(matching(scene, color=color, shape=shape))
    one = indefinite(what)
    prompt = rng.choice(
        (
            f"Is there {one}",
            f"Is there {one} in the image",
            f"Does this image have {one}",
            f"Can you see {one}",
            f"Do you see {one}",
            f"Does the picture contain {one}",
            f"Is {one} in the picture",
        )
    )
    return prompt, _yes(there)


def _how_many(scene: Scene, rng: random.Random) -> tuple[str, str]:
    draw = rng.random()
    if draw < 0.45:
        words = ("shapes are in this image", "shapes are there", "objects are there", "things do you see")
        return f"How many {rng.choice(words)}", str(len(scene.entities))
    if draw < 0.65:
        return f"How many arrows {rng.choice(('are there', 'are in this image'))}", str(len(scene.arrows))
    if draw < 0.85:
        shape = rng.choice(SHAPES)
        return f"How many {shape}s are there", str(len(matching(scene, shape=shape)))
    color = rng.choice(tuple(COLORS))
    return f"How many {color} shapes are there", str(len(matching(scene, color=color)))


def _which_color(scene: Scene, rng: random.Random) -> tuple[str, str] | None:
    shape = rng.choice(scene.entities).shape if rng.random() < 0.85 else rng.choice(SHAPES)
    having = matching(scene, shape=shape)
    if len(having) > 1:
        return None
    reply = scene.entity(having[0]).color if having else "None"
    word = rng.choice(("color", "colour"))
    return rng.choice((f"What {word} is the {shape}", f"Which {word} does the {shape} have")), reply


def _which_shape(scene: Scene, rng: random.Random) -> tuple[str, str] | None:
    color = rng.choice(scene.entities).color if rng.random() < 0.85 else rng.choice(tuple(COLORS))
    having = matching(scene, color=color)
    if len(having) > 1:
        return None
    reply = scene.entity(having[0]).shape if having else "None"
    return rng.choice(
        (f"What shape is the {color} object", f"Which shape is {color}", f"What is {color}")
    ), reply


def _arrow_between(scene: Scene, rng: random.Random) -> tuple[str, str] | None:
    """Is there an arrow from A to B: half of the time about a pair that has one."""
    if len(scene.entities) < 2:
        return None
    arrows = {(scene.entity(a.subject_id).name, scene.entity(a.object_id).name) for a in scene.arrows}
    source, target = (entity.name for entity in rng.sample(scene.entities, 2))
    if arrows and rng.random() < 0.5:
        source, target = rng.choice(sorted(arrows))
        if rng.random() < 0.3:
            source, target = target, source
    if rng.random() < 0.65:
        prompt = rng.choice(
            (
                f"Is there an arrow from the {source} to the {target}",
                f"Does an arrow point from the {source} to the {target}",
                f"Does the {source} point to the {target}",
            )
        )
        return prompt, _yes((source, target) in arrows)
    joined = (source, target) in arrows or (target, source) in arrows
    return f"{rng.choice(('Are', 'are'))} the {source} and the {target} connected", _yes(joined)


def _points_to(scene: Scene, rng: random.Random) -> tuple[str, str] | None:
    unique = unique_entities(scene)
    if not unique:
        return None
    entity = rng.choice(unique)
    out = sorted(f"the {scene.entity(a.object_id).name}" for a in scene.arrows if a.subject_id == entity.id)
    into = sorted(f"the {scene.entity(a.subject_id).name}" for a in scene.arrows if a.object_id == entity.id)
    draw = rng.random()
    if draw < 0.4:
        prompt = rng.choice(
            (f"Where does the arrow from the {entity.name} point to", f"What does the {entity.name} point to")
        )
        names = out
    elif draw < 0.7:
        prompt, names = f"What points to the {entity.name}", into
    else:
        prompt, names = f"What is connected to the {entity.name}", sorted(out + into)
    return prompt, " and ".join(names) or "None"


def _which_way(scene: Scene, rng: random.Random) -> tuple[str, str] | None:
    """Where does the arrow between A and B point to, in full; None where no arrow joins them."""
    unique = unique_entities(scene)
    if len(unique) < 2:
        return None
    a, b = rng.sample(unique, 2)
    arrows = [
        arrow for arrow in scene.arrows if {arrow.subject_id, arrow.object_id} <= {e.id for e in unique}
    ]
    if arrows and rng.random() < 0.6:
        arrow = rng.choice(arrows)
        a, b = scene.entity(arrow.subject_id), scene.entity(arrow.object_id)
    reply = "None"
    for arrow in scene.arrows:
        if {arrow.subject_id, arrow.object_id} == {a.id, b.id}:
            reply = (
                f"from the {scene.entity(arrow.subject_id).name} to the {scene.entity(arrow.object_id).name}"
            )
    if rng.random() < 0.5:
        a, b = b, a
    return f"Where does the arrow between the {a.name} and {b.name} point to", reply


def _where(scene: Scene, rng: random.Random) -> tuple[str, str] | None:
    unique = unique_entities(scene)
    if len(unique) < 2:
        return None
    asked, reference = rng.sample(unique, 2)
    prompt = rng.choice(
        (
            f"What is the position of the {asked.name} with respect to the {reference.name}",
            f"Where is the {asked.name} relative to the {reference.name}",
            f"On which side of the {reference.name} is the {asked.name}",
        )
    )
    return prompt, f"{RELATION_TEXTS[direction(reference, asked)]} the {reference.name}"


def _is_beside(scene: Scene, rng: random.Random) -> tuple[str, str] | None:
    """Is A above B: asked only where the axis in question tells clearly."""
    unique = unique_entities(scene)
    if len(unique) < 2:
        return None
    asked, reference = rng.sample(unique, 2)
    relation = rng.choice(tuple(RELATION_TEXTS))
    axis = 0 if relation in ("left_of", "right_of") else 1
    offset = asked.center[axis] - reference.center[axis]
    if abs(offset) < 15:
        return None
    holds = offset > 0 if relation in ("right_of", "below") else offset < 0
    return f"Is the {asked.name} {RELATION_TEXTS[relation]} the {reference.name}", _yes(holds)


def _absent_referent(scene: Scene, rng: random.Random) -> tuple[str, str] | None:
    """A question about something that is not there: the honest reply is None."""
    names = {entity.name for entity in scene.entities}
    absent = rng.choice([name for name in NAMES if name not in names])
    present = rng.choice(scene.entities).name
    prompt = rng.choice(
        (
            f"What does the {absent} point to",
            f"What is connected to the {absent}",
            f"What points to the {absent}",
            f"Where is the {absent} relative to the {present}",
            f"What is the position of the {absent} with respect to the {present}",
            f"What is the position of the {present} with respect to the {absent}",
            f"Where does the arrow between the {absent} and {present} point to",
            f"What color is the {rng.choice(STRANGERS).split()[-1]}",
        )
    )
    if prompt.startswith("What color") and prompt.split()[-1] in SHAPES:
        return None
    return prompt, "None"


def _unanswerable(scene: Scene, rng: random.Random) -> tuple[str, str]:
    return rng.choice(_UNANSWERABLE), "None"


_MAKERS = (
    _exists,
    _how_many,
    _which_color,
    _which_shape,
    _arrow_between,
    _points_to,
    _which_way,
    _where,
    _is_beside,
    _absent_referent,
    _unanswerable,
)
_WEIGHTS = (3, 1.5, 1, 1, 4, 3, 2, 5, 4, 0.8, 0.15)
