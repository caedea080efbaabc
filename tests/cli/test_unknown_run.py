"""A run that isn't there is one sentence with the nearest that is, whichever command was asked."""

from pathlib import Path

import pytest

from tests.cli.cli_helpers import Relcli, sentence, tree

COMMANDS = (
    "audit --run {}",
    "cut --run {} --region target",
    "db fill {}",
    "diff {}",
    "diff first {}",
    "experiments list --run {}",
    "experiments remove any --run {} --yes",
    "export study {} --out new",
    "export {} --out new",
    "export dataset new --run {}",
    "export inspect new --run {}",
    "export table answer --run {} --out new.csv",
    "figure accuracy --run {} -o new.png",
    "figure versus --run first --versus {} -o new.png",
    "looks --run {}",
    "patch --run {}",
    "plan --drop 0.1 --like {}",
    "probe --run {}",
    "probe --features hidden --run {}",
    "report --run {} -o new.html",
    "report --run first --versus {} -o new.html",
    "runs show {}",
    "runs remove {} --yes",
    "runs rename {} other",
    "runs note {} text",
    "runs mark {} 0.0",
    "steer --run {} --heads 0.0",
    "verify {}",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_nearest_is_offered_and_nothing_is_written(relcli: Relcli, answered: Path, command: str) -> None:
    before = tree(Path.cwd())
    result = relcli(*command.format("frist").split(), "--db", answered)
    assert result.exit_code == 2, result.stderr
    assert "There is no run frist in" in sentence(result) and "did you mean first?" in sentence(result)
    assert [name for name in tree(Path.cwd()) if ".lock" not in name] == before


def test_where_none_is_near_the_list_is_named(relcli: Relcli, answered: Path) -> None:
    result = relcli("looks", "--run", "zzz", "--db", answered)
    assert "relcli runs list --db" in sentence(result)
