"""A run's answers as logs of inspect (inspect_ai), one a variant: `inspect view --log-dir OUT` shows them."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from relcli.drawing.pictures import blank_png
from relcli.errors import InterruptedRun, RelcliError
from relcli.jobs import inspect_format as form
from relcli.jobs.export_dataset import newest_run
from relcli.jobs.exporting import new_place, refuse_taken
from relcli.jobs.stopping import stoppable
from relcli.progress import Progress
from relcli.warehouse.reads import read
from relcli.warehouse.rows import query
from relcli.warehouse.runs import get_run
from relcli.warehouse.unknown import unknown_run

_SCENES = 32  # whose pictures are in memory at once
_OTHERS = """SELECT count(*) FROM answer
WHERE run = $run AND NOT (intervention = 'none' AND presentation = 'plain')"""
_CATEGORIES = "SELECT * FROM accuracy_by_category WHERE run = $run AND variant = $variant ORDER BY category"


@dataclass(frozen=True, slots=True)
class ExportedLogs:
    """What was written: the folder, its logs, and the samples in all of them."""

    out: Path
    logs: tuple[str, ...]
    n_samples: int


def export_inspect(database: Path, run: str | None, out: Path, *, progress: Progress) -> ExportedLogs:
    """Write the plain answers of a run, the newest if None, to the new folder `out`; whole or not at all.

    Answers under cuts are left out, with a note: inspect has no place for what was done to a model. Raises
    UsageError for an unknown run, RelcliError where `out` is there already or the run has no answers.
    """
    run = run or newest_run(database)
    record = get_run(database, run)
    if record is None:
        raise unknown_run(database, run)
    refuse_taken(out)
    variants = read(database, "inspect_variants", run=run).as_dicts()
    total = sum(row["n"] for row in variants)
    if not total:
        raise RelcliError(f"The run {run} has no answers to export.")
    [(others,)] = query(database, _OTHERS, {"run": run}).rows
    if others:
        progress.note(f"Left out: {others:,} answers given under cuts or to questions put otherwise.")
    logs = []
    with stoppable(watch_stdin=progress.watch_stdin):
        try:
            progress.start(total, "answers", "Writing logs")
            with new_place(out) as place:
                place.mkdir()
                for row in variants:
                    logs.append(_write_log(database, asdict(record), row, place, progress))
        except KeyboardInterrupt:
            raise InterruptedRun(f"Interrupted; nothing was kept in {out}.") from None
    progress.finish({"out": str(out), "logs": len(logs), "samples": total})
    return ExportedLogs(out, tuple(logs), total)


def _write_log(
    database: Path, run: Mapping[str, Any], counted: Mapping[str, Any], place: Path, progress: Progress
) -> str:
    variant = counted["variant"]
    spec = form.spec(run, variant, counted["n"])
    name = form.file_name(run["started_at"], spec["task"], spec["task_id"])
    plan = {"name": "plan", "steps": [{"solver": "generate"}]}
    start = {"version": form.VERSION, "eval": spec, "plan": plan}
    categories = query(database, _CATEGORIES, {"run": run["run"], "variant": variant}).as_dicts()
    times = {"started_at": form.moment(counted["first_at"]), "completed_at": form.moment(counted["last_at"])}
    header = start | {
        "status": "success" if run["state"] == "done" else "cancelled",
        "results": form.results(
            counted["n"], counted["n_graded"], counted["accuracy"], counted["error"], categories
        ),
        "stats": times,
    }
    summaries = []
    with zipfile.ZipFile(place / name, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("_journal/start.json", _json(start))
        for whole in _samples(database, run["run"], variant, counted["scenes"], spec["model"]):
            file.writestr(f"samples/{whole['id']}_epoch_1.json", _json(whole))
            summaries.append(form.summary(whole))
            progress.advance()
        file.writestr("summaries.json", _json(summaries))
        file.writestr("header.json", _json(header))
    return name


def _samples(
    database: Path, run: str, variant: str, scenes: list[int], model: str
) -> Iterator[dict[str, Any]]:
    for start in range(0, len(scenes), _SCENES):
        some = scenes[start : start + _SCENES]
        found = read(database, "inspect_answers", run=run, variant=variant, low=some[0], high=some[-1])
        for row in found.as_dicts():
            png = row["image"]
            if variant == "blank":
                png = blank_png(row["width"] or 224, row["height"] or 224)
            yield form.sample(row, variant, model, png)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
