"""`relcli looks`: which row, layer and head of the model reads what is asked about?"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.cli.declared import Given, declared
from relcli.cli.output import talk, write_rows
from relcli.options.looks import LooksOptions
from relcli.options.shared import OutputFormat

if TYPE_CHECKING:
    from relcli.jobs.looks import Look


@declared(LooksOptions)
def looks(
    options: Given,
    db: Path,
    format: OutputFormat,
) -> None:
    """Say which row, layer and head of a model reads what is asked about, category by category.

    relcli looks --run bundled-20260131-104500

    A row is a token that looks: the answer's, or one of the question's (relcli run --rows). Single heads take
    part where the run keeps them (relcli run --attention heads). The best place is chosen on one half of the
    scenes and measured on the other, and the other way round, so that nothing is chosen by what it is then
    praised for. share: of the attention on the picture, on what is asked
    about, where that is in the picture. chance: of the same attention, on what other scenes' questions ask
    about. others: what the share would be if it got as much for its area as the other objects. Both p are
    one-sided sign-flip tests over scenes, corrected (Holm) for all categories and both halves.
    """
    from relcli.jobs.looks import LooksRequest
    from relcli.jobs.looks import looks as job

    found = job(db, LooksRequest.of(*options))
    if format in ("table", "markdown"):
        columns = ["category", "n", "scenes", "row", "layer", "head", "share", "chance", "p (Holm)"]
        columns += ["others", "p (Holm)", "right", "wrong", "p (Holm)"]
        write_rows(columns, [_line(each) for each in found], format)
        talk("Two lines a category: chosen on one half of the scenes, measured on the other, both ways.")
        talk("right, wrong: share less chance where the answer is right, and where it is wrong.")
    else:
        rows = [asdict(each) for each in found]
        write_rows(list(rows[0]) if rows else ["category"], [list(row.values()) for row in rows], format)


def _line(each: "Look") -> list[Any]:
    return [
        each.category,
        each.n,
        each.n_scenes,
        each.row,
        each.layer,
        "mean" if each.head is None else each.head,
        f"{each.share:.3f}",
        f"{each.chance:.3f}",
        _p(each.p_holm),
        "" if each.others is None else f"{each.others:.3f}",
        _p(each.p_others_holm),
        "" if each.right is None else f"{each.right:+.3f}",
        "" if each.wrong is None else f"{each.wrong:+.3f}",
        _p(each.p_right_wrong),
    ]


def _p(value: float | None) -> str:
    return "" if value is None else f"{value:.2g}"
