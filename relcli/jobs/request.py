"""What someone asks of a run, before and after it meets what the warehouse remembers of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from relcli.errors import UsageError
from relcli.inputs import LARGEST_INTEGER
from relcli.models.answer_engine import REMOTE_DEVICE
from relcli.models.items import DEFAULT_ROWS, QUERY_ROWS
from relcli.models.remote.address import parse_address
from relcli.scenes.vocabulary import CATEGORIES, VARIANTS
from relcli.warehouse.runs import RunRecord

BUNDLED = "bundled"
MOST_AT_ONCE = 512
# Options that say how a model is loaded; a server has loaded its own.
_LOADING = {
    "dtype": "--dtype",
    "device": "--device",
    "trust_remote_code": "--trust-remote-code",
    "untested_family": "--untested-family",
    "batch_size": "--batch-size",
}


@dataclass(frozen=True, slots=True)
class RunRequest:
    """The options of `relcli run`.

    dataset: `bundled`, a folder, or the name of a data set in the warehouse; None with separate paths.
    questions: `seed` or `balanced`; None takes `seed`, or the one set the data has.
    max_samples: only so many scenes, from the lowest number up; sample_index: only the scene of this number.
    endpoint: the address of a server that has the model; None loads it here. concurrency: requests at once.
    rows: whose attention is kept, of QUERY_ROWS; the answer's always is.
    given: the fields someone set for this call. The others are defaults, and a resumed run keeps its own
    instead.
    """

    dataset: str | None = None
    questions: str | None = None
    categories: tuple[str, ...] = CATEGORIES
    variants: tuple[str, ...] = ("raw", "masked")
    model: str = BUNDLED
    revision: str | None = None
    dtype: str | None = None
    device: str | None = None
    trust_remote_code: bool = False
    untested_family: bool = False
    queries: Path | None = None
    images: Path | None = None
    masked_images: Path | None = None
    max_samples: int | None = None
    sample_index: int | None = None
    max_new_tokens: int = 128
    attention: str = "summary"
    rows: tuple[str, ...] = DEFAULT_ROWS
    batch_size: int | None = None
    endpoint: str | None = None
    concurrency: int = 8
    name: str | None = None
    resume: bool = False
    given: frozenset[str] = field(default=frozenset())

    def __post_init__(self) -> None:
        unknown = [name for name in self.variants if name not in VARIANTS]
        if unknown or not self.variants:
            named = f"There is no variant {unknown[0]!r}" if unknown else "No variant is named"
            raise UsageError(f"{named}; --variants takes {', '.join(VARIANTS)}, separated by commas.")
        unknown = [name for name in self.rows if name not in QUERY_ROWS]
        if unknown:
            raise UsageError(
                f"There is no row {unknown[0]!r}; --rows takes {', '.join(QUERY_ROWS)}, separated by commas."
            )
        # In one order, whatever was typed, and always with the answer's, which every view reads.
        object.__setattr__(self, "rows", tuple(r for r in QUERY_ROWS if r in self.rows or r == "answer"))
        for option, value, least in (
            ("--max-samples", self.max_samples, 1),
            ("--sample-index", self.sample_index, 0),
            ("--max-new-tokens", self.max_new_tokens, 1),
            ("--batch-size", self.batch_size, 1),
        ):
            if value is not None and not least <= value <= LARGEST_INTEGER:
                raise UsageError(f"{option} must be from {least} to {LARGEST_INTEGER}, not {value}.")
        if self.max_samples is not None and self.sample_index is not None:
            raise UsageError("--max-samples and --sample-index exclude each other: give one of them.")
        if self.resume and not self.name:
            raise UsageError(
                "--resume continues a run by its name: add --name (relcli runs list shows them)."
            )
        if self.masked_images and not self.images:
            raise UsageError(
                "--masked-images needs --images, the folder of the pictures they were made from."
            )
        if bool(self.queries) != bool(self.images):
            raise UsageError(
                "--queries and --images belong together: one has the questions, one the pictures."
            )
        if self.images and self.dataset:
            raise UsageError("--dataset and --images exclude each other: both say where the pictures are.")
        self._check_endpoint()

    def _check_endpoint(self) -> None:
        """What belongs to a model loaded here does not go with a server, and the other way round."""
        if self.endpoint is None:
            if "concurrency" in self.given and not self.resume:  # the run may remember its server
                raise UsageError("--concurrency is for requests to a server: add --endpoint.")
            return
        parse_address(self.endpoint)
        if not 1 <= self.concurrency <= MOST_AT_ONCE:
            raise UsageError(f"--concurrency must be from 1 to {MOST_AT_ONCE}, not {self.concurrency}.")
        if self.attention != "none":
            if "attention" in self.given:
                raise UsageError(
                    f"--attention {self.attention} can't be kept of a model behind a server, which tells "
                    "answers only: omit it, or load the model here, without --endpoint."
                )
            object.__setattr__(self, "attention", "none")
        refuse_loading_options(None if self.resume else self.model, self.given)

    def as_started(self, record: RunRecord) -> "RunRequest":
        """This request with what the run was started with wherever nothing else was asked for now."""
        remembered: dict[str, Any] = {
            "questions": record.question_set,
            "categories": tuple(record.categories or CATEGORIES),
            "variants": tuple(record.variants or ()),
            "model": record.model,
            "revision": record.revision,
            "dtype": record.dtype,
            "max_new_tokens": record.max_new_tokens,
            "attention": record.attention,
            "rows": tuple(record.query_rows or ("answer",)),
            # Whoever started the run has said yes to its model already.
            "untested_family": True,
        }
        remote = record.device == REMOTE_DEVICE
        if remote:
            remembered["endpoint"] = record.model_path
        elif self.endpoint is not None:
            raise UsageError(
                f"The run {record.run} was started with a model loaded here: omit --endpoint to continue "
                "with it, or choose another --name."
            )
        if not self.given & {"dataset", "queries", "images"}:
            remembered["dataset"] = record.dataset
        return replace(self, **{key: value for key, value in remembered.items() if key not in self.given})


def refuse_loading_options(model: str | None, given: Collection[str]) -> None:
    """Raises UsageError for options that are of no use with --endpoint, and where none names the model; None:
    it is not known yet."""
    if model == BUNDLED:
        raise UsageError("--endpoint needs --model, the name under which the server knows the model.")
    for name, option in _LOADING.items():
        if name in given:
            raise UsageError(f"{option} is for a model loaded here: omit it with --endpoint.")


# What must be the same for two sessions to be one run, and the option that sets it. Device and batch size
# may change: a run that ran out of memory continues with a smaller batch, or on another machine.
_SHAPES_ANSWERS = {
    "dataset": "--dataset",
    "question_set": "--questions",
    "categories": "--category",
    "variants": "--variants",
    "scene_ids": "--max-samples or --sample-index",
    "model": "--model",
    "revision": "--revision",
    "weights_hash": "the model's weights",
    "dtype": "--dtype",
    "attention": "--attention",
    "query_rows": "--rows",
    "max_new_tokens": "--max-new-tokens",
    "prompt_hash": "the model's chat template",
    "image_tokens": "the model's image size",
}


def differences(started: RunRecord, now: RunRecord) -> list[str]:
    """What differs between a run as it was started and as it is asked for now; one phrase each.

    A field that is None now is not known yet and not compared.
    """

    def plain(value: Any) -> Any:
        return list(value) if isinstance(value, (list, tuple)) else value

    found = []
    for name, option in _SHAPES_ANSWERS.items():
        then: Any = plain(getattr(started, name))
        asked: Any = plain(getattr(now, name))
        if name == "query_rows" and not then:
            then = ["answer"]  # runs from before there was a choice
        if name == "scene_ids":
            if then != asked:
                found.append(f"{option} ({_scenes(then)} then, {_scenes(asked)} now)")
        elif asked is not None and then != asked:
            found.append(f"{option} ({_short(then)} then, {_short(asked)} now)")
    return found


def refuse_if_different(started: RunRecord, now: RunRecord) -> None:
    """Raises UsageError that names each setting that differs."""
    if found := differences(started, now):
        raise UsageError(
            f"The run {started.run} was started with other settings: {'; '.join(found)}. Omit the options "
            "to resume it as it was started, or choose another --name."
        )


def _scenes(ids: list[int] | None) -> str:
    if ids is None:
        return "all scenes"
    return f"scene {ids[0]}" if len(ids) == 1 else f"{len(ids)} scenes"


def _short(value: Any) -> str:
    text = (
        ", ".join(map(str, value))
        if isinstance(value, Iterable) and not isinstance(value, str)
        else str(value)
    )
    return text if len(text) <= 60 else text[:12] + "..."
