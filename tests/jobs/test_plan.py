"""What a run asks: sets, categories, variants, scenes, what is left, and who takes what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.errors import UsageError
from relcli.jobs.plan import RunPlan, make_plan
from relcli.jobs.request import RunRequest
from relcli.scenes.items import Dataset, DatasetItem, Picture, Variant
from relcli.scenes.questions import Question, Truth
from relcli.warehouse.batch import Key


def question(
    scene_id: int, index: int, category: str = "count", question_set: str = "seed", masked: str = "b)"
) -> Question:
    truths = (Truth("masked", masked),) if masked else ()
    return Question(scene_id, index, question_set, category, "text", "stem", ("1", "2"), "a)", truths)


def item(scene_id: int, *questions: Question, twin: bool = True) -> DatasetItem:
    picture = Picture(b"", "picture")
    variants = (Variant("masked", picture),) if twin else ()
    return DatasetItem(scene_id, f"{scene_id}.png", picture, variants, questions=questions)


TWO_SETS = Dataset(
    "two",
    None,
    [
        item(
            7, question(7, 0), question(7, 1, "recognition_color"), question(7, 100, question_set="balanced")
        ),
        item(3, question(3, 0, masked="")),
        item(5, question(5, 0), twin=False),
    ],
)


def keys(plan: RunPlan) -> list[tuple[int, int, str]]:
    return [task.key(q)[:3] for task in plan.tasks for q in task.questions]


def test_scenes_come_in_order_and_a_twin_that_is_not_there_is_not_asked() -> None:
    plan = make_plan(TWO_SETS, RunRequest(variants=("raw", "masked", "blank")))
    assert plan.question_set == "seed" and plan.scene_ids is None
    assert keys(plan) == [
        *((3, 0, "raw"), (3, 0, "blank"), (5, 0, "raw"), (5, 0, "blank")),
        *((7, 0, "raw"), (7, 1, "raw"), (7, 0, "masked"), (7, 1, "masked"), (7, 0, "blank"), (7, 1, "blank")),
    ]


def test_blank_is_graded_against_the_raw_answer() -> None:
    plan = make_plan(TWO_SETS, RunRequest(variants=("raw", "masked", "blank"), sample_index=7))
    truths = {task.variant: task.truth(task.questions[0]) for task in plan.tasks}
    assert truths == {"raw": "a)", "masked": "b)", "blank": "a)"}


def test_the_question_version_follows_texts_and_truths() -> None:
    def version(truth: str) -> str:
        data = Dataset("d", None, [item(0, question(0, 0, masked=truth))])
        return make_plan(data, RunRequest()).question_version

    assert version("a)") == version("a)") != version("b)")


def test_one_category_one_set_some_scenes() -> None:
    assert keys(make_plan(TWO_SETS, RunRequest(categories=("recognition_color",), variants=("raw",)))) == [
        (7, 1, "raw")
    ]
    assert keys(make_plan(TWO_SETS, RunRequest(questions="balanced", variants=("raw",)))) == [(7, 100, "raw")]
    assert make_plan(TWO_SETS, RunRequest(max_samples=2)).scene_ids == (3, 5)
    assert make_plan(TWO_SETS, RunRequest(max_samples=9)).scene_ids is None


def test_a_set_of_its_own_is_taken_as_it_is() -> None:
    mine = Dataset("mine", None, [item(0, question(0, 0, question_set="balanced"))])
    assert make_plan(mine, RunRequest()).question_set == "balanced"


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (RunRequest(sample_index=4), "numbered 3 to 7"),
        (RunRequest(categories=("explicit_connection",)), "nothing to ask"),
    ],
)
def test_what_is_not_there_is_said(request_: RunRequest, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        make_plan(TWO_SETS, request_)


@given(st.integers(1, 5), st.integers(1, 12), st.sets(st.integers(0, 40)))
def test_ranks_share_everything_once_and_keep_scenes_whole(world: int, n_scenes: int, done: set[int]) -> None:
    data = Dataset("d", None, [item(i, question(i, 0), question(i, 1)) for i in range(n_scenes)])
    whole = make_plan(data, RunRequest())
    left = whole.without({Key(*key) for i, key in enumerate(keys(whole)) if i in done})
    assert len(keys(left)) == len(keys(whole)) - len([i for i in done if i < len(keys(whole))])
    shares = [left.share(rank, world) for rank in range(world)]
    assert sorted(key for share in shares for key in keys(share)) == sorted(keys(left))
    homes = [{key[0] for key in keys(share)} for share in shares]
    assert sum(map(len, homes)) == len(set().union(*homes))
