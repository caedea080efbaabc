"""`relcli diff`: is one run better than another, and where?"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.cli.declared import declared
from relcli.cli.output import talk, write_rows
from relcli.options.diff import DiffOptions
from relcli.options.shared import OutputFormat

if TYPE_CHECKING:
    from relcli.jobs.diff import CategoryDifference

_FEW = 20


@declared(DiffOptions)
def diff(
    run_a: str,
    run_b: str | None,
    variant: str,
    variant_b: str | None,
    flips: bool,
    categories: tuple[str, ...],
    samples: int | None,
    seed: int,
    db: Path,
    format: OutputFormat,
) -> None:
    """Compare two runs on the questions both answered, category by category.

    relcli diff bundled-20260131-104500 Qwen3-VL-4B-Instruct-bundled-20260131-110000

    The difference is RUN_B less RUN_A, with a 95% interval and a sign-flip test, both over scenes: questions
    of a scene may agree. p (Holm) is corrected for all categories both runs have, also with --category.
    detectable: a true difference that this test finds in four of five tries. With one run its masked answers
    are compared with its raw ones. docs/statistics.md says more.
    """
    from relcli.jobs.diff import Side, differences, paired_answers
    from relcli.jobs.diff import flips as flipped

    alone = run_b is None
    a = Side(run_a, variant)
    b = Side(run_a if run_b is None else run_b, variant_b or ("masked" if alone else variant))
    if flips:
        pairs = paired_answers(db, a, b, categories)
        _write_flips(flipped(pairs), format, same_truth=a.variant == b.variant)
        return
    found = differences(db, a, b, categories, samples=samples, seed=seed)
    if format in ("table", "markdown"):
        columns = ["category", "n", "scenes", "A", "clean", "B", "clean", "B - A (95%)"]
        columns += ["lost", "gained", "p", "p (Holm)", "detectable", "McNemar p"]
        write_rows(columns, [_line(each) for each in found], format)
        talk(f"A: {a.run}, {a.variant}. B: {b.run}, {b.variant}.")
        if any(each.accuracy_a_clean != each.accuracy_a for each in found):
            talk("clean: without questions that have two right answers (relcli audit counts them).")
        few = [each.category for each in found if each.n_scenes < _FEW]
        if few:
            which = "all categories" if len(few) == len(found) else ", ".join(few)
            talk(f"Fewer than {_FEW} scenes say little: {which}. relcli plan says how many it takes.")
        talk("The questions that flipped: the same command with --flips")
    else:
        rows = [asdict(each) for each in found]
        write_rows(list(rows[0]), [list(row.values()) for row in rows], format)


def _line(each: "CategoryDifference") -> list[Any]:
    interval = "" if each.low is None else f" ({each.low:+.3f} to {each.high:+.3f})"
    return [
        each.category,
        each.n,
        each.n_scenes,
        f"{each.accuracy_a:.3f}",
        _share(each.accuracy_a_clean),
        f"{each.accuracy_b:.3f}",
        _share(each.accuracy_b_clean),
        f"{each.difference:+.3f}{interval}",
        each.lost,
        each.gained,
        f"{each.p:.3g}",
        f"{each.p_holm:.3g}",
        "none" if each.detectable is None else f"{each.detectable:.3f}",
        f"{each.mcnemar_p:.3g}",
    ]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _write_flips(rows: list[dict[str, Any]], form: str, *, same_truth: bool) -> None:
    columns = ["flip", "category", "scene_id", "question_index", "question"]
    columns += ["truth_a"] if same_truth else ["truth_a", "truth_b"]
    columns += ["answer_a", "answer_b"]
    shown = ["truth" if same_truth and name == "truth_a" else name for name in columns]
    write_rows(shown, [[row[name] for name in columns] for row in rows], form)
    talk(f"{len(rows):,} questions flipped.")
