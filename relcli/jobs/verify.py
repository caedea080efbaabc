"""Check the fast path against plain generation on real questions, and keep the outcome with a run."""

from pathlib import Path
from typing import TYPE_CHECKING

from relcli.errors import UsageError
from relcli.jobs.engines import open_engine
from relcli.jobs.inference_loop import ask_item, picture
from relcli.jobs.plan import make_plan
from relcli.jobs.request import RunRequest
from relcli.jobs.sources import open_source
from relcli.progress import Progress
from relcli.warehouse.runs import get_run
from relcli.warehouse.verifications import add_verification

if TYPE_CHECKING:
    from relcli.models.local.verify import Verification


def verify(database: Path, request: RunRequest, n_questions: int, progress: Progress) -> "Verification":
    """Ask `n_questions` of the request both ways. With a name, that run's model and data, and the outcome is
    stored with it. Raises UsageError for a run that isn't there and a number below 1, otherwise as `run`."""
    if n_questions < 1:
        raise UsageError(f"--number must be 1 or more, not {n_questions}.")
    started = None
    if request.name:
        started = get_run(database, request.name)
        if started is None:
            raise UsageError(
                f"There is no run {request.name} in {database}; relcli runs list shows those there are."
            )
        request = request.as_started(started)
    if request.endpoint is not None:
        raise UsageError(
            f"The run {request.name} was answered by a model behind a server, which has no second path to "
            "compare with: verify is for models loaded here."
        )
    source = open_source(database, request, progress, started)
    plan = make_plan(source.dataset, request)
    engine = open_engine(
        request.model,
        progress,
        revision=request.revision,
        dtype=request.dtype,
        device=request.device,
        trust_remote_code=request.trust_remote_code,
        untested_family=request.untested_family,
        max_new_tokens=request.max_new_tokens,
    )
    described = engine.describe(picture(plan.tasks[0]))
    if started is not None and started.weights_hash != described.weights_hash:
        raise UsageError(
            f"The run {started.run} was answered by other weights than {request.model} has now; verify "
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
    progress.start(min(count, n_questions), "questions", f"Asking {request.model} both ways")
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
