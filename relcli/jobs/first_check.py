"""A model that a warehouse has not seen is compared with plain generation on one question."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from relcli.errors import RelcliError
from relcli.jobs.inference_loop import ask_item
from relcli.jobs.plan import RunPlan
from relcli.jobs.request import RunRequest
from relcli.models.answer_engine import REMOTE_DEVICE, EngineDescription
from relcli.models.names import BUNDLED
from relcli.progress import Progress
from relcli.warehouse.verifications import add_verification, was_verified

if TYPE_CHECKING:
    from relcli.models.answer_engine import AnswerEngine
    from relcli.models.local.verify import Verification


def check_unseen(
    database: Path,
    request: RunRequest,
    engine: "AnswerEngine",
    described: EngineDescription,
    plan: RunPlan,
    progress: Progress,
) -> "Verification | None":
    """Answer the plan's first question both ways; None where there is nothing to compare, or it was done.

    The bundled model is compared in relcli's own tests, a server's can't be, and without image tokens in the
    text model there is no attention to compare. Raises RelcliError if the two ways differ.
    """
    known = described.device == REMOTE_DEVICE or request.model == BUNDLED or described.layout is None
    if request.unverified or known or was_verified(database, described.weights_hash, described.dtype):
        return None
    from relcli.models.local.engine import Engine
    from relcli.models.local.verify import verify

    assert isinstance(engine, Engine)
    progress.note("This model is new to the warehouse: its first answer is compared with plain generation.")
    item = ask_item(plan.tasks[0])
    found = verify(engine, [replace(item, prompts=list(item.prompts)[:1])], 1)
    if not found.passed:
        raise RelcliError(
            f"The model {request.model!r} answers the first question otherwise than by plain generation "
            f"({found.detail}): relcli verify compares more of them, and --unverified runs it all the same."
        )
    return found


def keep_check(database: Path, run: str, found: "Verification | None") -> None:
    """Write the comparison down with the run whose weights were compared."""
    if found is not None:
        add_verification(
            database,
            run,
            n_questions=found.n_questions,
            tokens_equal=found.tokens_equal,
            max_attention_error=found.max_attention_error,
            answers_equal_across_batch=found.answers_equal_across_batch,
            passed=found.passed,
            detail=found.detail,
        )
