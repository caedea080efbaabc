"""Take the study's result files into the warehouse as a run of kind import."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relcli.analysis.choices import read_choice
from relcli.analysis.grading import is_correct, seed_grade
from relcli.errors import InterruptedRun, RelcliError
from relcli.jobs import provenance as identity
from relcli.jobs.importing.attention import AttentionFile, find_attention, read_all
from relcli.jobs.importing.problems import Problems
from relcli.jobs.importing.questions import (
    Matched,
    ask_entries,
    ask_rows,
    asks_all,
    dataset_of_entries,
    dataset_of_rows,
    match,
)
from relcli.jobs.importing.results import ResultRow, Results, StudyReply, read_results
from relcli.jobs.materialize import fill_views
from relcli.jobs.request import RunRequest
from relcli.jobs.sources import open_source
from relcli.jobs.stopping import stoppable
from relcli.options.importing import SeedImportOptions
from relcli.options.reading import Request, validated
from relcli.progress import Progress
from relcli.scenes.items import Dataset
from relcli.scenes.layout import IMAGES
from relcli.scenes.queries import read_entries
from relcli.scenes.questions import Question
from relcli.scenes.reading import read_folder
from relcli.scenes.vocabulary import CATEGORIES
from relcli.warehouse.batch import AttentionBatch
from relcli.warehouse.datasets import NewDataset, ensure_regions, find_dataset, prepare_dataset
from relcli.warehouse.imports import Staging, commit_import
from relcli.warehouse.migrations import ensure
from relcli.warehouse.names import check_name, make_name
from relcli.warehouse.runs import RunRecord, utc_now

_BATCH = 64  # files in one part: 2,304 rows of 36 layers
_BATCH_CELLS = 4_000_000  # or fewer, where grids are large: numbers of one vector in all of them


@validated(frozen=True)
class SeedImport(Request, SeedImportOptions):
    """The options of `relcli import seed`, validated."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it. `n_answers` and `n_attention` count what was new; `n_other_grade` the answers on which
    our grade and the file's differ; `n_unparsed` the questions of unknown wording."""

    run: str
    dataset: str
    n_questions: int
    n_answers: int
    n_attention: int
    n_left_out: int
    n_other_grade: int
    n_unparsed: int


def import_seed(database: Path, request: SeedImport, progress: Progress) -> Imported:
    """Import all of it in one step, or nothing; with `partial` all that can be.

    Raises UsageError for a bad name, RelcliError for files that can't be read and, without `partial`, for
    anything in them that can't be imported (one sentence: how many of what, and what could be),
    WarehouseError for a warehouse that can't be written, InterruptedRun after Ctrl-C.
    """
    check_name(request.name)
    with stoppable(watch_stdin=progress.watch_stdin):
        try:
            return _Import(database, request, progress).do()
        except KeyboardInterrupt:
            raise InterruptedRun("Interrupted; nothing was imported.") from None


class _Import:
    def __init__(self, database: Path, request: SeedImport, progress: Progress) -> None:
        self.database, self.request, self.progress = database, request, progress
        self.problems = Problems()

    def do(self) -> Imported:
        request = self.request
        self.progress.note(f"Reading {request.results}.")
        results = read_results(
            request.results, self.problems, encoding=request.encoding, partial=request.partial
        )
        ensure(self.database)
        dataset, registered = self._dataset(results.rows)
        matched, question_set = match(results.rows, dataset, self.problems)
        files, unused = [], 0
        if request.attention and matched:
            files, unused = find_attention(request.attention, matched, self.problems)
        with Staging(self.database, request.name) as staging:
            shape, vision = self._stage(files, staging)
            could = f"{len(matched):,} of {results.n_lines:,} lines"
            if results.n_halved:
                could += f" (of {results.n_halved:,} the raw answer alone)"
            self.problems.settle(str(request.results), could, request.partial, self.progress)
            if not matched:
                raise RelcliError(f"{request.results} holds nothing that can be imported: nothing was.")
            if unused:
                self.progress.note(f"{unused:,} attention files belong to no answer and were not read.")
            answers = [row for each in matched for row in _answers(each)]
            record = self._record(matched, question_set, shape, len(answers))
            new = registered or self._prepare(dataset)
            self.progress.start(len(answers), "answers", "Taking them into the warehouse")
            done = commit_import(staging, new, record, answers, self._source(results, vision))
        self.progress.advance(len(answers))
        if shape:
            ensure_regions(self.database, done.dataset, record.grid_height or 0, record.grid_width or 0)
            fill_views(self.database, request.name, self.progress)
        outcome = Imported(
            run=request.name,
            dataset=done.dataset,
            n_questions=len(matched),
            n_answers=done.n_answers,
            n_attention=done.n_attention,
            n_left_out=len(self.problems),
            n_other_grade=sum(
                row["our_correct"] is not None and row["our_correct"] != row["correct"] for row in answers
            ),
            n_unparsed=sum(not each.row.parsed for each in matched),
        )
        self.progress.finish({name: getattr(outcome, name) for name in outcome.__slots__})
        return outcome

    def _dataset(self, rows: Sequence[ResultRow]) -> tuple[Dataset, str | None]:
        """The questions' data set, and its name if the warehouse has it as it is."""
        request = self.request
        registered = None
        if request.dataset and request.queries and (Path(request.dataset) / IMAGES).is_dir():
            dataset = read_folder(request.dataset, queries=request.queries)
        elif request.dataset:
            source = open_source(self.database, RunRequest(dataset=request.dataset), self.progress)
            dataset, registered = source.dataset, source.name if source.registered else None
            if request.queries and not asks_all(rows, dataset):
                dataset, registered = ask_entries(read_entries(request.queries), dataset), None
        elif request.queries:
            dataset = dataset_of_entries(read_entries(request.queries), request.name)
        else:
            dataset = dataset_of_rows(rows, request.name)
        if not dataset.question_sets:
            dataset, registered = ask_rows(rows, dataset), None
        return dataset, registered

    def _prepare(self, dataset: Dataset) -> NewDataset | str:
        name = make_name(dataset.name)
        return find_dataset(self.database, dataset, name) or prepare_dataset(dataset, name)

    def _stage(
        self, files: Sequence[AttentionFile], staging: Staging
    ) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
        """Read all files; returns their grid and the place of the image tokens in the prompt."""
        if not files:
            return None, None
        self.progress.start(len(files), "files", "Reading attention")
        grid = vision = None
        keys, summaries = [], []
        for file, summary in read_all(files, self.problems):
            self.progress.advance()
            if summary is not None:
                grid, vision = grid or summary.grid, vision or summary.vision_range
                keys.append(file.key)
                summaries.append(summary)
            if len(keys) == _BATCH or sum(each.mean_heads.size for each in summaries) > _BATCH_CELLS:
                staging.add(AttentionBatch(keys, summaries))
                keys, summaries = [], []
        if keys:
            staging.add(AttentionBatch(keys, summaries))
        return grid, vision

    def _record(
        self, matched: Sequence[Matched], question_set: str, grid: tuple[int, int] | None, n_answers: int
    ) -> RunRecord:
        now = utc_now()
        asked = {each.question.category for each in matched}
        height, width = grid or (None, None)
        return RunRecord(
            run=self.request.name,
            dataset="",  # known once the data set has its name
            kind="import",
            state="done",
            question_set=question_set,
            model=self.request.model,
            attention="summary" if grid else "none",
            variants=["raw", "masked"] if any(each.row.masked for each in matched) else ["raw"],
            categories=[name for name in CATEGORIES if name in asked],
            n_planned=n_answers,
            image_tokens=height * width if height and width else None,
            grid_height=height,
            grid_width=width,
            versions={"relcli": identity.versions()["relcli"]},
            command=identity.command_line(),
            started_at=now,
            heartbeat_at=now,
            finished_at=now,
            message=f"Imported from {self.request.results.name}.",
        )

    def _source(self, results: Results, vision: tuple[int, int] | None) -> dict[str, Any]:
        request = self.request

        def shown(path: Path | None) -> str | None:
            return None if path is None else str(path.absolute())

        return {
            "results": shown(request.results),
            "results_sha256": results.sha256,
            "encoding": results.encoding,
            "queries": shown(request.queries),
            "attention": shown(request.attention),
            "n_lines": results.n_lines,
            "n_left_out": len(self.problems),
            "vision_token_range": None if vision is None else list(vision),
            "detail": self.problems.told() or None,
        }


def _answers(matched: Matched) -> list[dict[str, Any]]:
    """Rows of table `inference` (all but run and data set) of one line."""
    row, question = matched.row, matched.question
    both = [("raw", row.raw)] + ([("masked", row.masked)] if row.masked else [])
    return [_answer(question, variant, reply) for variant, reply in both]


def _answer(question: Question, variant: str, reply: StudyReply) -> dict[str, Any]:
    """`correct` is the file's own evaluation; ours stands beside it where the options can be read."""
    choice = read_choice(reply.prediction, question.options) if question.options else None
    return {
        "scene_id": question.scene_id,
        "question_index": question.question_index,
        "variant": variant,
        "answer": reply.prediction,
        "choice": choice,
        "correct": reply.correct,
        "our_correct": is_correct(choice, reply.ground_truth) if question.options else None,
        "seed_correct": seed_grade(reply.prediction, reply.ground_truth),
        "ground_truth": reply.ground_truth,
        "created_at": utc_now(),
    }
