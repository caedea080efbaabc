"""The balanced set: none of the study's flaws, answers by an oracle, no hint in the text alone."""

import math
from collections import Counter
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.analysis.text_only import text_only_accuracy
from relcli.scenes.balanced import ask_balanced
from relcli.scenes.even_truths import COUNT_LEFT_OUT, COUNT_SHARES, RECOGNITION_SHARES, recognition_rates
from relcli.scenes.flaws import question_flaws
from relcli.scenes.masking import Twin, make_twin, mask_object, mask_relation
from relcli.scenes.parsing import mentions, option_pairs, parse_prompt
from relcli.scenes.questions import Question
from relcli.scenes.referents import find_referents
from relcli.scenes.scene import Entity, Relation, Scene, derived_rng, generate_scene
from relcli.scenes.vocabulary import CATEGORIES
from tests.scenes.scenes_kit import expected_answer, expected_masked, scene_of, true_options


def ask(scene: Scene, twin: Twin | None = None, draw: int = 0) -> list[Question]:
    return ask_balanced(scene, twin, derived_rng(draw, scene.scene_id, "questions/balanced"))


@cache
def samples() -> list[tuple[Scene, Twin | None, list[Question]]]:
    found = []
    for index in range(2500):
        scene = generate_scene(9, index)
        twin = make_twin(scene, 9)
        found.append((scene, twin, ask(scene, twin, 9)))
    return found


def of_kind(category: str) -> list[tuple[Scene, Question]]:
    return [(scene, q) for scene, _, asked in samples() for q in asked if q.category == category]


def close(part: float, whole: int, share: float) -> bool:
    """Within five standard errors of the share."""
    return abs(part / whole - share) < 5 * math.sqrt(share * (1 - share) / whole)


@given(st.integers(0, 2**31), st.integers(0, 99_999))
def test_answers_and_options(seed: int, scene_id: int) -> None:
    scene = generate_scene(seed, scene_id)
    twin = make_twin(scene, seed)
    questions = ask(scene, twin, seed)
    assert questions == ask(scene, twin, seed)
    assert [q.question_index for q in questions] == list(range(100, 100 + len(questions)))
    unique = {name for name, n in Counter(e.name for e in scene.entities).items() if n == 1}
    for question in questions:
        assert question.question_set == "balanced"
        assert len(set(question.options)) == len(question.options)
        # At most one option is true, so every other one is false in the raw scene.
        assert question.ground_truth == expected_answer(question, scene, scene)
        assert question.ground_truth_masked == expected_masked(question, scene, twin)
        assert question.flaws == ()
        if question.category in ("implicit_spatial", "explicit_arrow_direction"):
            assert {f"{color} {shape}" for color, shape in mentions(question.stem)} <= unique
        if question.category == "explicit_connection":
            statements = {option_pairs(option) for option in question.options}
            assert len(statements) == len(question.options) and None not in statements
            assert len({len(s) for s in statements if s}) == 1


def test_flaws_are_looked_for_as_hard_as_in_the_seed_set() -> None:
    """Even read as the seed set, no ambiguous flaw shows: those don't depend on the set."""
    for scene, _, asked in samples()[:500]:
        for q in asked:
            found = question_flaws(
                category=q.category,
                stem=q.stem,
                options=q.options,
                ground_truth=q.ground_truth,
                scene=scene,
                entities=q.entities,
            )
            assert {name for name, _ in found} <= {"wording", "fixed_letter", "fixed_negative"}


@pytest.mark.parametrize("kind", ["shape", "color", "shape_and_color"])
def test_yes_and_no_share_wording_letters_and_words(kind: str) -> None:
    asked = [q for _, q in of_kind(f"recognition_{kind}")]
    yes = [q for q in asked if q.entities]
    assert close(len(yes), len(asked), 0.5)
    assert close(sum(q.options == ("Yes", "No") for q in asked), len(asked), 0.5)
    assert close(sum(q.ground_truth == "a)" for q in yes), len(yes), 0.5)
    assert all({*q.options} == {"Yes", "No"} and q.ground_truth != "None" for q in asked)
    words_yes, words_no = (
        Counter(q.stem.removeprefix("Does this image have ") for q in asked if bool(q.entities) == answer)
        for answer in (True, False)
    )
    assert set(words_yes) == set(words_no)
    for words in (words_yes, words_no):
        for count in words.values():
            assert close(count, words.total(), 1 / len(words))


@pytest.mark.parametrize("kind", ["shape", "color", "shape_and_color"])
def test_yes_and_no_are_even_on_the_twins_too(kind: str) -> None:
    """What a twin lost turns a Yes into a No and never the other way; the rates make up for it."""
    asked = [q for _, q in of_kind(f"recognition_{kind}") if q.ground_truth_masked]
    answers = Counter(q.options["ab".index(q.ground_truth_masked[0])] for q in asked)
    assert close(answers["Yes"], len(asked), 0.5)
    changed = Counter((bool(q.entities), q.ground_truth != q.ground_truth_masked) for q in asked)
    assert changed[False, True] == 0 and changed[True, True] > 0.07 * len(asked) / 2


def test_articles() -> None:
    stems = {q.stem for _, _, asked in samples() for q in asked}
    assert (
        "Does this image have an orange circle" in stems and "Does this image have an orange shape" in stems
    )
    assert "Does this image have a red circle" in stems and "Does this image have a square" in stems
    assert not any(
        " a orange" in stem or " an orange" not in stem
        for stem in stems
        if "have" in stem and "orange" in stem
    )


@pytest.mark.parametrize(
    "category", ["implicit_spatial", "explicit_connection", "explicit_arrow_direction"]
)
def test_none_is_right_now_and_then_and_letters_are_even(category: str) -> None:
    asked = [q for _, q in of_kind(category)]
    answers = Counter(q.ground_truth for q in asked)
    assert close(answers["None"], len(asked), 0.125)
    letters = answers.total() - answers["None"]
    sizes = {len(q.options) for q in asked}
    assert sizes == ({3} if category == "implicit_spatial" else {4})
    for letter in "abcd"[: sizes.pop()]:
        assert close(answers[f"{letter})"], letters, 1 / (3 if category == "implicit_spatial" else 4))


def test_spatial_only_where_one_axis_is_right() -> None:
    asked = of_kind("implicit_spatial")
    assert len(asked) > 300
    for scene, question in asked:
        a, b = (scene.entity(entity) for entity in question.entities)
        short, long = sorted(abs(p - q) for p, q in zip(a.center, b.center, strict=True))
        assert short < 10 and long >= 2 * short
        assert question.relation_index is not None and not scene.relations[question.relation_index].explicit
    near = Scene(
        0,
        (Entity(0, "circle", "small", "red", (60, 100)), Entity(1, "circle", "small", "blue", (150, 110))),
        (),
    )
    near = Scene(0, near.entities, (Relation(0, 1, "right_of", False),))
    assert not any(q.category == "implicit_spatial" for q in ask(near))


def test_objects_of_one_name_are_not_referred_to() -> None:
    twins = ("red circle", "red circle", "blue square")
    scene = scene_of(*twins, arrows=((0, 1), (0, 2)))
    asked = [q for draw in range(20) for q in ask(scene, draw=draw)]
    assert {q.category for q in asked} <= {
        "count",
        *(f"recognition_{k}" for k in ("shape", "color", "shape_and_color")),
    }
    yes = [q for q in asked if q.category == "recognition_shape_and_color" and q.entities]
    assert {q.stem for q in yes} == {"Does this image have a blue square"}
    same = scene_of("red circle", "red circle")
    assert not any(q.category.endswith("and_color") for draw in range(20) for q in ask(same, draw=draw))


def test_recognition_is_left_out_where_no_no_can_be_asked() -> None:
    full = scene_of("red circle", "red square", "red triangle", "red rectangle")
    asked = [q for draw in range(20) for q in ask(full, draw=draw)]
    assert {q.category for q in asked if q.category.startswith("recog")} == {
        "recognition_color",
        "recognition_shape_and_color",
    }


def test_masked_truth_by_what_the_twin_shows() -> None:
    scene = scene_of("red circle", "blue square", "cyan circle", arrows=((0, 1), (0, 2)))
    seen: Counter[tuple[str, str]] = Counter()
    for twin in (
        mask_object(scene, 0),
        mask_object(scene, 1),
        mask_relation(scene, 0),
        mask_relation(scene, 2),
    ):
        for draw in range(40):
            for q in ask(scene, twin, draw):
                assert q.ground_truth_masked == expected_masked(q, scene, twin)
                seen[q.category, "kept" if q.ground_truth == q.ground_truth_masked else "other"] += 1
    assert min(seen.values()) > 0 and len(seen) >= 12, seen


def test_counts_offer_two_likely_numbers_and_two_others() -> None:
    for scene, question in of_kind("count"):
        numbers = {int(option) for option in question.options}
        assert len(numbers) == 4 and numbers <= {*range(9)} and len(numbers & {2, 3, 4}) == 2
        assert (len(scene.entities) in numbers) == (question.ground_truth != "None")


def test_counts_are_even_by_design() -> None:
    """Exactly what the tables promise: given which number is left out, the other two are equally often true,
    raw and masked, and None is likelier than either. Only rounding is between them."""
    for missing, row in COUNT_LEFT_OUT.items():
        for place in (0, 1):
            shares = Counter[int | None]()
            for kind, share in row.items():
                shares[kind[place]] += share
            first, second = (shares[number] for number in COUNT_LEFT_OUT if number != missing)
            assert abs(first - second) <= 2 and shares[missing] > max(first, second)
    for kind, share in COUNT_SHARES.items():
        assert sum(row.get(kind, 0) for row in COUNT_LEFT_OUT.values()) <= share


def test_the_shares_are_those_of_the_scenes() -> None:
    """The tables rest on how scenes and twins are drawn; who changes that has to count again."""
    kinds = Counter((len(s.entities), len(t.scene.entities) if t else None) for s, t, _ in samples())
    for kind, share in COUNT_SHARES.items():
        assert close(kinds[kind], len(samples()), share / 10_000)
    alone = sum(t is None for _, t, _ in samples())
    assert all(close(alone, len(samples()), n) for _, _, n in RECOGNITION_SHARES.values())


@pytest.mark.parametrize("category", RECOGNITION_SHARES)
def test_recognition_is_even_by_design(category: str) -> None:
    goes, stays, alone = RECOGNITION_SHARES[category]
    yes_goes, yes_alone, no_twin, no_alone = rates = recognition_rates(category)
    assert all(0 <= rate <= 1 for rate in rates) and yes_goes > 0.6
    raw_yes, raw_no = goes * yes_goes + stays + alone * yes_alone, (goes + stays) * no_twin + alone * no_alone
    assert raw_yes == pytest.approx(raw_no)
    assert stays == pytest.approx((goes + stays) * no_twin + goes * yes_goes)


def test_scenes_made_without_twins_are_asked_as_well() -> None:
    three = scene_of("red circle", "blue square", "cyan circle")
    asked = [q for draw in range(60) for q in ask(three, draw=draw)]
    counts = Counter(q.category for q in asked)
    assert counts["recognition_color"] == 120 and 20 < counts["count"] < 60
    assert {q.ground_truth_masked for q in asked} == {""}
    alone = scene_of("red circle")
    assert not any(q.category == "count" for draw in range(20) for q in ask(alone, draw=draw))


def test_long_connections_are_left_out() -> None:
    names = ("red circle", "blue square", "cyan circle", "red square", "green circle")
    pairs = [(a, b) for a in range(5) for b in range(5) if a < b]
    for n_arrows in (1, 6, 7):
        asked = ask(scene_of(*names, arrows=tuple(pairs[:n_arrows])))
        assert any(q.category == "explicit_connection" for q in asked) == (n_arrows <= 6)


@pytest.mark.parametrize("n, arrows", [(2, 1), (3, 1), (3, 2), (3, 3), (4, 6), (5, 5)])
def test_connection_options_are_drawn_alike(n: int, arrows: int) -> None:
    """Every option joins as many pairs among no more objects than the scene has; few absent ones appear."""
    names = ("red circle", "blue square", "cyan circle", "red square", "green circle")[:n]
    pairs = [(a, b) for a in range(n) for b in range(n) if a < b]
    scene = scene_of(*names, arrows=tuple(pairs[:arrows]))
    for draw in range(20):
        (question,) = (q for q in ask(scene, draw=draw) if q.category == "explicit_connection")
        assert len(question.options) == 4
        used = {name for option in question.options for pair in option_pairs(option) or () for name in pair}
        assert len(used - set(names)) <= 2
        for option in question.options:
            joined = option_pairs(option) or frozenset()
            assert len(joined) == arrows and len(frozenset().union(*joined)) <= n
        assert len(true_options(question, scene, scene)) == (question.ground_truth != "None")


def arrow_question(scene: Scene, draw: int) -> Question:
    (question,) = (q for q in ask(scene, draw=draw) if q.category == "explicit_arrow_direction")
    return question


def ends(option: str) -> tuple[str, str]:
    first, second = (f"{color} {shape}" for color, shape in mentions(option))
    return first, second


def test_arrow_options_are_both_directions_of_two_pairs() -> None:
    """One pair has the arrow, the other none; objects that aren't there come in only where pairs run out."""
    names = ("red circle", "blue square", "cyan circle", "red square")
    for arrows, foreign in ((((0, 1),), False), (((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)), True)):
        for draw in range(30):
            question = arrow_question(scene_of(*names, arrows=arrows), draw)
            offered = {ends(option) for option in question.options}
            assert len(offered) == 4 and offered == {pair[::-1] for pair in offered}
            drawn = {(names[a], names[b]) for a, b in arrows}
            assert len(offered & drawn) == (question.ground_truth != "None")
            assert ({name for pair in offered for name in pair} <= set(names)) != foreign
            if question.ground_truth == "None":
                assert (question.entities, question.relation_index) == ((), None)
            else:
                source, target = (names[entity] for entity in question.entities)
                assert question.options["abcd".index(question.ground_truth[0])] == (
                    f"from the {source} to the {target}"
                )
    two = arrow_question(scene_of(*names[:2], arrows=((0, 1),)), 0)
    assert len({*two.options}) == 4


def test_a_balanced_arrow_question_reads_back_from_its_text() -> None:
    for scene, question in of_kind("explicit_arrow_direction")[:300]:
        parsed = parse_prompt(question.text)
        assert (parsed.category, parsed.names) == ("explicit_arrow_direction", ())
        found = find_referents(question.category, parsed, question.ground_truth, scene)
        assert found == (question.entities, question.relation_index)


def guess_by_overlap(question: Question, *, most: bool) -> str:
    """A reader without the picture takes the option that shares most (or fewest) names with others."""
    named = [Counter(mentions(option)) for option in question.options]
    overlap = [sum((a & b).total() for b in named if b is not a) for a in named]
    best = max(overlap) if most else min(overlap)
    return f"{'abcd'[overlap.index(best)]})"


@pytest.mark.parametrize("most", [True, False])
@pytest.mark.parametrize("category", ["explicit_connection", "explicit_arrow_direction"])
def test_names_alone_give_nothing_away(category: str, most: bool) -> None:
    asked = [q for _, q in of_kind(category)]
    right = sum(guess_by_overlap(q, most=most) == q.ground_truth for q in asked)
    assert right / len(asked) < 0.25 + 0.03


def likeliest_by_hand(asked: list[Question], masked: bool) -> float:
    """What always taking the commonest answer scores: a letter, None, or an option's text."""
    truths = [(q, q.ground_truth_masked if masked else q.ground_truth) for q in asked]
    letters = Counter(truth for _, truth in truths)
    texts = Counter(q.options["abcd".index(truth[0])] for q, truth in truths if truth != "None")
    return max(*letters.values(), *texts.values()) / len(asked)


@pytest.mark.parametrize(
    "n", [pytest.param(250, id="250"), pytest.param(2000, id="2000", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("masked", [False, True], ids=["raw", "masked"])
def test_words_alone_are_at_chance_in_every_category(n: int, masked: bool) -> None:
    """The bar: the audit's own reader on held-out scenes, against the likeliest answer, and within three
    standard errors of it. Fourteen comparisons are made."""
    asked: dict[str, list[Question]] = {}
    for _scene, _twin, questions in samples()[:n]:
        for question in questions:
            if not masked or question.ground_truth_masked:
                asked.setdefault(question.category, []).append(question)
    assert set(asked) == set(CATEGORIES)
    for category, questions in asked.items():
        read = text_only_accuracy(questions, variant="masked" if masked else "raw")
        assert read is not None and read.n == len(questions)
        chance = likeliest_by_hand(questions, masked)
        # Questions of a scene have opposite answers more often than not, so this errs on the wide side.
        error = math.sqrt(chance * (1 - chance) / read.n)
        assert read.accuracy < chance + 3 * error, (category, read, chance)
