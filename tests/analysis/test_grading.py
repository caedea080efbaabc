import csv
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from relcli.analysis.choices import read_choice
from relcli.analysis.grading import is_correct, seed_grade
from relcli.scenes.parsing import parse_prompt
from relcli.scenes.vocabulary import LETTERS

TABLE = Path(__file__).parents[1] / "fixtures" / "replies.csv"


def table() -> list[tuple[str, str, str]]:
    """(options with a bar between them, reply, reading) by hand."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return [(row["options"], row["reply"], row["reading"]) for row in csv.DictReader(file)]


def test_reads_what_a_reply_chooses() -> None:
    rows = table()
    assert len(rows) >= 120 and {reading for *_, reading in rows} > {"a", "b", "c", "d", "e", "none"}
    readings = [(*row[:2], read_choice(row[1], row[0].split("|")) or "unreadable") for row in rows]
    assert readings == rows


def test_lower_case_reads_the_same() -> None:
    # The study's files are in lower case: a reply read from one is graded as the run that gave it.
    for options, reply, _ in table():
        assert read_choice(reply.lower(), options.split("|")) == read_choice(reply, options.split("|"))


def test_the_study_s_own_replies_read_as_before() -> None:
    """By letter, or by the text beside it: nothing well-formed is lost."""
    with (TABLE.parent / "seed_sample" / "evaluation_results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        options = parse_prompt(row["question"]).options
        for suffix in ("", "_masked"):
            reply = row[f"prediction{suffix}"]
            choice = read_choice(reply, options)
            assert choice == ("none" if reply == "none" else reply[0]), reply


def test_a_long_reply_is_not_pored_over() -> None:
    replies = ("b) ", "no ", "none of the ", "<think>", "</think><think>", "(", "not ", "<b>", "n . ")
    for reply in (each * 50_000 for each in replies):
        started = time.monotonic()
        assert read_choice(reply, ("Yes", "No")) is None
        assert time.monotonic() - started < 5  # a quadratic search takes minutes
    assert read_choice(f"<think>{'a) or b)? ' * 9000}</think>b)", ("Yes", "No")) == "b"


@given(st.integers(1, 26), st.data())
def test_letters_go_to_z(n: int, data: st.DataObject) -> None:
    options = [f"{10 + number} things" for number in range(n)]
    at = data.draw(st.integers(0, n - 1))
    forms = ["{l})", "({L})", "option {l}", "{l}) {t}", "The answer is {l}.", "{t}"]
    form = data.draw(st.sampled_from(forms))
    letter = LETTERS[at]
    assert read_choice(form.format(l=letter, L=letter.upper(), t=options[at]), options) == letter
    for beyond in LETTERS[n:]:
        assert read_choice(f"{beyond})", options) is None


def test_options_behind_z_have_no_letter() -> None:
    options = [f"thing {number}" for number in range(100, 130)]
    assert read_choice("thing 129", options) is None and read_choice("z)", options) == "z"


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


def test_two_options_of_one_text_are_told_apart_by_letter_alone() -> None:
    pair = "the red circle with the blue square"
    same = [pair, pair, "the cyan circle with the red circle"]
    assert [read_choice(text, same) for text in ("a)", "b", f"b) {pair}", pair, same[2])] == [
        "a", "b", "b", None, "c",
    ]  # fmt: skip
    # The study's options may say a pair twice; that is a text like others, and half of it is none.
    twice = [f"{pair} and {pair}", f"{pair} and the cyan circle with the red circle"]
    assert [read_choice(text, twice) for text in (*twice, f"a) {twice[0]}.", pair)] == ["a", "b", "a", None]


def test_the_ground_truth_is_written_with_a_bracket() -> None:
    assert is_correct("a", "a)") and is_correct("none", "None")
    assert not is_correct("b", "a)") and not is_correct(None, "None") and not is_correct(None, "a)")


def test_the_study_grades_by_substring() -> None:
    assert seed_grade("a) or B)", "b)") and seed_grade("none of these", "None")
    assert not seed_grade("b", "b)")
