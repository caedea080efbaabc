"""What goes out for a question and what comes back: OpenAI's chat completions as plain dictionaries."""

import base64
import hashlib
import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image

from relcli.scenes.vocabulary import LETTERS

_MARK = "\u241eQUESTION\u241e"
NONE = "None"
SEED = 0


class Malformed(Exception):
    """A reply that is not a chat completion; the message says in a few words what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Form:
    """Which settings go out with every question. A server that does not take one of them is asked without.

    seed: None omits it. limit_name: what the server calls the longest reply. top_logprobs: how many of
    the likeliest first tokens are asked for, at most 20 in OpenAI's protocol; 0 asks for none.
    """

    model: str
    max_tokens: int
    seed: int | None = SEED
    limit_name: str = "max_tokens"
    top_logprobs: int = 20

    def payload(self, question: str, image_url: str) -> dict[str, Any]:
        """The arguments of a chat completion."""
        asked: dict[str, Any] = {
            "model": self.model,
            "messages": messages(question, image_url),
            "temperature": 0,
            self.limit_name: self.max_tokens,
        }
        if self.seed is not None:
            asked["seed"] = self.seed
        if self.top_logprobs:
            asked |= {"logprobs": True, "top_logprobs": self.top_logprobs}
        return asked

    def simpler(self, complaint: str) -> "Form | None":
        """The form without what a refusal complains of; None where that can't be omitted."""
        said = complaint.lower()
        if "max_completion_tokens" in said and self.limit_name == "max_tokens":
            return replace(self, limit_name="max_completion_tokens")
        if "logprob" in said and self.top_logprobs:
            # Some serve no more than five.
            return replace(self, top_logprobs=5 if self.top_logprobs > 5 else 0)
        if re.search(r"\bseed\b", said) and self.seed is not None:
            return replace(self, seed=None)
        return None

    def decoding(self) -> dict[str, Any]:
        """How tokens are chosen, for the run's row."""
        return {
            "method": "greedy",
            "protocol": "chat completions",
            "temperature": 0,
            self.limit_name: self.max_tokens,
            "seed": self.seed,
            "top_logprobs": self.top_logprobs,
        }


@dataclass(frozen=True, slots=True)
class Completion:
    """What counts of a server's reply.

    text: stripped, as a local engine's. n_tokens: None if the server does not count them. first: the
    likeliest first tokens with their log-probabilities, empty if it does not tell them.
    """

    text: str
    truncated: bool
    filtered: bool
    model: str
    n_tokens: int | None
    first: tuple[tuple[str, float], ...]


def messages(question: str, image_url: str) -> list[dict[str, Any]]:
    """One user message, image first, as a local engine fills a chat template; the server fills its own."""
    image = {"type": "image_url", "image_url": {"url": image_url}}
    return [{"role": "user", "content": [image, {"type": "text", "text": question}]}]


def prompt_hash() -> str:
    """sha256 of the messages around a placeholder question. The server's template stays unknown."""
    return hashlib.sha256(json.dumps(messages(_MARK, "")).encode()).hexdigest()


def data_url(image: Image.Image) -> str:
    """The picture as a PNG in base64: the very pixels a local engine is given."""
    file = io.BytesIO()
    image.convert("RGB").save(file, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def read_completion(body: bytes) -> Completion:
    """Raises Malformed for what is not a whole chat completion."""
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("a reply that is not JSON") from None
    if not isinstance(reply, dict):
        raise Malformed("JSON that is not an object")
    if error := reply.get("error"):  # some proxies answer 200 with it
        raise Malformed(f"an error ({_short(error.get('message') if isinstance(error, dict) else error)})")
    model, choices = reply.get("model"), reply.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Malformed("a reply without choices")
    if not isinstance(model, str) or not model:
        raise Malformed("a reply that names no model")
    choice = choices[0]
    message = choice.get("message")
    if not isinstance(message, dict):
        raise Malformed("a choice without a message")
    text = _text_of(message.get("content"))
    if text is None:  # a refusal has words of its own; a reply cut off while it was thinking has none
        text = _text_of(message.get("refusal")) or ""
    usage = reply.get("usage")
    count = usage.get("completion_tokens") if isinstance(usage, dict) else None
    return Completion(
        text=_storable(text).strip(),
        truncated=choice.get("finish_reason") == "length",
        filtered=choice.get("finish_reason") == "content_filter",
        model=_storable(model),
        n_tokens=count if type(count) is int and 0 < count < 2**31 else None,
        first=_first_tokens(choice),
    )


def option_scores(first: Sequence[tuple[str, float]], n_options: int) -> list[float]:
    """Log-probability of each option's letter, then of None, from the likeliest first tokens.

    As for a local engine a letter counts with the tokens "a" and "a)" together. One that is not among the
    tokens told is less likely than all of them: -inf. Empty if none is.
    """
    words = [(letter, f"{letter})") for letter in LETTERS[:n_options]] + [(NONE,)]
    # Tokenizers write the space before a word in several ways, and so do servers.
    told = [(token.lstrip(" \u2581\u0120"), value) for token, value in first]
    scores = [_log_sum([value for token, value in told if token in forms]) for forms in words]
    return scores if any(math.isfinite(score) for score in scores) else []


def _log_sum(values: Sequence[float]) -> float:
    return min(0.0, math.log(total)) if (total := sum(map(math.exp, values))) > 0 else -math.inf


def _text_of(content: object) -> str | None:
    """A message's text, which some servers give in parts; parts of other kinds are thoughts. Raises
    Malformed for what is no text."""
    if content is None or isinstance(content, str):
        return content
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise Malformed("a message whose content is not text")
    texts = [part.get("text") for part in content if part.get("type") in ("text", "output_text")]
    if not all(isinstance(text, str) for text in texts):
        raise Malformed("a message whose content is not text")
    return "".join(map(str, texts)) if texts or not content else None


def _first_tokens(choice: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    """A token may come twice, for several can read the same. Without a number it is impossible, and left
    out. Whatever else is not as the protocol has it counts as not told."""
    try:
        listed = choice["logprobs"]["content"][0]["top_logprobs"]
        found = [(each["token"], each["logprob"]) for each in listed]
    except (KeyError, IndexError, TypeError):
        return ()
    possible = [(token, value) for token, value in found if value not in (None, -math.inf)]
    sound = all(
        isinstance(token, str) and isinstance(value, int | float) and math.isfinite(value) and value < 0.01
        for token, value in possible
    )
    return tuple((token, min(0.0, float(value))) for token, value in possible) if sound else ()


def _storable(text: str) -> str:
    """Half of a character, which JSON can hold and no file, becomes a mark that says so."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _short(text: object) -> str:
    return " ".join(str(text).split())[:200]
