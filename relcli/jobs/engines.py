"""A model, loaded and ready to answer, with its progress told."""

from typing import TYPE_CHECKING

from relcli.progress import Progress

if TYPE_CHECKING:
    from relcli.models.engine import Engine


def open_engine(
    model: str,
    progress: Progress,
    *,
    revision: str | None = None,
    dtype: str | None = None,
    device: str | None = None,
    trust_remote_code: bool = False,
    untested_family: bool = False,
    attention: str = "summary",
    max_new_tokens: int = 128,
    batch_size: int | None = None,
) -> "Engine":
    """Load `model`: `bundled`, a folder or a hub id. Raises as `relcli.models.loading.load` and `Engine`."""
    progress.start(1, "model", f"Loading {model}")
    # torch takes seconds to import; until here nothing needed it.
    from relcli.models.engine import Engine
    from relcli.models.loading import load

    loaded = load(
        model,
        device=device,
        dtype=dtype,
        revision=revision,
        trust_remote_code=trust_remote_code,
        untested_family=untested_family,
    )
    engine = Engine(
        loaded,
        attention=attention,
        max_new_tokens=max_new_tokens,
        batch_size=batch_size,
        on_note=progress.note,
    )
    progress.advance()
    return engine
