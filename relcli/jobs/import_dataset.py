"""Take a published run (relcli export dataset) into the warehouse, with its data set."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from relcli.errors import InterruptedRun, RelcliError
from relcli.inputs import is_plain_name, read_bytes, read_json
from relcli.jobs.materialize import fill_views
from relcli.jobs.stopping import stoppable
from relcli.jobs.words_alone import fill_words_alone
from relcli.progress import Progress
from relcli.scenes.records import brief
from relcli.warehouse.datasets import ensure_run_regions, find_dataset, prepare_dataset
from relcli.warehouse.migrations import ensure
from relcli.warehouse.names import check_name, make_name
from relcli.warehouse.published import Published, check_answers, commit_published, read_dataset
from relcli.warehouse.publishing import FORMAT
from relcli.warehouse.runs import STATES, RunRecord, get_run, utc_now

ABOUT = "relcli.json"
_MOST_ABOUT = 16 << 20


@dataclass(frozen=True, slots=True)
class ImportedDataset:
    """What came in: a run, its data set's name here, and how many scenes, answers, and answers with
    attention."""

    run: str
    dataset: str
    n_scenes: int
    n_answers: int
    n_attention: int


def import_dataset(database: Path, folder: Path, name: str | None, progress: Progress) -> ImportedDataset:
    """Import a published folder as a run of kind import; all of it or nothing.

    name: what the run is called here, its own name if None. A data set whose content is known already is not
    stored again. Raises UsageError for a bad name, RelcliError for a folder that is none, is not whole or
    holds what no run can hold, WarehouseError for a warehouse that can't be written.
    """
    about = read_about(folder)
    record = _record(folder, about, name)
    with stoppable(watch_stdin=progress.watch_stdin):
        try:
            return _take_in(database, folder, about, record, progress)
        except KeyboardInterrupt:
            raise InterruptedRun("Interrupted; nothing was imported.") from None


def read_about(folder: Path) -> dict[str, Any]:
    """What a published folder says of itself. Raises RelcliError if it is no such folder."""
    file = folder / ABOUT
    try:
        about = read_json(file, most=_MOST_ABOUT)
    except FileNotFoundError:
        raise RelcliError(
            f"{folder} holds no {ABOUT}: name the folder that relcli export dataset made, or its copy."
        ) from None
    except OSError as error:
        raise RelcliError(f"{file} can't be read: {error.strerror}.") from error
    shape = {"run": dict, "dataset": dict, "tables": dict, "interventions": list, "sinks": list}
    if not isinstance(about, dict) or any(not isinstance(about.get(n), kind) for n, kind in shape.items()):
        raise RelcliError(f"{file} doesn't describe a published run: fetch or export the folder again.")
    if about.get("format") != FORMAT:
        raise RelcliError(f"{file} is of format {about.get('format')!r}, and this relcli reads {FORMAT}.")
    tables = about["tables"]
    sound = all(is_plain_name(each) and type(n) is int and n > 0 for each, n in tables.items())
    if not sound or "answer" not in tables or len(tables) < 2:
        raise RelcliError(f"{file} names no answers and no scenes: fetch or export the folder again.")
    rows = about["interventions"]
    named = all(isinstance(row, dict) and isinstance(row.get("intervention"), str) for row in rows)
    if not named or not all(isinstance(row, dict) for row in about["sinks"]):
        raise RelcliError(f"{file} holds an intervention without a name: fetch or export the folder again.")
    return about


def _record(folder: Path, about: Mapping[str, Any], name: str | None) -> RunRecord:
    told = about["run"]
    known = {field.name for field in fields(RunRecord)}
    given = {key: value for key, value in told.items() if key in known}
    record = RunRecord(**{"run": "", "dataset": "", **given})
    record.run = check_name(name or str(told.get("run") or ""))
    record.kind = "import"
    if record.state not in STATES or record.state == "running":
        record.state = "stopped"
    record.started_at = record.started_at or utc_now()
    record.heartbeat_at = record.finished_at
    record.model_path = None
    record.message = f"Imported from {folder.absolute()}."
    return record


def _take_in(
    database: Path, folder: Path, about: Mapping[str, Any], record: RunRecord, progress: Progress
) -> ImportedDataset:
    ensure(database)
    if get_run(database, record.run) is not None:
        raise RelcliError(
            f"There is a run {record.run} in {database} already: choose another --name, or remove it with "
            f"`relcli runs remove {record.run}`."
        )
    published = Published(folder, about["tables"])
    progress.note(f"Reading {folder}.")
    published.check_counts()
    wanted = make_name(str(about["dataset"].get("dataset") or folder.name))
    looked_at = check_answers(published, record.run, wanted)
    dataset = read_dataset(published, database, wanted)
    for item in dataset.items:
        if not is_plain_name(item.image_filename):
            name = brief(item.image_filename)
            raise RelcliError(f"{name} in {folder} is not a plain file name: fetch or export it again.")
    dataset.seed = about["dataset"].get("seed") if isinstance(about["dataset"].get("seed"), int) else None
    new = find_dataset(database, dataset, wanted) or prepare_dataset(dataset, wanted)
    progress.start(about["tables"]["answer"], "answers", "Taking them into the warehouse")
    source = _source(folder, about, looked_at)
    name = commit_published(
        database, published, new, record, about["interventions"], about["sinks"], source
    )
    progress.advance(about["tables"]["answer"])
    ensure_run_regions(database, record.run, name)
    fill_views(database, record.run, progress)
    if record.question_set in dataset.question_sets:
        asked = {question.category for item in dataset.items for question in item.questions}
        fill_words_alone(database, name, dataset, record.question_set, asked, progress)
    done = ImportedDataset(
        run=record.run,
        dataset=name,
        n_scenes=len(dataset.items),
        n_answers=about["tables"]["answer"],
        n_attention=looked_at,
    )
    progress.finish({field: getattr(done, field) for field in done.__slots__})
    return done


def _source(folder: Path, about: Mapping[str, Any], looked_at: int) -> dict[str, Any]:
    return {
        "imported_at": utc_now(),
        "results": str(folder.absolute()),
        "results_sha256": hashlib.sha256(read_bytes(folder / ABOUT, _MOST_ABOUT)).hexdigest(),
        "n_lines": about["tables"]["answer"],
        "n_left_out": 0,
        "n_answers": about["tables"]["answer"],
        "n_attention": looked_at,
    }
