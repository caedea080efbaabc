"""Check the fast path against plain generation on real questions, and keep the outcome with a run."""

from pathlib import Path
from typing import TYPE_CHECKING

from relcli.errors import UsageError
from relcli.jobs.engines import open_engine
from relcli.jobs.inference_loop import ask_item, picture
from relcli.jobs.plan import make_plan
from relcli.jobs.request import RunRequest
from relcli.jobs.sources import open_source
from relcli.options.declaration import options_of
from relcli.options.reading import Request, validated
from relcli.options.verify import VerifyOptions
from relcli.progress import Progress
from relcli.warehouse.runs import get_run
from relcli.warehouse.unknown import unknown_run
from relcli.warehouse.verifications import add_verification

if TYPE_CHECKING:
    from relcli.models.local.verify import Verification


@validated(frozen=True)
class VerifyRequest(Request, VerifyOptions):
    """The options of `relcli verify`, validated."""

    @property
    def of_run(self) -> RunRequest:
        """The questions, and the model that is asked."""
        shared = {each.name: getattr(self, each.name) for each in options_of(VerifyOptions)}
        own = {name: shared.pop(name) for name in ("run", "number")}
        return RunRequest(**shared, name=own["run"], given=self.given)


def verify(database: Path, request: VerifyRequest, progress: Progress) -> "Verification":
    """Ask some questions both ways. With a run, that run's model and data, and the outcome is stored with it.
    Raises UsageError for a run that isn't there, otherwise as `run`."""
    asked, n_questions, started = request.of_run, request.number, None
    if asked.name:
        started = get_run(database, asked.name)
        if started is None:
            raise unknown_run(database, asked.name)
        asked = asked.as_started(started)
    if asked.endpoint is not None:
        raise UsageError(
            f"The run {asked.name} was answered by a model behind a server, which has no second path to "
            "compare with: verify is for models loaded here."
        )
    source = open_source(database, asked, progress, started)
    plan = make_plan(source.dataset, asked)
    engine = open_engine(
        asked.model,
        progress,
        revision=asked.revision,
        dtype=asked.dtype,
        device=asked.device,
        device_map=asked.device_map,
        trust_remote_code=asked.trust_remote_code,
        untested_family=asked.untested_family,
        max_new_tokens=asked.max_new_tokens,
    )
    described = engine.describe(picture(plan.tasks[0]))
    if started is not None and started.weights_hash != described.weights_hash:
        raise UsageError(
            f"The run {started.run} was answered by other weights than {asked.model} has now; verify "
            "without a run's name checks these."
        )
    from relcli.models.local.verify import verify as check

    # Lazily, so that a check of 20 questions does not read a thousand pictures.
    items, count = [], 0
    for task in plan.tasks:
        items.append(ask_item(task))
        count += len(task.questions)
        if count >= n_questions:
            break
    progress.start(min(count, n_questions), "questions", f"Asking {asked.model} both ways")
    outcome = check(engine, items, n_questions, advance=progress.advance)
    if started is not None:
        add_verification(
            database,
            started.run,
            n_questions=outcome.n_questions,
            tokens_equal=outcome.tokens_equal,
            max_attention_error=outcome.max_attention_error,
            answers_equal_across_batch=outcome.answers_equal_across_batch,
            passed=outcome.passed,
            detail=outcome.detail,
        )
    progress.finish({"passed": outcome.passed, "detail": outcome.detail})
    return outcome
