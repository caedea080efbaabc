"""Questions with more options than the study's four."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from relcli.errors import RelcliError
from relcli.scenes.parsing import parse_prompt
from relcli.scenes.questions import compose
from relcli.scenes.reading import read_folder
from relcli.scenes.vocabulary import LETTERS


def folder(place: Path, **question: Any) -> Path:
    (place / "images").mkdir()
    Image.new("RGB", (32, 32), "white").save(place / "images" / "image_1.png")
    asked = {"query_type": "count", "ground_truth": "None", "ground_truth_masked": "", **question}
    content = [{"image_filename": "image_1.png", "questions": [asked]}]
    (place / "queries.json").write_text(json.dumps(content))
    return place


@pytest.mark.parametrize("n", [5, 9, 26])
def test_as_many_options_as_letters(n: int, tmp_path: Path) -> None:
    options = tuple(f"{number} shapes" for number in range(n))
    text = compose("How many shapes are there", options)
    assert parse_prompt(text).options == options
    last = f"{LETTERS[n - 1]})"
    [item] = read_folder(folder(tmp_path, query=text, ground_truth=last)).items
    assert item.questions[0].options == options and item.questions[0].ground_truth == last


def test_a_letter_that_is_not_offered_is_no_truth(tmp_path: Path) -> None:
    text = compose("How many shapes are there", "12345")
    with pytest.raises(RelcliError, match=r"ground_truth.*'f\)' is neither None nor one of a\).*e\)"):
        read_folder(folder(tmp_path, query=text, ground_truth="f)"))


@pytest.mark.parametrize("behind", ["aa) more", "(aa) more"])
def test_more_options_than_letters_are_refused(behind: str, tmp_path: Path) -> None:
    options = tuple(f"{number} shapes" for number in range(26))
    text = "How many? Here are your options: " + " ".join(
        f"{letter}) {option}" for letter, option in zip(LETTERS, options, strict=True)
    )
    with pytest.raises(RelcliError, match="more options than the 26 that letters can name"):
        read_folder(folder(tmp_path, query=f"{text} {behind}"))


def test_a_list_of_options_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RelcliError, match="options: there are more options than the 26"):
        read_folder(folder(tmp_path, query="How many", options=[str(number) for number in range(27)]))
