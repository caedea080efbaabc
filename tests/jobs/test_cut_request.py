"""What `relcli cut` is asked for: layers, heads, names, controls, and a sentence for what can't be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.errors import UsageError
from relcli.jobs.cut_request import CutRequest, control_draws, steps


def layers_of(text: str, n_layers: int = 12) -> list[tuple[str, tuple[int, ...] | None]]:
    found = steps(CutRequest(run="x", region="target", layers=text), n_layers, 4)
    return [(step.suffix, step.layers) for step in found]


def test_layers_in_every_form():
    assert layers_of("all") == [("", None)]
    assert layers_of("0-2,5") == [("", (0, 1, 2, 5))]
    assert layers_of("each", 3) == [("/L00", (0,)), ("/L01", (1,)), ("/L02", (2,))]
    assert layers_of("window:2", 4) == [("/L00-01", (0, 1)), ("/L01-02", (1, 2)), ("/L02-03", (2, 3))]


def test_heads_follow_the_layers_of_each_step():
    request = CutRequest(run="x", region="target", layers="each", heads="0.1,2.3,2.0")
    assert [(step.suffix, step.heads) for step in steps(request, 3, 4)] == [
        ("/L00", ((0, 1),)),
        ("/L02", ((2, 0), (2, 3))),
    ]


@given(st.integers(1, 8), st.integers(0, 5))
def test_random_heads_lie_in_the_chosen_layers_and_follow_the_seed(number: int, seed: int):
    request = CutRequest(run="x", region="target", layers="1-2", heads=f"random:{number}", seed=seed)
    [step], [again] = steps(request, 4, 4), steps(request, 4, 4)
    assert step == again and step.heads is not None
    assert len(set(step.heads)) == number and {layer for layer, _ in step.heads} <= {1, 2}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"region": "cat"}, "no region 'cat'"),
        ({"source": "me"}, "--from takes answer"),
        ({"region": "random"}, "needs --match"),
        ({"region": "random", "match": "image"}, "needs --match"),
        ({"match": "arrow"}, "--region random only"),
        ({"control": -1}, "--control must be from 0"),
        ({"seed": -1}, "--seed"),
        ({"batch_size": 0}, "--batch-size"),
        ({"variants": ()}, "No variant"),
        ({"name": "a/b"}, "can't name an intervention"),
        ({"name": "none"}, "called none"),
        ({"layers": "4"}, "no layer 4: the model's 4 are numbered from 0 to 3"),
        ({"layers": "3-1"}, "--layers takes"),
        ({"layers": "window:5"}, "does not fit"),
        ({"layers": "window:0"}, "does not fit"),
        ({"layers": ""}, "--layers takes"),
        ({"heads": "0.4"}, "no head 0.4"),
        ({"heads": "4.0"}, "no head 4.0"),
        ({"heads": "1.0", "layers": "0"}, "leaves out"),
        ({"heads": "two"}, "--heads takes"),
        ({"heads": "random:17"}, "can't be drawn"),
        ({"heads": "random:0"}, "can't be drawn"),
        ({"heads": "top:20@beauty"}, "ranks by head_grounding"),
        ({"region": "image", "control": 2}, "no matched control"),
        ({"region": "random", "match": "target", "control": 1}, "no matched control"),
    ],
)
def test_what_cannot_be_gets_a_sentence(options: dict[str, object], says: str):
    with pytest.raises(UsageError, match=says) as problem:
        request = CutRequest(**{"run": "x", "region": "target", **options})  # type: ignore[arg-type]
        found = steps(request, 4, 4)
        control_draws(request, any(step.heads for step in found))
    assert str(problem.value).count("\n") == 0


def test_a_name_is_made_from_what_is_cut_unless_given():
    assert CutRequest(run="x", region="target").experiment == "target-answer"
    assert CutRequest(run="x", region="random", match="arrow", seed=3).experiment == (
        "random-arrow-answer-seed-3"
    )
    assert CutRequest(run="x", region="target", layers="0-2,5", heads="0.1").experiment == (
        "target-answer-layers-0-2-5-heads-0.1"
    )
    assert CutRequest(run="x", region="target", name="mine").experiment == "mine"


def test_heads_can_stand_in_for_cells_that_nothing_matches():
    assert control_draws(CutRequest(run="x", region="image"), False)[0] == 0
    assert control_draws(CutRequest(run="x", region="image"), True) == (5, None)
    assert control_draws(CutRequest(run="x", region="target", control=2), False) == (2, None)
