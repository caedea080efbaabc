"""Steering planned for one question: heads of layers, picked cells, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.errors import UsageError
from relcli.jobs.experiment_regions import Regions
from relcli.jobs.experiment_steps import experiment_name
from relcli.jobs.worker_cut import Cutting, plan_cut
from relcli.jobs.worker_edits import EditAnswer, effect
from relcli.jobs.worker_protocol import OneAnswer
from relcli.jobs.worker_steer import Drawing, plan_steering
from relcli.models.edits import Steering

PLACE = (3, 7, "raw")
REGIONS = Regions(8, 8, {PLACE: {"target": (9, 10), "distractor": None}})
N_LAYERS, N_HEADS = 6, 4


def planned(**asked):
    return plan_steering(Drawing(**asked), "r", PLACE, REGIONS, N_LAYERS, N_HEADS)


@pytest.mark.parametrize("plan", [
    lambda heads: plan_steering(Drawing("cells", frozenset({3}), heads=heads), "r", PLACE, REGIONS, 20, 20),
    lambda heads: plan_cut(Cutting("cells", frozenset({3}), heads=heads), "r", PLACE, REGIONS, 20, 20),
], ids=["steer", "cut"])  # fmt: skip
def test_long_lists_of_heads_that_begin_alike_have_names_of_their_own(plan):
    many = [f"{layer}.{layer}" for layer in range(19)]
    names = [plan(",".join([*many, last]))[0][0].intervention for last in ("19.1", "19.2")]
    assert names[0] != names[1] and all(len(name) <= 80 and "cells-" in name for name in names)


def test_layers_are_their_heads_as_the_command_would_name_them():
    by_layers, by_heads = planned(layers="1"), planned(heads="1.0,1.1,1.2,1.3")
    assert [(record.intervention, edit) for record, edit in by_layers] == [
        (record.intervention, edit) for record, edit in by_heads
    ]
    assert by_layers[0][1].heads == ((1, 0), (1, 1), (1, 2), (1, 3))
    assert [record.intervention.rpartition("/")[2] for record, _ in by_layers[1:]] == [
        "random-1", "random-2", "random-3", "all-heads",
    ]  # fmt: skip
    assert planned(layers="0-5")[0][1].heads is None


def test_picked_cells_are_named_and_their_controls_touch_nothing_asked_about():
    found = planned(to="cells", cells=frozenset({0, 20}), strength=-2.0)
    assert len(found) == 4
    record, edit = found[0]
    assert isinstance(edit, Steering) and (edit.cells, edit.strength) == ((0, 20), -2.0)
    assert record.row()["region"] == "cells" and '"cells": [0, 20]' in record.spec()
    for record, edit in found[1:]:
        assert record.control_of == found[0][0].intervention
        assert len(edit.cells) == 2 and not {0, 20, 9, 10} & set(edit.cells)
    other = planned(to="cells", cells=frozenset({0, 21}), strength=-2.0)
    assert other[0][0].intervention != found[0][0].intervention


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"to": "distractor"}, "no region distractor"),
        ({"to": "cells"}, "No cell is picked"),
        ({"strength": 0.0}, "0 changes nothing"),
        ({"layers": "each"}, "no sweep"),
        ({"layers": "6"}, "no layer 6"),
        ({"heads": "0.4"}, "no head 0.4"),
        ({"heads": "2.0", "layers": "1"}, "leaves out"),
        ({"heads": "top:3@head_grounding"}, "over a whole run"),
    ],
)
def test_what_can_not_be_steered_is_said(asked, says):
    with pytest.raises(UsageError, match=says):
        planned(**asked)


def test_the_effect_keeps_random_sets_and_all_heads_apart():
    found = planned(heads="1.0")
    answers = [
        OneAnswer(answer="a", choice="a", option_logprobs=[-by, -1.0], n_steps=1, truncated=False)
        for by in (2.0, 3.0, 4.0, 5.0, 9.0)
    ]
    did = effect("b", [-1.0, -1.0], 0, found, answers)
    assert (did.change, did.control, did.n_controls, did.all_heads) == (-1.0, -3.0, 3, -8.0)
    assert did.flipped
    assert EditAnswer(found, answers, did).effect == did


@given(st.lists(st.text("abc.,:0123456789", max_size=60), min_size=1, max_size=4))
def test_names_fit_and_long_ones_that_begin_alike_differ(parts):
    name = experiment_name(["x", *parts])
    assert 1 <= len(name) <= 80
    whole = "-".join(filter(None, ["x", *parts]))
    if len(whole) > 80:
        assert name != experiment_name(["x", *parts, "y"])
