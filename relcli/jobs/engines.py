"""A model, loaded and ready to answer, with its progress told."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from relcli.errors import UsageError
from relcli.heavy_imports import without_collector
from relcli.jobs.request import refuse_loading_options
from relcli.models.remote.address import parse_address
from relcli.progress import Progress

if TYPE_CHECKING:
    from relcli.models.answer_engine import AnswerEngine
    from relcli.models.local.engine import Engine


def open_engine(
    model: str,
    progress: Progress,
    *,
    revision: str | None = None,
    dtype: str | None = None,
    device: str | None = None,
    device_map: str | None = None,
    trust_remote_code: bool = False,
    untested_family: bool = False,
    attention: str | Collection[str] = "summary",
    max_new_tokens: int = 128,
    batch_size: int | None = None,
    rows: Collection[str] = ("answer",),
    hidden: Collection[str] = (),
    answers: str = "text",
) -> "Engine":
    """Load `model`: `bundled`, a folder or a hub id. Raises as `loading.load` and `Engine`."""
    progress.start(1, "model", f"Loading {model}")
    # torch takes seconds to import; until here nothing needed it.
    with without_collector("relcli.models.local.engine"):
        import relcli.models.transformers_once  # noqa: F401 (before all that imports transformers)
        from relcli.models.local.engine import Engine
        from relcli.models.local.loading import load

    loaded = load(
        model,
        device=device,
        device_map=device_map,
        dtype=dtype,
        revision=revision,
        trust_remote_code=trust_remote_code,
        untested_family=untested_family,
        on_note=progress.note,
    )
    engine = Engine(
        loaded,
        attention=attention,
        max_new_tokens=max_new_tokens,
        batch_size=batch_size,
        on_note=progress.note,
        rows=rows,
        hidden=hidden,
        answers=answers,
    )
    progress.advance()
    return engine


def open_remote_engine(
    endpoint: str,
    model: str,
    progress: Progress,
    *,
    revision: str | None = None,
    max_new_tokens: int = 128,
    concurrency: int = 8,
) -> "AnswerEngine":
    """The model that a server has at `endpoint`, which is not asked yet. Raises UsageError for what is no web
    address, and where the client is not installed."""
    address = parse_address(endpoint)
    refuse_loading_options(model, ())
    progress.start(1, "model", f"Asking for {model} at {address.shown}")
    try:
        from relcli.models.remote.engine import RemoteEngine
    except ModuleNotFoundError as missing:
        if missing.name not in ("openai", "httpx2"):
            raise
        raise UsageError(
            "--endpoint needs the package openai: install it with pip install 'relcli[endpoint]'."
        ) from None
    engine = RemoteEngine(
        address,
        model,
        revision=revision,
        max_new_tokens=max_new_tokens,
        concurrency=concurrency,
        on_note=progress.note,
    )
    progress.advance()
    return engine


def with_longest_reply(engine: "AnswerEngine", max_new_tokens: int, progress: Progress) -> "AnswerEngine":
    """A model loaded by `open_engine`, held once, with another limit on the length of a reply. Raises
    UsageError for less than one token."""
    from relcli.models.local.engine import Engine

    assert isinstance(engine, Engine)
    return Engine(
        engine.loaded,
        attention=engine.attention,
        max_new_tokens=max_new_tokens,
        on_note=progress.note,
        rows=engine.rows,
        hidden=engine.hidden,
    )
