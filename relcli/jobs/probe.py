"""Fit linear probes to a run's attention or hidden states, and keep what they reach."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relcli.analysis.probing.labels import CORRECT, choose_labels, labels_of, question_labels
from relcli.analysis.probing.layers import parse_layers
from relcli.analysis.probing.sweep import Block, Sweep
from relcli.analysis.probing.targets import CannotProbe, Target, correctness, make_target
from relcli.captures import HIDDEN
from relcli.errors import InterruptedRun, RelcliError, WarehouseError
from relcli.jobs.categories import refuse_unknown_categories
from relcli.jobs.probe_request import ProbeRequest
from relcli.jobs.provenance import command_line
from relcli.jobs.stopping import stoppable
from relcli.progress import Progress
from relcli.scenes.vocabulary import CATEGORIES, asked_categories
from relcli.warehouse.hidden_states import HiddenStates
from relcli.warehouse.ingest import ingest
from relcli.warehouse.migrations import ensure
from relcli.warehouse.probe_states import state_rows
from relcli.warehouse.probes import begin_probe, end_probe, probe_rows, save_results
from relcli.warehouse.reads import read
from relcli.warehouse.runs import get_run
from relcli.warehouse.unknown import unknown_run


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """What was fitted. ``labels`` are `category.label`; ``n_probes`` counts labels times layers; ``skipped``
    says, in words, which labels could not be probed and why."""

    run: str
    probe: str
    labels: tuple[str, ...]
    n_probes: int
    skipped: tuple[str, ...]


def probe(database: Path, request: ProbeRequest, progress: Progress) -> ProbeOutcome:
    """Fit every chosen label on every chosen layer and write the rows of `probe_result`, replacing those of
    an earlier sweep with the same settings.

    Results are written every few seconds; after Ctrl-C what was finished stays. Raises UsageError for an
    unknown run, label or layer, RelcliError where there is no attention or no label can be probed,
    InterruptedRun when stopped, WarehouseError when the file can't be used.
    """
    with stoppable(watch_stdin=progress.watch_stdin):
        try:
            ensure(database)
            ingest(database, note=progress.note)
            states = None
            if request.features == HIDDEN:
                run, states = _run_and_states(database, request)
                dataset_layers = tuple(range(states.n_layers))
            else:
                run, dataset_layers = _run_and_layers(database, request)
            chosen = choose_labels(_categories(database, request, run), request.labels)
            alone, together = parse_layers(request.layers).among(dataset_layers)
            session = _ProbeSession(database, request, run, progress, states)
            wanted: list[int | None] = [*alone, *([None] if together else [])]
            kept = dataset_layers if together else alone
            return session.run_all(chosen, wanted, kept)
        except KeyboardInterrupt:
            raise InterruptedRun("Interrupted before a probe was fitted.") from None


def _categories(database: Path, request: ProbeRequest, run: str) -> tuple[str, ...]:
    """Those asked for; where none is named and the run has others than the seven, the run's."""
    rows = read(database, "probe_categories", run=run, variant=request.variant).rows
    held = {category for (category,) in rows}
    refuse_unknown_categories(request.categories, held)
    return asked_categories(request.categories, held) if held - set(CATEGORIES) else request.categories


def _run_and_layers(database: Path, request: ProbeRequest) -> tuple[str, tuple[int, ...]]:
    run = request.run
    if run is None:
        rows = read(database, "probe_runs", limit=1).rows
        if not rows:
            raise RelcliError(f"No run in {database} has attention to probe: make one with relcli run.")
        run = rows[0][0]
    record = get_run(database, run)
    if record is None:
        raise unknown_run(database, run)
    layers = tuple(row[0] for row in read(database, "probe_layers", run=run, variant=request.variant).rows)
    if not layers:
        if record.attention == "none":
            raise RelcliError(
                f"The run {run} was made without attention (--attention none): nothing to probe."
            )
        raise RelcliError(
            f"The run {run} has no attention on {request.variant} pictures: choose another "
            "--variant or --run."
        )
    rows = record.query_rows or ("answer",)
    if request.row not in rows:
        raise RelcliError(
            f"The run {run} keeps no attention of row {request.row}, only of {', '.join(rows)}: make one "
            f"that does, with relcli run --rows answer,{request.row}."
        )
    return run, layers


def _run_and_states(database: Path, request: ProbeRequest) -> tuple[str, HiddenStates]:
    run, row = request.run, request.row
    if run is None:
        runs = read(database, "probe_hidden_runs", query_row=row, limit=1).rows
        if not runs:
            raise RelcliError(
                f"No run in {database} keeps hidden states of row {row}: make one with relcli run --hidden "
                f"{row}."
            )
        run = runs[0][0]
    record = get_run(database, run)
    if record is None:
        raise unknown_run(database, run)
    if row not in (record.hidden_rows or ()):
        raise RelcliError(
            f"The run {run} keeps no hidden states of row {row}: make one that does, with relcli run "
            f"--hidden {row}."
        )
    states = HiddenStates(database, run, row)
    if not states.n_layers:
        raise RelcliError(
            f"The hidden states of {run} are not beside {database}, in {database.name}.spool/{run}/hidden: "
            "copy that folder here too, or run the model again."
        )
    return run, states


class _ProbeSession:
    """One sweep over a run: reads category by category, fits, and writes as it goes."""

    SAVE_EVERY_S = 10.0

    def __init__(
        self,
        database: Path,
        request: ProbeRequest,
        run: str,
        progress: Progress,
        states: HiddenStates | None = None,
    ) -> None:
        self.database, self.request, self.run, self.progress = database, request, run, progress
        self.states = states
        self.skipped: list[str] = []
        self.labels: list[str] = []
        self.n_probes = 0
        self.n_categories, self.n_family = self._families()
        self._waiting: list[dict[str, Any]] = []
        self._tests: list[dict[str, Any]] = []
        self._scores: list[dict[str, Any]] = []
        self._saved_at = time.monotonic()

    def run_all(
        self, chosen: Mapping[str, Sequence[str]], layers: Sequence[int | None], kept: Sequence[int]
    ) -> ProbeOutcome:
        total = sum(len(labels) for labels in chosen.values()) * len(layers)
        begin_probe(self.database, self._settings())
        with self._closing_row():
            self.progress.start(total, "probes", f"Probing {self.run}")
            for category, labels in chosen.items():
                self._category(category, labels, layers, kept)
            if not self.labels:
                raise RelcliError(f"Nothing could be probed in {self.run}: {_listed(self.skipped)}.")
            self._save(last=True)
        self.progress.finish({"run": self.run, "probe": self.request.probe, "probes": self.n_probes})
        return ProbeOutcome(
            self.run, self.request.probe, tuple(self.labels), self.n_probes, tuple(self.skipped)
        )

    def _category(
        self, category: str, labels: Sequence[str], layers: Sequence[int | None], kept: Sequence[int]
    ) -> None:
        request = self.request
        which = {
            "run": self.run,
            "variant": request.variant,
            "category": category,
            "protocol": request.plan.protocol,
        }
        if self.states is not None:
            rows, what = state_rows(self.database, self.states, **which), "hidden states"
        else:
            rows = probe_rows(self.database, features=request.probed, layers=kept, **which)
            what = "attention"
        targets: list[Target] = []
        if rows is None:
            self._skip(f"{category} has no answers with {what}")
        else:
            if rows.n_left_out:
                self.progress.note(f"{rows.n_left_out:,} answers of {category} have no {what}.")
            named = [
                question_labels(category, text, truth)
                for text, truth in zip(rows.texts, rows.truths, strict=True)
            ]
            for label in labels:
                try:
                    if label == CORRECT:
                        values = correctness(rows.correct)
                    else:
                        values = [one.get(label) for one in named]
                    targets.append(make_target(label, values, rows.scenes, request.plan))
                except CannotProbe as reason:
                    self._skip(f"{category}.{reason}")
        self.progress.advance((len(labels) - len(targets)) * len(layers))
        if rows is None or not targets:
            return
        block = Block(
            category, rows.scenes, rows.texts, rows.truths, rows.correct, tuple(kept), rows.features
        )
        self.labels += [f"{category}.{target.label}" for target in targets]
        sweep = Sweep(block, targets, request.plan)
        for layer in layers:
            self._waiting += sweep.layer(layer)
            self.n_probes += len(targets)
            self.progress.metric(category=category, layer="all" if layer is None else str(layer))
            self.progress.advance(len(targets))
            if time.monotonic() - self._saved_at > self.SAVE_EVERY_S:
                self._save()
        for target in targets:
            self.progress.metric(category=category, layer=f"test of {target.label}")
            if (test := sweep.tests(target)) is not None:
                n_family = self.n_categories if target.label == CORRECT else self.n_family
                self._tests.append({**test, "n_family": n_family})
            for score in sweep.scores(target):
                row = score.pop("row")
                question = {"scene_id": int(rows.scenes[row]), "question_index": int(rows.questions[row])}
                self._scores.append({**score, **question})

    def _families(self) -> tuple[int, int]:
        """Categories the run has answers of, and labels of all of them: what is corrected for doesn't hang on
        what is probed at a time."""
        found = read(self.database, "probe_categories", run=self.run, variant=self.request.variant)
        known = [labels_of(category) for (category,) in found.rows]
        return len(known), sum(map(len, known))

    def _skip(self, reason: str) -> None:
        self.skipped.append(reason)
        self.progress.note(f"Not probed: {reason}.")

    def _save(self, last: bool = False) -> None:
        """A warehouse that somebody else holds is no reason to stop, unless it is the end."""
        try:
            probe = self.request.probe
            save_results(self.database, self.run, probe, self._waiting, self._tests, self._scores)
            self._waiting, self._tests, self._scores = [], [], []
        except WarehouseError:
            if last:
                raise
        self._saved_at = time.monotonic()

    def _settings(self) -> dict[str, Any]:
        plan = self.request.plan
        return {
            "run": self.run,
            "probe": self.request.probe,
            "variant": self.request.variant,
            "features": self.request.probed,
            "split": plan.split,
            "protocol": plan.protocol,
            "folds": plan.folds if plan.protocol == "relcli" else None,
            "seed": plan.seed,
            "min_subset": plan.min_subset,
            "command": command_line(),
        }

    @contextmanager
    def _closing_row(self) -> Iterator[None]:
        """However the sweep ends, what was fitted is written and the probe's row says how it ended."""
        state = "failed"
        try:
            yield
            state = "done"
        except (KeyboardInterrupt, InterruptedRun):
            state = "stopped"
            raise InterruptedRun(
                f"Probing {self.run} was interrupted; {self.n_probes:,} finished probes are kept, and "
                "the same command starts over."
            ) from None
        finally:
            with suppress(RelcliError):
                if state != "done" and (self._waiting or self._tests or self._scores):
                    self._save(last=True)
                end_probe(self.database, self.run, self.request.probe, state)


def _listed(reasons: Sequence[str]) -> str:
    shown = "; ".join(reasons[:3])
    return shown + (f"; and {len(reasons) - 3} more" if len(reasons) > 3 else "")
