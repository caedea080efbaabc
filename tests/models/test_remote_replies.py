"""Replies as servers really form them, and the ways to a server that an environment may block."""

import json
import ssl
import subprocess
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from PIL import Image

from relcli.errors import RelcliError, UsageError
from relcli.jobs.inference_loop import refuse_endless_thoughts
from relcli.models.items import Answer
from relcli.models.remote.address import parse_address
from relcli.models.remote.client import Patience
from relcli.models.remote.connection import http_client, proxy_for
from relcli.models.remote.engine import RemoteEngine
from relcli.models.remote.requests import Malformed, option_scores, read_completion
from tests.cli.chat_server import MODEL, Asked, Reply, chat_server, completion

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy",
           "no_proxy", "SSL_CERT_FILE", "OPENAI_API_KEY")  # fmt: skip
THOUGHT = {"type": "thinking", "thinking": [{"type": "text", "text": "b?"}]}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)


def body(content: object, tokens: object = None, **more: Any) -> bytes:
    choice: dict[str, Any] = {"message": {"content": content}, "finish_reason": "stop"}
    if tokens is not None:
        choice["logprobs"] = {"content": [{"token": "a", "top_logprobs": tokens}]}
    return json.dumps({"model": "m", "choices": [choice], **more}).encode()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "text", "text": " a)"}], "a)"),
        ([{"type": "text", "text": "It is "}, {"type": "text", "text": "a)"}], "It is a)"),
        ([THOUGHT, {"type": "text", "text": "a)"}], "a)"),
        ([{"type": "reasoning", "text": "b?"}, {"type": "output_text", "text": "a)"}], "a)"),
        ([THOUGHT], ""),
        ([], ""),
        ("\ud83d\ude00 a)", "\U0001f600 a)"),
        ("\ud800 a)", "\ufffd a)"),
    ],
)
def test_the_text_of_a_message_in_parts(content: object, text: str) -> None:
    found = read_completion(body(content)).text
    assert found == text and found.encode() is not None


@pytest.mark.parametrize("content", [7, {}, [1], [{"type": "text", "text": 7}], [{"type": "text"}]])
def test_what_is_no_text_is_malformed(content: object) -> None:
    with pytest.raises(Malformed, match="not text"):
        read_completion(body(content))


def test_an_error_in_a_reply_is_told_in_its_words() -> None:
    for error in ("model not loaded", {"message": "model not loaded"}):
        with pytest.raises(Malformed, match="model not loaded"):
            read_completion(json.dumps({"error": error}).encode())


def test_impossible_tokens_are_left_out_and_tokens_that_read_alike_are_summed() -> None:
    """JSON has no infinity: servers write null, Infinity or a very small number."""
    listed = [("a", -1.0), ("b", None), ("c", -np.inf), ("d", -9999.0), ("a", -1.0)]
    tokens = [{"token": token, "logprob": value} for token, value in listed]
    scores = option_scores(read_completion(body("a)", tokens)).first, 4)
    assert scores == [pytest.approx(np.log(2) - 1), *[-np.inf] * 4]


def answered(text: str, truncated: bool = True) -> Answer:
    return Answer((0, 0), text, [], [], 128, truncated)


def test_a_model_whose_server_keeps_its_thoughts_is_stopped_before_it_wastes_hours() -> None:
    """With a reasoning parser the reply is null until the thoughts end."""
    with pytest.raises(RelcliError, match="--max-new-tokens"):
        refuse_endless_thoughts([answered("")] * 64)
    refuse_endless_thoughts([answered("")] * 63 + [answered("a)", truncated=False)])
    refuse_endless_thoughts([answered("", truncated=False)] * 64)


def ask(url: str) -> str:
    patience = Patience(timeout_s=20, tries=2, first_wait_s=0.01)
    engine = RemoteEngine(parse_address(url), MODEL, patience=patience)
    try:
        return engine.ask(Image.new("RGB", (8, 8)), "Is it red? Options: a) Yes b) No", ["Yes", "No"]).text
    finally:
        engine.close()


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "no address"])
def test_a_server_on_this_machine_is_asked_without_a_proxy(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    """A proxy would look for it on its own machine."""
    monkeypatch.setenv("ALL_PROXY", proxy)
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with chat_server() as server:
        assert ask(server.url) in ("a)", "b)", "None")
        assert ask(server.url.replace("127.0.0.1", "localhost")) in ("a)", "b)", "None")
    assert parse_address("http://0.0.0.0:8000").is_loopback and parse_address("http://[::1]/v1").is_loopback


def test_a_proxy_is_named_where_it_may_be_at_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(RelcliError, match="through the environment's proxy"):
        ask("https://far.invalid/v1")
    monkeypatch.setenv("NO_PROXY", "far.invalid")
    assert proxy_for(parse_address("https://far.invalid/v1")) is None
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:9")
    with pytest.raises(UsageError, match=r"socks5 proxy .* can't be used"):
        http_client(parse_address("https://near.invalid/v1"))


def test_certificates_that_are_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    for host in ("far.invalid", "127.0.0.1"):
        with pytest.raises(UsageError, match="check SSL_CERT_FILE"):
            http_client(parse_address(f"https://{host}/v1"))


def test_https_to_a_server_without_it_is_one_try() -> None:
    with chat_server() as server, pytest.raises(RelcliError, match=r"does not speak https.*http://"):
        ask(server.url.replace("http:", "https:"))


def test_a_certificate_that_nobody_here_trusts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    try:
        subprocess.run(
            [*words, *names, "-keyout", key, "-out", certificate, "-days", "2"],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no openssl command here makes a certificate")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = json.dumps(completion(Asked(0, 0, asked, {}, False))).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda request, client_address: None
    Thread(target=partial(server.serve_forever, poll_interval=0.05), daemon=True).start()
    try:
        url = f"https://localhost:{server.server_port}"
        with pytest.raises(RelcliError, match=r"not trusted here .*SSL_CERT_FILE"):
            ask(url)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert ask(url) in ("a)", "b)", "None")
    finally:
        server.shutdown()
        server.server_close()


def test_log_probabilities_that_a_server_does_not_implement_are_left_away() -> None:
    def rule(asked: Asked) -> Reply | None:
        refusal = Reply(501, {"error": {"message": "logprobs: not implemented"}})
        return refusal if "logprobs" in asked.body else None

    with chat_server(rule) as server:
        assert ask(server.url) in ("a)", "b)", "None")
