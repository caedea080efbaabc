import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.analysis.grading import is_correct, read_choice, seed_grade
from relcli.scenes.vocabulary import LETTERS

YES_NO = ("Yes", "No")
SIDES = tuple(f"{side} the red circle" for side in ("above", "below", "to the left of", "to the right of"))
COUNTS = ("0", "3", "1", "2")
PAIRS = (
    "the red circle with the blue square",
    "the red circle with the blue square and the cyan triangle with the red circle",
    "the blue square with the cyan triangle",
    "the lime square with the cyan triangle",
)


@pytest.mark.parametrize(
    ("answer", "options", "choice"),
    [
        ("a)", YES_NO, "a"),
        ("A", YES_NO, "a"),
        ("a", YES_NO, "a"),
        ("(b)", YES_NO, "b"),
        ("B.", YES_NO, "b"),
        ("**b) No**", YES_NO, "b"),
        ("b: no", YES_NO, "b"),
        ("The answer is c)", SIDES, "c"),
        ("The correct option is d", SIDES, "d"),
        ("Option A", SIDES, "a"),
        ("The answer is A because it lies higher.", SIDES, "a"),
        ("I pick c", SIDES, "c"),
        ("c) to the left of the red circle", SIDES, "c"),
        ("to the left of the red circle", SIDES, "c"),
        ("It lies above the red circle.", SIDES, "a"),
        ("Yes", YES_NO, "a"),
        ("no.", YES_NO, "b"),
        ("Yes, there is a red circle", YES_NO, "a"),
        ("There is a red circle.", YES_NO, None),
        ("A red circle", YES_NO, None),
        ("None", YES_NO, "none"),
        ("'None'", YES_NO, "none"),
        ("None of the above.", YES_NO, "none"),
        ("No option is correct", YES_NO, "none"),
        ("None of a), b), c) or d) fits", SIDES, "none"),
        ("None, so b)", SIDES, None),
        ("a) Yes b) No", YES_NO, None),
        ("a or b", YES_NO, None),
        ("yes and no", YES_NO, None),
        ("b) Yes", YES_NO, None),
        ("c)", YES_NO, None),
        ("", YES_NO, None),
        ("2", COUNTS, "d"),
        ("There are 3 shapes.", COUNTS, "b"),
        ("Three", COUNTS, "b"),
        ("13", COUNTS, None),
        ("a) 0", COUNTS, "a"),
        (PAIRS[0], PAIRS, "a"),
        (PAIRS[1], PAIRS, "b"),
        ("I'd say the picture shows nothing", SIDES, None),
        ("<think>", SIDES, None),
    ],
)
def test_reads_what_an_answer_chooses(answer: str, options: tuple[str, ...], choice: str | None) -> None:
    assert read_choice(answer, options) == choice


words = st.text(st.sampled_from("efghijklm "), min_size=3, max_size=12).map(str.strip)
options_lists = st.lists(
    words.filter(lambda text: len(text) > 2),
    min_size=2,
    max_size=4,
    unique=True,
).filter(lambda texts: not any(a != b and a in b for a in texts for b in texts))


@given(options_lists, st.data())
def test_every_way_to_name_one_option_reads_as_its_letter(options: list[str], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(options) - 1))
    letter, text = LETTERS[index], options[index]
    forms = ["{l})", "({l})", "{L}", "{L}.", "{l}) {t}", "The answer is {l})", "{t}", " {t}.\n", "**{t}**"]
    form = data.draw(st.sampled_from(forms))
    assert read_choice(form.format(l=letter, L=letter.upper(), t=text), options) == letter


@given(options_lists, st.data())
def test_naming_two_options_is_never_a_choice(options: list[str], data: st.DataObject) -> None:
    first, second = data.draw(st.permutations(range(len(options))))[:2]
    forms = ["{a}) or {b})", "{a}) {ta} {b}) {tb}", "{ta} or {tb}", "both {a}) and {b})", "{a} or {b}"]
    form = data.draw(st.sampled_from(forms))
    answer = form.format(a=LETTERS[first], b=LETTERS[second], ta=options[first], tb=options[second])
    assert read_choice(answer, options) is None


@given(st.text(max_size=60), options_lists)
def test_anything_reads_as_an_offered_letter_none_or_nothing(answer: str, options: list[str]) -> None:
    assert read_choice(answer, options) in {*LETTERS[: len(options)], "none", None}


def test_the_ground_truth_is_written_with_a_bracket() -> None:
    assert is_correct("a", "a)") and is_correct("none", "None")
    assert not is_correct("b", "a)") and not is_correct(None, "None") and not is_correct(None, "a)")


def test_the_study_grades_by_substring() -> None:
    assert seed_grade("a) or B)", "b)") and seed_grade("none of these", "None")
    assert not seed_grade("b", "b)")
