"""relcli.patch and relcli.steer ask what the commands ask."""

from pathlib import Path
from typing import Any

import pytest

import relcli
from tests.cli.cli_helpers import Relcli, rows_of


@pytest.mark.parametrize(
    ("job", "options", "words"),
    [
        (
            relcli.patch,
            {"source": "masked", "to": "raw", "at": "answer", "layers": "1", "control": 0, "one_way": True},
            ("patch", "--from", "masked", "--to", "raw", "--at", "answer", "--layers", "1", "--control", 0,
             "--one-way"),
        ),
        (
            relcli.steer,
            {"heads": "1.0,1.1", "strength": 2.0, "control": 0, "category": "recognition_color"},
            ("steer", "--heads", "1.0,1.1", "--strength", 2.0, "--control", 0, "--category",
             "recognition_color"),
        ),
    ],
    ids=["patch", "steer"],
)  # fmt: skip
@pytest.mark.slow
def test_they_give_the_commands_table(
    relcli_command: Relcli, answered: Path, job: Any, options: dict[str, Any], words: tuple[Any, ...]
) -> None:
    given = {"run": "first", "name": "tried", **options}
    rows = job(db=answered, display="none", **given)
    assert rows and {row["intervention"] for row in rows} >= {"tried"}
    kept = rows_of(answered, "SELECT count(*) FROM answer WHERE intervention = 'tried'")
    # The command goes on with what is there, and finds nothing left to ask.
    done = relcli_command(*words, "--run", "first", "--name", "tried", "--db", answered, "--display", "none")
    assert done.exit_code == 0, done.stderr
    assert rows_of(answered, "SELECT count(*) FROM answer WHERE intervention = 'tried'") == kept != [(0,)]
    with pytest.raises(TypeError):
        job(db=answered, display="none", run="first", nonsense=1)
    with pytest.raises(relcli.RelcliError, match="no run nowhere"):
        job(db=answered, display="none", **{**given, "run": "nowhere"})


@pytest.fixture
def relcli_command(request: pytest.FixtureRequest) -> Relcli:
    """The fixture `relcli`, whose name the package has here."""
    return request.getfixturevalue("relcli")
