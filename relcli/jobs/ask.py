"""One picture, one question, one answer: with any model, and where it looked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from relcli.analysis.choices import read_choice
from relcli.errors import UsageError
from relcli.jobs.ask_request import AskRequest
from relcli.jobs.engines import open_engine, open_remote_engine
from relcli.jobs.stopping import stoppable
from relcli.models.items import AttentionSummary
from relcli.progress import Progress
from relcli.scenes.decoding import UndecodableError, decode, read_file
from relcli.scenes.parsing import parse_prompt
from relcli.scenes.questions import YES_NO, compose
from relcli.scenes.vocabulary import LETTERS

_YES_NO_START = re.compile(
    r"(?:is|are|was|were|does|do|did|has|have|can|could|will|would|am)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class AskOutcome:
    """prompt: the text as sent; options: what was offered; choice: a letter, `none`, or None if unreadable;
    probabilities: of each option's letter and of None at the first step, in that order, summing to at most
    1."""

    prompt: str
    options: tuple[str, ...]
    answer: str
    choice: str | None
    probabilities: tuple[float, ...]
    attention: AttentionSummary | None

    @property
    def means(self) -> str:
        """What the choice says: the option's text, None, or that it can't be read."""
        if self.choice is None:
            return "unreadable" if self.options else ""
        return "None" if self.choice == "none" else self.options[LETTERS.index(self.choice)]


def ask(request: AskRequest, progress: Progress) -> AskOutcome:
    """Answer one question about a picture file; a model behind a server tells no attention.

    Raises UsageError for a missing or unreadable picture, an empty question, or more options than letters.
    """
    picture = open_picture(request.image)
    prompt, offered = word(request.question, request.options, request.as_typed)
    with stoppable(watch_stdin=progress.watch_stdin):
        if request.endpoint is not None:
            engine = open_remote_engine(
                request.endpoint,
                request.model,
                progress,
                revision=request.revision,
                max_new_tokens=request.max_new_tokens,
            )
        else:
            engine = open_engine(
                request.model,
                progress,
                revision=request.revision,
                dtype=request.dtype,
                device=request.device,
                device_map=request.device_map,
                trust_remote_code=request.trust_remote_code,
                untested_family=request.untested_family,
                max_new_tokens=request.max_new_tokens,
            )
        answer = engine.ask(picture, prompt, offered)
    progress.finish()
    return AskOutcome(
        prompt=prompt,
        options=offered,
        answer=answer.text,
        choice=read_choice(answer.text, offered) if offered else None,
        probabilities=tuple(float(p) for p in np.exp(answer.option_logprobs)) if offered else (),
        attention=answer.attention,
    )


def word(question: str, options: Sequence[str] = (), as_typed: bool = False) -> tuple[str, tuple[str, ...]]:
    """The prompt to send and the options in it, from what someone typed."""
    question = " ".join(question.split())
    if not question:
        raise UsageError("The question is empty: ask something about the picture.")
    if len(options) > len(LETTERS):
        raise UsageError(f"A question takes up to {len(LETTERS)} options, not {len(options)}.")
    if as_typed:
        return question, tuple(options)
    own = parse_prompt(question).options
    if own:
        return question, own
    offered = tuple(options) or (YES_NO if _YES_NO_START.match(question) else ())
    if not offered:
        return question, ()
    stem = question.rstrip(" ?.!")
    return compose(stem[0].upper() + stem[1:], offered), offered


def open_picture(path: Path) -> Image.Image:
    """The picture as a model sees it: RGB, upright, on white. Raises UsageError."""
    try:
        return decode(read_file(path))
    except FileNotFoundError:
        raise UsageError(f"There is no picture {path}; give a PNG or JPEG file with --image.") from None
    except UndecodableError as problem:
        raise UsageError(
            f"The picture {path} can't be decoded ({problem.reason}); {problem.advice}."
        ) from None
    except (OSError, ValueError) as problem:  # a path with a zero byte
        reason = problem.strerror if isinstance(problem, OSError) else problem
        raise UsageError(f"The picture {path} can't be read ({reason}); check the path.") from None


def layer_map(attention: AttentionSummary, layer: int | None) -> np.ndarray:
    """Mean attention over the picture, [rows, columns]: of one layer, or of all. Raises UsageError."""
    n_layers = attention.mean_heads.shape[0]
    if layer is not None and not 0 <= layer < n_layers:
        raise UsageError(f"The model has no layer {layer}: --layer takes 0 to {n_layers - 1}.")
    vector = np.nanmean(attention.mean_heads, axis=0) if layer is None else attention.mean_heads[layer]
    return attention.layout.spread(np.nan_to_num(vector))
