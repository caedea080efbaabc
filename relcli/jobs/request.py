"""What someone asks of a run, before and after it meets what the warehouse remembers of it."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from typing import Any

from relcli.captures import QUERY_ROWS, attention_modes
from relcli.errors import UsageError
from relcli.models.answer_engine import REMOTE_DEVICE
from relcli.models.names import BUNDLED
from relcli.models.remote.address import parse_address
from relcli.options.declaration import options_of
from relcli.options.reading import Request, validated
from relcli.options.run import RunOptions
from relcli.scenes.layout import is_variant
from relcli.scenes.vocabulary import VARIANTS, in_order
from relcli.warehouse.runs import RunRecord

# Options that say how a model is loaded; a server has loaded its own.
_LOADING = ("answers", "dtype", "device", "device_map", "trust_remote_code", "untested_family", "batch_size")
_OF_THE_DATA = frozenset({"dataset", "queries", "images"})


@validated(frozen=True)
class RunRequest(Request, RunOptions):
    """The options of `relcli run`, validated.

    dataset: None with separate paths. categories, variants, rows: in the project's order, whatever was typed,
    and the answer's row among them, which every view reads. A resumed run keeps its own values but for those
    in `given`. Raises UsageError for options that make no sense, alone or together.
    """

    def __post_init__(self) -> None:
        object.__setattr__(self, "attention", attention_modes(self.attention))
        for name in self.variants:
            if name not in VARIANTS and not is_variant(name):
                raise UsageError(f"There is no variant {name!r:.60}; --variants takes {', '.join(VARIANTS)}.")
        object.__setattr__(self, "variants", in_order(self.variants))
        object.__setattr__(self, "hidden", tuple(row for row in QUERY_ROWS if row in self.hidden))
        if "answer" not in self.rows:
            object.__setattr__(self, "rows", ("answer", *self.rows))
        if self.images and self.dataset == BUNDLED and "dataset" not in self.given:
            object.__setattr__(self, "dataset", None)
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
        more = [row for row in self.rows if row != "answer"]
        if more and self.attention == ("none",) and "rows" in self.given and not self.resume:
            raise UsageError(
                f"--rows {','.join(more)} says whose attention to keep, and none is kept here: omit it, or "
                "keep attention (--attention summary)."
            )

    def _check_endpoint(self) -> None:
        """What belongs to a model loaded here does not go with a server, and the other way round."""
        if self.endpoint is None:
            if "concurrency" in self.given and not self.resume:  # the run may remember its server
                raise UsageError("--concurrency is for requests to a server: add --endpoint.")
            return
        parse_address(self.endpoint)
        if self.attention != ("none",):
            if "attention" in self.given:
                raise UsageError(
                    f"--attention {','.join(self.attention)} can't be kept of a model behind a server, which "
                    "tells answers only: omit it, or load the model here, without --endpoint."
                )
            object.__setattr__(self, "attention", ("none",))
        if self.hidden:
            raise UsageError(
                "--hidden can't be kept of a model behind a server, which tells answers only: omit it, or "
                "load the model here, without --endpoint."
            )
        refuse_loading_options(None if self.resume else self.model, self.given)

    def as_started(self, record: RunRecord) -> "RunRequest":
        """This request with what the run was started with wherever nothing else was asked for now."""
        remembered: dict[str, Any] = {
            each.name: getattr(record, each.column)
            for each in options_of(RunOptions)
            if each.column not in ("", "scene_ids")
            # Rows of old, and of runs made elsewhere, leave some of it open.
            and (each.default is None or getattr(record, each.column) is not None)
        }
        # Runs from before there was a choice of rows kept the answer's.
        remembered["rows"] = record.query_rows or ("answer",)
        remembered["hidden"] = tuple(record.hidden_rows or ())
        remembered["variants"] = record.variants or self.variants
        remembered["answers"] = answers_of(record)
        remembered |= {"orders": record.orders or 1, "wordings": record.wordings or 1}
        # Whoever started the run has said yes to its model already.
        remembered["untested_family"] = True
        remote = record.device == REMOTE_DEVICE
        if remote:
            remembered["endpoint"] = record.model_path
        elif self.endpoint is not None:
            raise UsageError(
                f"The run {record.run} was started with a model loaded here: omit --endpoint to continue "
                "with it, or choose another --name."
            )
        if record.scene_ids is not None and not self.given & {"max_samples", "sample_index"}:
            one = len(record.scene_ids) == 1
            remembered["sample_index"] = record.scene_ids[0] if one else None
            remembered["max_samples"] = None if one else len(record.scene_ids)
        if self.given & _OF_THE_DATA:
            del remembered["dataset"]
        return replace(self, **{key: value for key, value in remembered.items() if key not in self.given})


def refuse_loading_options(model: str | None, given: Collection[str]) -> None:
    """Raises UsageError for options that are of no use with --endpoint, and where none names the model; None:
    it is not known yet."""
    if model == BUNDLED:
        raise UsageError("--endpoint needs --model, the name under which the server knows the model.")
    for each in options_of(RunOptions):
        if each.name in _LOADING and each.name in given:
            raise UsageError(f"{each.flag} is for a model loaded here: omit it with --endpoint.")


def answers_of(record: RunRecord) -> str:
    """What was taken for a run's answers, as --answers names it."""
    return "options" if (record.decoding or {}).get("method") == "options" else "text"


_TOLD_BY_THE_ENGINE = {
    "weights_hash": "the model's weights",
    "prompt_hash": "the model's chat template",
    "image_tokens": "the model's image tokens",
    "image_width": "the width of the model's pictures",
    "image_height": "the height of the model's pictures",
    "decoding": "how tokens are chosen",
}
_QUESTIONS = "question_set_version"


def shaping() -> dict[str, str]:
    """The columns of `run` that must be equal in every session of a run, and in runs that are compared; what
    sets each, in words.

    Device and batch size may change: a run that ran out of memory continues with a smaller batch, or on
    another machine.
    """
    found: dict[str, str] = {}
    for each in options_of(RunOptions):
        if each.column:
            found[each.column] = " or ".join(filter(None, (found.get(each.column), each.flag)))
    return found | _TOLD_BY_THE_ENGINE | {_QUESTIONS: "the questions of the data set"}


def shaping_values(record: RunRecord) -> dict[str, Any]:
    """Everything that shapes the run's answers, by column."""
    values = asdict(record)
    return {name: values[name] for name in shaping()}


def differences(started: RunRecord, now: RunRecord) -> list[str]:
    """What differs between a run as it was started and as it is asked for now; one phrase each.

    A field that is None now is not known yet and not compared; nor is what the run's row leaves open, because
    it is from before that was kept.
    """
    found = []
    for name, words in shaping().items():
        then: Any = _comparable(getattr(started, name))
        asked: Any = _comparable(getattr(now, name))
        if name == "query_rows" and not then:
            then = ["answer"]  # runs from before there was a choice
        if name == "hidden_rows":
            then, asked = then or [], asked or []
        if name in ("orders", "wordings"):
            then = then or 1  # the same
        if name == "attention" and then:
            then = ",".join(attention_modes(then))  # full alone in runs of old
        if then is None and (name in _TOLD_BY_THE_ENGINE or name in _always_known()):
            continue
        if isinstance(then, dict) and isinstance(asked, dict):
            shared = then.keys() & asked.keys()
            then, asked = ({key: each[key] for key in sorted(shared)} for each in (then, asked))
        if name == "scene_ids":
            if then != asked:
                found.append(f"{words} ({_scenes(then)} then, {_scenes(asked)} now)")
        elif name == _QUESTIONS and (found or then is None):
            continue  # other categories or variants have other questions
        elif asked is not None and then != asked:
            found.append(f"{words} ({_short(then)} then, {_short(asked)} now)")
    return found


def _always_known() -> set[str]:
    """Columns whose option has a value in every request."""
    return {each.column for each in options_of(RunOptions) if each.column and each.default is not None}


def refuse_if_different(started: RunRecord, now: RunRecord) -> None:
    """Raises UsageError that names each setting that differs."""
    if found := differences(started, now):
        raise UsageError(
            f"The run {started.run} was started with other settings: {'; '.join(found)}. Omit the options "
            "to resume it as it was started, or choose another --name."
        )


def _comparable(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else value


def _scenes(ids: Any) -> str:
    if ids is None:
        return "all scenes"
    return f"scene {ids[0]}" if len(ids) == 1 else f"{len(ids)} scenes"


def _short(value: Any) -> str:
    text = (
        ", ".join(map(str, value))
        if isinstance(value, Iterable) and not isinstance(value, (str, dict))
        else str(value)
    )
    return text if len(text) <= 60 else text[:12] + "..."
