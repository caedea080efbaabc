"""A run's options, alone and against what a run was started with."""

from dataclasses import replace

import pytest

from relcli.errors import UsageError
from relcli.jobs.request import RunRequest, differences, refuse_if_different
from relcli.warehouse.runs import RunRecord

STARTED = RunRecord(
    run="x",
    dataset="six",
    question_set="seed",
    model="bundled",
    categories=["count"],
    variants=["raw", "masked"],
    scene_ids=[3],
    max_new_tokens=16,
    attention="none",
    batch_size=8,
    device="cuda:0",
)


def test_a_resumed_run_keeps_its_own_settings_but_for_those_given_now() -> None:
    given = frozenset({"attention"})
    request = RunRequest(name="x", resume=True, attention=("heads",), given=given).as_started(STARTED)
    assert (request.categories, request.max_new_tokens, request.dataset) == (("count",), 16, "six")
    assert request.attention == ("summary", "heads") and request.batch_size is None


def test_full_maps_of_a_run_of_old_are_those_of_today() -> None:
    """It was called full alone, and is summary,full now."""
    old = replace(STARTED, attention="full")
    assert RunRequest(name="x", resume=True).as_started(old).attention == ("summary", "full")
    assert differences(old, replace(old, attention="summary,full")) == []
    [found] = differences(old, replace(old, attention="summary"))
    assert "--attention" in found


@pytest.mark.parametrize(
    ("change", "option"),
    [
        ({"categories": ["count", "recognition_color"]}, "--category"),
        ({"scene_ids": None}, "--sample-index"),
        ({"scene_ids": [3, 4]}, "2 scenes now"),
        ({"model": "other"}, "--model"),
        ({"max_new_tokens": 128}, "16 then, 128 now"),
        ({"weights_hash": "b" * 64}, "weights"),
    ],
)
def test_each_difference_is_named(change: dict[str, object], option: str) -> None:
    with pytest.raises(UsageError, match=option):
        refuse_if_different(replace(STARTED, weights_hash="a" * 64), replace(STARTED, **change))


def test_device_batch_size_and_what_is_not_known_yet_may_differ() -> None:
    now = replace(STARTED, device="cpu", batch_size=1, dtype=None, variants=("raw", "masked"))
    assert differences(STARTED, now) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"variants": ()}, "--variants"),
        ({"max_samples": 1, "sample_index": 1}, "exclude each other"),
        ({"batch_size": 0}, "--batch-size"),
        ({"resume": True}, "--name"),
        ({"rows": ("stem",)}, "no row 'stem'; --rows takes answer, .*; did you mean 'stem_end'"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        RunRequest(**options)  # type: ignore[arg-type]


def test_a_run_from_before_rows_could_be_chosen_goes_on_with_the_answers_alone() -> None:
    assert replace(STARTED).query_rows is None
    again = RunRequest(name="r", resume=True, given=frozenset({"name", "resume"})).as_started(STARTED)
    assert again.rows == ("answer",)
    assert differences(STARTED, replace(STARTED, query_rows=list(again.rows))) == []
    [found] = differences(STARTED, replace(STARTED, query_rows=["answer", "target"]))
    assert found.startswith("--rows")


@pytest.mark.parametrize(
    ("scenes", "restored"), [([3], (None, 3)), ([0, 1, 4], (3, None)), (None, (None, None))]
)
def test_a_run_of_some_scenes_is_resumed_with_these(scenes: list[int] | None, restored: tuple) -> None:
    again = RunRequest(name="r", resume=True).as_started(replace(STARTED, scene_ids=scenes))
    assert (again.max_samples, again.sample_index) == restored


def test_answers_without_a_reply_are_remembered_and_not_mixed_with_others() -> None:
    written, options = (
        replace(STARTED, decoding={"method": method, "max_new_tokens": 1}) for method in ("greedy", "options")
    )
    assert RunRequest(name="x", resume=True).as_started(options).answers == "options"
    assert RunRequest(name="x", resume=True).as_started(written).answers == "text"
    with pytest.raises(UsageError, match="how tokens are chosen"):
        refuse_if_different(written, options)


def test_a_server_writes_its_answers() -> None:
    with pytest.raises(UsageError, match="--answers"):
        RunRequest.of({"endpoint": "http://localhost:1/v1", "model": "m", "answers": "options"})
