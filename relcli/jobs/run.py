"""The main job: put a data set's questions to a model, raw, masked and blank, and keep answers and
attention."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from relcli.errors import RelcliError, UsageError
from relcli.jobs import provenance
from relcli.jobs.calibration import calibrate, regions_of_run, say_cost
from relcli.jobs.distributed import rank_and_world, wait_for_others, wait_for_run
from relcli.jobs.engines import open_engine, open_remote_engine
from relcli.jobs.first_check import check_unseen, keep_check
from relcli.jobs.full_maps import FullMaps
from relcli.jobs.hidden_arrays import HiddenArrays
from relcli.jobs.inference_loop import answer_all, picture
from relcli.jobs.ingest_thread import IngestThread, ingest_all
from relcli.jobs.materialize import fill_views
from relcli.jobs.plan import RunPlan, make_plan
from relcli.jobs.ranks import Ranks, clear
from relcli.jobs.request import RunRequest, refuse_if_different
from relcli.jobs.run_end import as_interrupted, check_whole, closing_row, interruption_of
from relcli.jobs.run_regions import RunRegions
from relcli.jobs.sources import Source, open_source
from relcli.jobs.stopping import stoppable
from relcli.jobs.words_alone import filling_words_alone
from relcli.models.answer_engine import REMOTE_DEVICE
from relcli.models.interruption import interruptible
from relcli.progress import NullProgress, Progress
from relcli.token_layout import TokenLayout
from relcli.warehouse.datasets import ensure_layout_regions, ensure_run_regions
from relcli.warehouse.ingest import ingest
from relcli.warehouse.migrations import ensure
from relcli.warehouse.names import check_name
from relcli.warehouse.parts import run_folder
from relcli.warehouse.presentations import keep_presentations
from relcli.warehouse.run_lock import run_lock
from relcli.warehouse.runs import (
    RunRecord,
    create_run,
    done_keys,
    finish,
    get_run,
    resume_run,
    update_run,
)
from relcli.warehouse.spool import SpoolWriter

if TYPE_CHECKING:
    from relcli.models.answer_engine import AnswerEngine


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a finished run came to. `n_answered` counts this session only; `leads` is false in all but the
    first of several processes."""

    run: str
    dataset: str
    question_set: str
    n_planned: int
    n_answered: int
    leads: bool = True


def run(database: Path, request: RunRequest, progress: Progress) -> RunOutcome:
    """Answer all questions of `request` and return when every answer is in the warehouse.

    Finished chunks go to the spool at once, so whatever ends this process, `--resume` loses and doubles
    nothing. Under `torchrun` every process answers its share of the scenes; the first one keeps the run's
    row and speaks for all. Raises UsageError for settings that can't be met, InterruptedRun after Ctrl-C, a
    scheduler's signal or a closed pipe, WarehouseError when the file can't be used, RelcliError for models
    and pictures that can't, and where another process of the run has died.
    """
    rank, world = rank_and_world()
    if world > 1 and not request.name:
        raise UsageError("Several processes need one name for their run: add --name.")
    if request.name:
        check_name(request.name)
    ranks = Ranks(run_folder(database, request.name or "alone"), rank, world)
    with (
        stoppable(watch_stdin=progress.watch_stdin),
        as_interrupted(),
        ranks.beating(),
        interruptible(ranks.check),
    ):
        return _RunSession(database, request, progress if rank == 0 else NullProgress(), ranks).run()


class _RunSession:
    """One process's part of a run, from start or resumption to its end."""

    def __init__(self, database: Path, request: RunRequest, progress: Progress, ranks: Ranks) -> None:
        self.database, self.request, self.progress = database, request, progress
        self.ranks, self.rank, self.world = ranks, ranks.rank, ranks.world

    def run(self) -> RunOutcome:
        started = self._remembered()
        request = self.request if started is None else self.request.as_started(started)
        source = open_source(self.database, request, self.progress, started)
        plan = make_plan(source.dataset, request)
        wanted = self._record(request, source, plan)
        if started is not None:
            refuse_if_different(started, wanted)
        if self.rank > 0:
            try:
                return self._follow(request, plan, wanted)
            except KeyboardInterrupt:
                raise interruption_of(wanted.run) from None
        with run_lock(run_folder(self.database, wanted.run), wanted.run):
            return self._lead(request, source, plan, wanted, started)

    def _remembered(self) -> RunRecord | None:
        """The run of that name as it was started. Also where a warehouse that can't be used shows, before a
        model is loaded for nothing."""
        if self.rank == 0:
            ensure(self.database)
            ingest(self.database, note=self.progress.note)  # what a killed run left
        if not self.request.name or (self.rank > 0 and not self.request.resume):
            return None
        started = get_run(self.database, self.request.name) if self.database.exists() else None
        if started is not None and not self.request.resume:
            raise UsageError(
                f"There is a run {started.run} already; add --resume to resume it, choose another --name "
                f"or remove it with relcli runs remove {started.run}."
            )
        if started is not None and started.kind != "run":
            raise UsageError(f"The run {started.run} was imported; there is nothing to resume.")
        return started

    def _record(self, request: RunRequest, source: Source, plan: RunPlan) -> RunRecord:
        """What is known of the run before the model is loaded; revision and dtype are only settled then."""
        name = request.name or provenance.new_name(
            request.model, source.name, lambda name: get_run(self.database, name) is not None
        )
        return provenance.planned(name, source.name, request, plan)

    def _lead(
        self, request: RunRequest, source: Source, plan: RunPlan, wanted: RunRecord, started: RunRecord | None
    ) -> RunOutcome:
        done = set() if started is None else done_keys(self.database, wanted.run)
        left, answered = plan.without(done), 0
        if left.tasks or started is None:
            engine = self._engine(request)
            described = engine.describe(picture(plan.tasks[0]))
            wanted = provenance.with_engine(wanted, described)
            say_cost(self.database, request, described, left.n_planned, self.progress)
            if started is None:
                checked = check_unseen(self.database, request, engine, described, plan, self.progress)
                calibrate(self.database, engine, plan, wanted, self.progress)
                wanted = replace(wanted, dataset=source.register(self.database))
                keep_presentations(self.database, wanted.dataset, plan.presented)
                create_run(self.database, replace(wanted, settings_hash=provenance.settings_hash(wanted)))
            else:
                checked = None
                refuse_if_different(started, wanted)
                resume_run(self.database, wanted.run, command=wanted.command)
            with closing_row(self.database, wanted.run):
                if started is None:
                    keep_check(self.database, wanted.run, checked)
                    self._place_tokens(described.layout, wanted)
                else:
                    update_run(
                        self.database,
                        wanted.run,
                        device=wanted.device,
                        model_path=wanted.model_path,  # a server may have moved
                        batch_size=wanted.batch_size,
                    )
                    ready = plan.n_planned - left.n_planned
                    self.progress.note(f"Resuming {wanted.run}: {ready:,} of {plan.n_planned:,} are done.")
                self.progress.run_started(wanted.run)
                # Shared before what is done is taken away: every process must cut the same plan.
                regions = regions_of_run(self.database, engine, plan, wanted, described)
                mine = plan.share(0, self.world).without(done)
                answered = self._answer(engine, mine, wanted, regions)
                self._gather(wanted)
                if engine.batch_size != wanted.batch_size:  # memory ran out on the way
                    update_run(self.database, wanted.run, batch_size=engine.batch_size)
        with closing_row(self.database, wanted.run):
            check_whole(self.database, plan, wanted.run)
            finish(self.database, wanted.run, "done")
        clear(run_folder(self.database, wanted.run))
        # Pictures of other sizes than the first have other layouts.
        ensure_run_regions(self.database, wanted.run, wanted.dataset)
        asked = plan.question_set, wanted.categories or []
        with filling_words_alone(self.database, wanted.dataset, source.dataset, *asked, self.progress):
            fill_views(self.database, wanted.run, self.progress)
        self.progress.finish({"run": wanted.run, "answers": answered})
        return RunOutcome(wanted.run, wanted.dataset, plan.question_set, plan.n_planned, answered)

    def _place_tokens(self, layout: TokenLayout | None, record: RunRecord) -> None:
        """Work out what objects cover of each image token, where it is known where those stand."""
        if layout is not None and layout.is_placed:
            ensure_layout_regions(self.database, record.dataset, layout)
        elif layout is not None and record.attention != "none":
            self.progress.note(
                f"Where the {layout.n_tokens:,} image tokens of {record.model} stand on the picture is not "
                "known: their attention is kept, but no heat map and no share on objects can be made of it."
            )

    def _follow(self, request: RunRequest, plan: RunPlan, wanted: RunRecord) -> RunOutcome:
        record = wait_for_run(self.database, wanted.run, self.ranks)
        left, answered = plan.share(self.rank, self.world).without(done_keys(self.database, wanted.run)), 0
        if left.tasks:
            if record.device != REMOTE_DEVICE:  # memory that another process has taken since changes no type
                request = replace(request, dtype=record.dtype)
            engine = self._engine(request)
            described = engine.describe(picture(plan.tasks[0]))
            wanted = provenance.with_engine(replace(wanted, dataset=record.dataset), described)
            refuse_if_different(record, wanted)
            regions = regions_of_run(self.database, engine, plan, wanted, described)
            answered = self._answer(engine, left, wanted, regions)
        return RunOutcome(wanted.run, record.dataset, plan.question_set, plan.n_planned, answered, False)

    def _engine(self, request: RunRequest) -> "AnswerEngine":
        if request.endpoint is not None:
            return open_remote_engine(
                request.endpoint,
                request.model,
                self.progress,
                revision=request.revision,
                max_new_tokens=request.max_new_tokens,
                concurrency=request.concurrency,
            )
        return open_engine(
            request.model,
            self.progress,
            revision=request.revision,
            dtype=request.dtype,
            device=request.device,
            device_map=request.device_map,
            trust_remote_code=request.trust_remote_code,
            untested_family=request.untested_family,
            attention=request.attention,
            max_new_tokens=request.max_new_tokens,
            batch_size=request.batch_size,
            rows=request.rows,
            hidden=request.hidden,
            answers=request.answers,
        )

    def _answer(
        self, engine: "AnswerEngine", plan: RunPlan, record: RunRecord, regions: RunRegions | None
    ) -> int:
        """Answer this process's share. The keeper beats and ingests beside it, in the first process."""
        keeper = IngestThread(self.database, record.run, self.progress.note) if self.rank == 0 else None
        answered = 0
        self.progress.start(plan.n_planned, "questions", f"Asking {record.model}")
        with SpoolWriter(self.database, record.run, self.rank) as spool:
            if keeper:
                keeper.start()
            try:
                full = FullMaps(self.database, record.run, self.rank, self.request.max_full_bytes)
                hidden = HiddenArrays(self.database, record.run, self.rank)
                dataset = record.dataset
                for n in answer_all(engine, plan, dataset, spool, full, hidden, self.progress, regions):
                    answered += n
                    self.ranks.check()
                    if keeper:
                        keeper.check()
            finally:
                if keeper:
                    keeper.stop()
        return answered

    def _gather(self, record: RunRecord) -> None:
        """Take everything in. With several processes, wait for the others first."""
        planned = record.n_planned or 0
        if self.world > 1:
            keeper = IngestThread(self.database, record.run, self.progress.note)
            keeper.start()
            try:
                whole = wait_for_others(
                    self.database,
                    record.run,
                    planned,
                    self.ranks,
                    lambda n: self.progress.metric(answers=n),
                )
            finally:
                keeper.stop()
            if not whole:
                raise RelcliError(
                    f"The other processes of {record.run} have ended and not all is answered: go on with: "
                    f"relcli run --name {record.run} --resume"
                )
        ingest_all(self.database, record.run, self.progress.note)
