"""Why a figure is not there: by what the run lacks, and with the command that makes it."""

import pytest

from relcli.report.catalogue import KINDS
from relcli.report.lacking import why_empty

RUN = {"attention": "summary", "variants": ["raw", "masked"]}


@pytest.mark.parametrize("name", KINDS)
def test_every_figure_says_why_it_is_not_there(name: str) -> None:
    sentence = why_empty(KINDS[name], RUN)
    assert sentence[0].isupper() and sentence.endswith(".") and "\n" not in sentence
    if KINDS[name].section in ("looking", "cuts", "probes") and name != "correctness":
        assert "relcli " in sentence  # what a command makes names it


@pytest.mark.parametrize(
    ("name", "lacks", "said"),
    [
        ("grounding", {"attention": None}, "kept no attention"),
        ("shift", {"attention": "none", "variants": ["raw"]}, "kept no attention"),
        ("shift", {"variants": ["raw"]}, "--variants raw,masked"),
        ("drop", {"variants": None}, "--variants raw,masked"),
        ("drop", {}, "no answers"),
        ("heads", {}, "--attention heads"),
        ("looks", {"attention": "summary,heads"}, "have nothing on what is asked about"),
        ("tokens", {"attention": "summary,heads"}, "--attention tokens"),
        ("steering", {}, "relcli steer"),
        ("cuts", {}, "relcli cut"),
        ("cut-layers", {}, "relcli cut --layers each"),
        ("flaws", {}, "relcli audit"),
    ],
)
def test_it_is_said_what_the_run_lacks(name: str, lacks: dict, said: str) -> None:
    assert said in why_empty(KINDS[name], RUN | lacks)
