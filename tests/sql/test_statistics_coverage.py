"""Level of the test and coverage of the intervals, by simulation at the sizes people have.

Scenes of 1 to 3 questions that agree not at all, half of the time or always, few and many changes. Bars: the
test at 5% is wrong at most 6% of the time, and at least 4% where 20 scenes or more are expected to change; a
95% interval holds the truth at least 93% of the time. TRIES gives a standard error of 0.35 points at 5%, so a
bar is missed by three of them before a test fails.
"""

import duckdb
import numpy as np
import pytest

from relcli.paths import sql_dir

pytestmark = pytest.mark.slow
TRIES = 4000
SIZES = (20, 100, 500)
QUESTIONS = ((1, 1), (2, 2), (1, 3))
AGREE = (0.0, 0.5, 1.0)
MACROS = (
    "sign_flip", "sign_flip_p", "surely_below", "agresti_coull_end", "accuracy_end", "difference_end",
    "change_size", "background_change", "normal_quantile", "smallest_detectable", "stirling_error",
    "binomial_half", "mcnemar_p",
)  # fmt: skip
SLACK = 3 * np.sqrt(0.05 * 0.95 / TRIES)


@pytest.fixture(scope="module")
def connection():
    """Of our own, since one of relcli's reads no arrays; the macros are those of the warehouse."""
    with duckdb.connect(config={"threads": 1}) as opened:
        for name in MACROS:
            opened.execute((sql_dir() / "macros" / f"{name}.sql").read_text())
        yield opened


def draw(rng, scenes, questions, agree, first, second):
    """Per try and scene: questions, and how many of them fall into either of two outcomes of these shares. In
    a share `agree` of the scenes all questions share one lot."""
    least, most = questions
    n = rng.integers(least, most + 1, (TRIES, scenes))
    lot = rng.random((TRIES, scenes, most))
    lot = np.where(rng.random((TRIES, scenes, 1)) < agree, lot[..., :1], lot)
    there = np.arange(most) < n[..., None]
    return n, (there & (lot < first)).sum(-1), (there & (lot >= first) & (lot < first + second)).sum(-1)


def aggregated(connection, sql, **columns):
    """`sql`, aggregates over scenes, for each try."""
    scenes = next(iter(columns.values())).shape[1]
    flat = {name: values.ravel() for name, values in columns.items()}
    flat["try"] = np.repeat(np.arange(TRIES), scenes)
    connection.register("flat", flat)
    found = connection.execute(f"SELECT {sql} FROM flat GROUP BY try ORDER BY try").fetchall()
    return np.array(found, dtype=float).T


def cases(rates):
    return [
        pytest.param(scenes, questions, agree, *each, id=f"{scenes}-{questions}-{agree}-{each}")
        for scenes in SIZES
        for questions in QUESTIONS
        for agree in (AGREE if questions != (1, 1) else AGREE[:1])
        for each in rates
    ]


@pytest.mark.parametrize(
    ("scenes", "questions", "agree", "each_way"), cases([(0.005,), (0.02,), (0.05,), (0.15,), (0.4,)])
)
def test_level_and_coverage_where_nothing_differs(connection, scenes, questions, agree, each_way):
    rng = np.random.default_rng(int(scenes * 1000 + each_way * 1000))
    n, gained, lost = draw(rng, scenes, questions, agree, each_way, each_way)
    change = gained - lost
    p, low, high = aggregated(
        connection, "sign_flip_p(c), difference_end(n, c, -1), difference_end(n, c, 1)", n=n, c=change
    )
    found = np.mean(p <= 0.05)
    assert found <= 0.06 + SLACK
    if np.mean((change != 0).sum(1)) >= 20:
        assert found >= 0.04 - SLACK
    assert np.mean((low <= 0) & (high >= 0)) >= 0.93 - SLACK


@pytest.mark.parametrize(
    ("scenes", "questions", "agree", "gain", "loss"),
    cases([(0.1, 0.02), (0.03, 0), (0.3, 0), (0.7, 0.05), (0.95, 0), (0.005, 0.001)]),
)
def test_coverage_of_a_difference(connection, scenes, questions, agree, gain, loss):
    rng = np.random.default_rng(int(scenes * 1000 + gain * 1000))
    n, gained, lost = draw(rng, scenes, questions, agree, gain, loss)
    ends = "difference_end(n, c, -1), difference_end(n, c, 1)"
    low, high = aggregated(connection, ends, n=n, c=gained - lost)
    assert np.mean((low <= gain - loss) & (high >= gain - loss)) >= 0.93 - SLACK


@pytest.mark.parametrize(
    ("scenes", "questions", "agree", "accuracy"), cases([(0.25,), (0.5,), (0.8,), (0.95,), (0.99,), (0.998,)])
)
def test_coverage_of_an_accuracy(connection, scenes, questions, agree, accuracy):
    rng = np.random.default_rng(int(scenes * 1000 + accuracy * 1000))
    n, right, _ = draw(rng, scenes, questions, agree, accuracy, 0)
    low, high = aggregated(connection, "accuracy_end(n, r, -1), accuracy_end(n, r, 1)", n=n, r=right)
    assert np.mean((low <= accuracy) & (high >= accuracy)) >= 0.93 - SLACK


def test_what_questions_as_units_cost(connection):
    """Two questions a scene that agree, as the study tests them: wrong more than twice as often as said."""
    rng = np.random.default_rng(5)
    _, gained, lost = draw(rng, 100, (2, 2), 1.0, 0.15, 0.15)
    ours, theirs = aggregated(
        connection,
        "sign_flip_p(g - l), mcnemar_p(sum(l)::BIGINT, sum(g)::BIGINT)",
        g=gained,
        l=lost,
    )
    assert np.mean(theirs <= 0.05) > 0.1 and np.mean(ours <= 0.05) < 0.06


def test_holm_over_seven_categories_keeps_its_level(connection):
    """Any false finding in seven categories without a difference: at most 6% of runs."""
    rng = np.random.default_rng(6)
    ps = []
    for _ in range(7):
        _, gained, lost = draw(rng, 100, (2, 2), 0.5, 0.1, 0.1)
        ps.append(aggregated(connection, "sign_flip_p(c)", c=gained - lost)[0])
    assert np.mean(7 * np.min(ps, axis=0) <= 0.05) <= 0.06 + SLACK


@pytest.mark.parametrize("scenes", SIZES)
@pytest.mark.parametrize(("agree", "each_way"), [(0.0, 0.02), (1.0, 0.02), (0.5, 0.1), (1.0, 0.1)])
def test_the_smallest_detectable_drop_is_found(connection, scenes, agree, each_way):
    """Draw runs without a drop, take the drop they call detectable after Holm over seven; runs with that drop
    must find it about four times in five; where sizes of change differ, as little as 78% was seen."""
    rng = np.random.default_rng(scenes)
    n, gained, lost = draw(rng, scenes, (2, 2), agree, each_way, each_way)
    worth = "change_size(n, c) * count(n) / sum(n)"
    asked = f"smallest_detectable(count(n), background_change(n, c), 0.05 / 7, {worth})"
    [said] = aggregated(connection, asked, n=n, c=lost - gained)
    if np.mean(np.isnan(said)) > 0.5:
        pytest.skip("no drop would be found so often with so few scenes")
    drop = float(np.nanmedian(said))
    if drop + 2 * each_way > 1:
        pytest.skip("more than there is to lose")
    n, gained, lost = draw(rng, scenes, (2, 2), agree, each_way, each_way + drop)
    [p] = aggregated(connection, "sign_flip_p(c)", c=lost - gained)
    assert np.mean(p <= 0.05 / 7) >= 0.75
