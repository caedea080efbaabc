"""docs/families.md shows what was measured, and what it shows is what relcli accepts."""

import re
from pathlib import Path

import pytest

from relcli.models.local.families import FAMILIES
from tests.models.family_models import NEED_TORCHVISION, WRITERS
from tests.models.family_table import ALL, measure

PAGE = Path(__file__).parents[2] / "docs" / "families.md"
NAMES = ("tokens", "attention", "layout", "placed", "prefix", "cuts", "states", "empty")


def rows() -> dict[str, dict[str, str]]:
    found = {}
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "family":
            found[cells[0]] = dict(zip(NAMES, cells[1:], strict=True))
    return found


def test_every_family_has_a_row_that_says_it_is_right():
    told = rows()
    assert set(told) == set(ALL)
    for row in told.values():
        assert (row["tokens"], row["placed"], row["cuts"], row["states"]) == ("equal", "right", "yes", "yes")
        assert float(row["attention"]) < 1e-5


def test_what_is_accepted_stands_on_the_page():
    labels = {name for family in FAMILIES if family.label for name in family.label.split(", ")}
    assert labels == set(rows())


@pytest.mark.slow
@pytest.mark.parametrize("family", [name for name in ALL if name not in NEED_TORCHVISION])
def test_measuring_again_gives_the_page(family: str):
    row, told = measure(family), rows()[family]
    assert row.tokens_equal and row.placed and row.cuts and row.hidden
    assert row.difference is not None and row.difference < 1e-5
    assert (row.layout, row.empty) == (told["layout"], told["empty"])
    assert ("shared" if row.shared else "each") == told["prefix"]


def test_the_page_names_what_it_was_measured_with():
    assert re.search(r"with torch \d+\.\d+.*, transformers \d+\.\d+", PAGE.read_text())
    assert set(WRITERS) <= set(ALL)
