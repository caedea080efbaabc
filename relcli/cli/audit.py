"""`relcli audit`: what is wrong with the questions themselves?"""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.cli.declared import Given, declared
from relcli.cli.output import talk, write_rows
from relcli.options.audit import AuditOptions
from relcli.options.shared import DisplayName, OutputFormat
from relcli.progress.showing import showing

if TYPE_CHECKING:
    from relcli.analysis.text_only import TextOnly
    from relcli.jobs.audit import Audit, AuditRequest, CategoryAudit


@declared(AuditOptions)
def audit(
    options: Given,
    db: Path,
    format: OutputFormat,
    display: DisplayName,
) -> None:
    """How much of each category is flawed, and what a reader without the picture scores.

    relcli audit --questions balanced

    Two readers: a classifier on the words alone (whole scenes held out), beside the best constant answer, for
    the truth on the pictures and on their twins; and a model that saw a blank picture (relcli run --variants
    raw,masked,blank), which shows what it says by habit. What the words alone score is kept in the warehouse
    where that has the data set, and stands beside its runs. Question by question:
    relcli sql "select category, question_index, flaws from question".
    """
    from relcli.jobs.audit import AuditRequest
    from relcli.jobs.audit import audit as job

    request = AuditRequest.of(*options)
    with showing(display) as progress:
        done = job(db, request, progress, keep=True)
    if display == "jsonl":
        return
    if format in ("table", "markdown"):
        _write(done, request, format)
    else:
        others = _others(done.categories)
        rows = [_record(each, others) for each in done.categories]
        write_rows(list(rows[0]), [list(row.values()) for row in rows], format)


def _write(done: "Audit", request: "AuditRequest", form: str) -> None:
    from relcli.scenes.flaws import flaw_sentence

    flaws = [name for name in done.categories[0].flaws if any(each.flaws[name] for each in done.categories)]
    blank = ["blank picture (95%)"] * (done.blank_run is not None)
    columns = ["category", "n", "ambiguous", "leaking", *flaws, "words alone", "constant"]
    others = _others(done.categories)
    columns += ["on the twins", "constant"]
    columns += [column for name in others for column in (f"on {name}", "constant")] + blank
    rows = []
    for each in done.categories:
        row: list[Any] = [each.category, each.n, f"{each.ambiguous:.0%}", f"{each.leaking:.0%}"]
        row += [f"{each.flaws[name]:.0%}" if each.flaws[name] else "" for name in flaws]
        for found in (each.text_only, each.text_only_masked, *(each.by_variant.get(name) for name in others)):
            row += [_text_only(found), f"{found.constant:.3f}" if found else ""]
        if blank:
            seen = each.blank
            row.append(f"{seen.accuracy:.3f} ({seen.low:.2f}-{seen.high:.2f})" if seen else "")
        rows.append(row)
    write_rows(columns, rows, form)
    talk(f"The {done.question_set} questions of {done.dataset}; shares are of questions, scores accuracies.")
    for name in flaws:
        talk(f"  {flaw_sentence(name)}")
    if done.blank_run:
        talk(f"Blank picture: run {done.blank_run}.")
    else:
        talk(_no_blank(done, request))
    if done.from_text_alone:
        talk("Its scenes are unknown, so only flaws that the text shows were looked for.")


def _no_blank(done: "Audit", request: "AuditRequest") -> str:
    """That there is no blank picture's column, and the command that makes one for these questions."""
    from relcli.jobs.request import BUNDLED

    dataset = done.dataset if request.run else request.dataset
    words = ["relcli run"]
    if dataset is not None and dataset != BUNDLED:
        words.append(f"--dataset {shlex.quote(dataset)}")
    if done.question_set != "seed":
        words.append(f"--questions {shlex.quote(done.question_set)}")
    who = f"The run {request.run} did not answer" if request.run else "No run answered"
    return f"{who} them on the blank picture: {' '.join(words)} --variants raw,masked,blank"


def _text_only(found: "TextOnly | None") -> str:
    if found is None:
        return "too few scenes"
    return f"{found.accuracy:.3f}" + ("" if found.error is None else f" (se {found.error:.3f})")


def _others(categories: "Sequence[CategoryAudit]") -> list[str]:
    """Variants beside the raw pictures and the masked twins that questions have a truth on."""
    names = {name: None for each in categories for name in each.by_variant}
    return [name for name in names if name not in ("raw", "masked")]


def _record(each: "CategoryAudit", others: "Sequence[str]") -> dict[str, Any]:
    text, masked, blank = each.text_only, each.text_only_masked, each.blank
    return {
        "category": each.category,
        "n": each.n,
        "n_scenes": each.n_scenes,
        "ambiguous": each.ambiguous,
        "leaking": each.leaking,
        **each.flaws,
        "text_only": text and text.accuracy,
        "text_only_se": text and text.error,
        "text_only_n": text and text.n,
        "constant": text and text.constant,
        "text_only_masked": masked and masked.accuracy,
        "text_only_masked_se": masked and masked.error,
        "text_only_masked_n": masked and masked.n,
        "constant_masked": masked and masked.constant,
        **{f"text_only_{name}": (found := each.by_variant.get(name)) and found.accuracy for name in others},
        **{f"constant_{name}": (found := each.by_variant.get(name)) and found.constant for name in others},
        "blank": blank and blank.accuracy,
        "blank_low": blank and blank.low,
        "blank_high": blank and blank.high,
        "blank_n": blank and blank.n,
    }
