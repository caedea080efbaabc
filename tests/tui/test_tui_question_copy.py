"""Pages of a run's questions come from a copy in memory: the rows of the file, and never stale ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.results.question_pages import QuestionPages
from relcli.results.questions import CHANGES, DIFFER, FLAWED, MARKED, SORTS, STATUSES, QuestionFilter
from relcli.scenes.vocabulary import CATEGORIES
from relcli.warehouse.marks import set_mark
from relcli.warehouse.question_copy import copy_questions
from relcli.warehouse.reads import read
from tests.examples import examples

RUN, OTHER = "study-4b", "small-2b"
_FILTERS = st.builds(
    QuestionFilter,
    category=st.sampled_from(["", *CATEGORIES]),
    variant=st.sampled_from(["raw", "masked"]),
    status=st.sampled_from([*STATUSES]),
    change=st.sampled_from([*CHANGES]),
    flawed=st.sampled_from([*FLAWED]),
    text=st.sampled_from(["", "", "circle", "objects:3 arrows>0", "color:red"]),
    marked=st.sampled_from([*MARKED, ""]),
    sort=st.sampled_from([*SORTS]),
    differ=st.sampled_from([*DIFFER]),
    other=st.sampled_from(["", OTHER]),
)
_EDGES = st.fixed_dictionaries(
    {"scene_id": st.integers(0, 23), "question_index": st.integers(0, 9), "including": st.booleans()}
)


def from_file(path, **params):
    return read(path, "question_page", **params).as_dicts()


@pytest.fixture(scope="module")
def copied(kit):
    """Of a file that nobody writes to."""
    return copy_questions(kit, RUN, OTHER)


@pytest.mark.slow
@given(_FILTERS, st.one_of(st.just({}), _EDGES), st.booleans())
@settings(max_examples=examples(12), deadline=None)
def test_the_copy_gives_the_rows_of_the_file(kit, copied, chosen, edge, back):
    params = {"run": RUN, **chosen.params(), **edge, "back": back, "count": True, "n": 30}
    assert copied is not None and copied.fresh
    assert copied.page(**params).as_dicts() == from_file(kit, **params)


def test_pages_follow_what_is_written(warehouse):
    pages = QuestionPages(warehouse)
    params = {"run": RUN, **QuestionFilter(marked="yes").params(), "back": False, "count": True, "n": 5}
    copy = pages.prepare(RUN, None)
    assert copy is not None and pages.prepare(RUN, None) is copy
    assert pages.read(**params) == []
    set_mark(warehouse, RUN, 3, 1, marked=True, note=None)
    assert not copy.fresh
    assert [(row["scene_id"], row["question_index"]) for row in pages.read(**params)] == [(3, 1)]
    renewed = pages.prepare(RUN, None)
    assert renewed is not copy and renewed is not None and renewed.page(**params).rows


def test_a_page_beside_another_run_is_not_of_a_copy_without_it(warehouse):
    pages = QuestionPages(warehouse)
    pages.prepare(RUN, None)
    params = {"run": RUN, **QuestionFilter(other=OTHER).params(), "back": False, "count": True, "n": 200}
    assert pages.read(**params) == from_file(warehouse, **params)
    assert any(row["other"] for row in pages.read(**params))


def test_a_run_with_too_many_answers_is_read_from_the_file(warehouse, monkeypatch):
    monkeypatch.setattr("relcli.warehouse.question_copy._MOST_ANSWERS", 10)
    pages = QuestionPages(warehouse)
    assert pages.prepare(RUN, None) is None
    params = {"run": RUN, **QuestionFilter().params(), "back": False, "count": True, "n": 5}
    assert len(pages.read(**params)) == 5


@pytest.mark.parametrize("sort", ["moved", "grounded", "ungrounded"])
@pytest.mark.slow
def test_an_order_by_attention_is_that_of_the_file(warehouse, sort):
    params = {"run": RUN, **QuestionFilter(sort=sort).params(), "back": False, "count": True, "n": 200}
    assert QuestionPages(warehouse).read(**params) == from_file(warehouse, **params)
