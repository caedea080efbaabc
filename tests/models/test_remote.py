"""The pieces of an engine behind a server that need no server."""

import base64
import io
import math
import time
from email.utils import formatdate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from relcli.errors import UsageError
from relcli.models.remote.address import parse_address, without_credentials
from relcli.models.remote.engine import _fits
from relcli.models.remote.faults import Passing, Refusal, fault_of_status, retry_after
from relcli.models.remote.requests import Malformed, data_url, option_scores, read_completion
from relcli.scenes.vocabulary import LETTERS


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("http://host:8000", "http://host:8000/v1"),
        (" https://host/v1/ ", "https://host/v1"),
        ("http://host/api/chat/completions", "http://host/api"),
        ("http://[::1]:80/v1", "http://[::1]:80/v1"),
        ("https://me:p%40w@host/v1", "https://host/v1"),
    ],
)
def test_an_address_is_shown_without_credentials(typed: str, shown: str) -> None:
    assert parse_address(typed).shown == shown


@pytest.mark.parametrize("typed", ["", "host", "ftp://host", "http://", "http://a b/", "http://h:x", "http://h?k=s"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(UsageError):
        parse_address(typed)


@given(st.text(), st.text(st.characters(codec="ascii"), min_size=1))
def test_no_piece_of_a_password_is_told(user: str, password: str) -> None:
    secret = f"<<{password}>>"
    typed = f"http://{user}:{secret}@host:x/v1"
    with pytest.raises(UsageError) as refused:
        parse_address(typed)
    assert secret not in refused.value.message
    if "\n" not in typed:
        assert without_credentials(f"--endpoint={typed}") == "--endpoint=http://host:x/v1"


@pytest.mark.parametrize(
    ("asked", "served", "fits"),
    [
        ("m", "m", True),
        ("lab/m", "M", True),
        ("lab/m", "/models/m/", True),
        ("gpt-4o", "gpt-4o-2024-08-06", True),
        ("lab/m", "lab/m@main", True),
        ("llava:7b", "llava", True),
        ("gpt-4", "gpt-4o", False),
        ("Qwen3-VL-4B", "Qwen3-VL-4B-Thinking", False),
        ("Qwen3-VL", "Qwen3-VL-4B", False),
        ("m", "", False),
        ("m", "n", False),
    ],
)
def test_which_names_may_be_the_same_model(asked: str, served: str, fits: bool) -> None:
    assert _fits(asked, served) is fits


@given(st.lists(st.floats(0.001, 1.0), min_size=3, max_size=8), st.integers(2, 4))
def test_scores_sum_what_the_tokens_of_a_letter_have(weights: list[float], n_options: int) -> None:
    """Against the sum in plain numbers; the tokens of a letter are "a", "a)", and with the space before."""
    tokens = ["a", "a)", " b", "\u2581c)", "None", "The", "A", "d"][: len(weights)]
    total = sum(weights)
    shares = {token: weight / total for token, weight in zip(tokens, weights, strict=True)}
    scores = option_scores([(token, math.log(p)) for token, p in shares.items()], n_options)
    expected = [
        sum(p for token, p in shares.items() if token.lstrip(" \u2581") in (letter, f"{letter})"))
        for letter in LETTERS[:n_options]
    ] + [shares.get("None", 0.0)]
    assert np.allclose(np.exp(scores), expected, atol=1e-12)


def test_no_letter_among_the_tokens_told_gives_no_scores() -> None:
    assert option_scores([("The", -0.1), ("A", -3.0)], 2) == [] == option_scores([], 2)


@pytest.mark.parametrize("bad", ["nan", "inf", "-inf", '"x"', "null", "7", "[]"])
def test_log_probabilities_that_are_none_are_not_told(bad: str) -> None:
    listed = f'[{{"token": "a", "logprob": {bad}}}]'.replace("nan", "NaN").replace("inf", "Infinity")
    told = f'{{"content": [{{"top_logprobs": {listed}}}]}}'
    body = f'{{"model": "m", "choices": [{{"message": {{"content": "a"}}, "logprobs": {told}}}]}}'
    assert read_completion(body.encode()).first == ()


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_a_completion_or_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_completion(body)


@given(st.text(max_size=40))
def test_any_retry_after_is_a_time_or_none(text: str) -> None:
    waited = retry_after({"retry-after": text})
    assert waited is None or (waited >= 0 and math.isfinite(waited))


def test_retry_after_holds_seconds_or_a_date() -> None:
    assert retry_after({"retry-after": "2"}) == 2 and retry_after({}) is None
    waited = retry_after({"retry-after": formatdate(time.time() + 60, usegmt=True)})
    assert waited is not None and 55 < waited < 65
    assert retry_after({"retry-after": formatdate(time.time() - 60, usegmt=True)}) == 0


@given(st.integers(300, 599), st.binary(max_size=200))
def test_every_status_passes_or_is_refused(status: int, body: bytes) -> None:
    fault = fault_of_status(status, {}, body, "")
    assert isinstance(fault, Passing) == (status in (408, 409, 425, 429) or (status >= 500 and status != 501))
    assert isinstance(fault, Passing | Refusal)


def test_the_very_pixels_go_out() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (21, 34, 3), dtype=np.uint8)
    kind, data = data_url(Image.fromarray(pixels)).split(",")
    assert kind == "data:image/png;base64"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))), pixels)
