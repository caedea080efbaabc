"""The stress script of benchmarks/, short: nothing is lost or doubled, and no reader is refused."""


import pytest

from benchmarks.stress import stress


@pytest.mark.parametrize(
    ("seconds", "load"), [(8, 6), pytest.param(240, 20, marks=pytest.mark.slow)], ids=["short", "long"]
)
def test_nothing_is_lost_under_load(tmp_path, seconds, load):
    outcome = stress(tmp_path, seconds=seconds, load=load, writers=2, readers=2, kills=True)
    assert outcome["answers_believed"] > 0
    for name in ("answers_lost", "rows_lost", "without_attention", "attention_not_once", "reads_refused"):
        assert outcome[name] == 0, outcome
