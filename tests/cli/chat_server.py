"""A server of chat completions on this machine: real HTTP. It answers by a rule from the picture's pixels and
the question's words, so that a test knows each answer, and misbehaves where it is told to."""

import base64
import hashlib
import io
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

from PIL import Image

MODEL = "lab/tiny-vl"


@dataclass
class Asked:
    """A request as it came."""

    number: int  # of all requests, from 0
    times: int  # how often this question had been asked before
    body: dict[str, Any]
    headers: dict[str, str]
    trial: bool

    @property
    def text(self) -> str:
        return self.body["messages"][0]["content"][1]["text"]

    @property
    def image(self) -> Image.Image:
        url = self.body["messages"][0]["content"][0]["image_url"]["url"]
        kind, data = url.split(",", 1)
        assert kind == "data:image/png;base64"
        return Image.open(io.BytesIO(base64.b64decode(data)))

    @property
    def key(self) -> tuple[bytes, str]:
        return self.image.tobytes(), self.text


@dataclass
class Reply:
    status: int = 200
    body: bytes | dict[str, Any] = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False  # the connection ends in the middle of the body
    after_s: float = 0.0


class ChatServer:
    """`rule` may give a Reply instead of the right one."""

    def __init__(self, rule: Callable[[Asked], Reply | None]) -> None:
        self.rule, self.url = rule, ""
        self.asked: list[Asked] = []
        self.times: Counter[str] = Counter()
        self.lock, self.ended = Lock(), Event()
        self.under_way = self.most_under_way = 0
        self.logprobs = True

    def take(self, body: dict[str, Any], headers: dict[str, str]) -> Asked:
        with self.lock:
            said = json.dumps(body["messages"])
            trial = body["max_tokens" if "max_tokens" in body else "max_completion_tokens"] == 4
            asked = Asked(len(self.asked), self.times[said], body, headers, trial)
            self.times[said] += 1
            self.asked.append(asked)
            return asked

    @property
    def questions(self) -> list[Asked]:
        return [each for each in self.asked if not each.trial]


def answer_to(pixels: bytes, text: str) -> str:
    """The rule: any letter that the question offers, or None."""
    letters = re.findall(r"\b([a-d])\)", text)
    number = hashlib.sha256(pixels + text.encode()).digest()[0]
    return [*(f"{letter})" for letter in letters), "None"][number % (len(letters) + 1)]


def completion(asked: Asked, *, model: str = MODEL, logprobs: bool = True) -> dict[str, Any]:
    said = answer_to(asked.image.tobytes(), asked.text)
    first = said[0] if said != "None" else "None"
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": "assistant", "content": f" {said}\n"},
        "finish_reason": "stop",
    }
    if logprobs and asked.body.get("logprobs"):
        others = [token for token in ("a", "b", "c", "d", "None", "The") if token != first]
        listed = [(first, math.log(0.7)), *((token, math.log(0.05)) for token in others)]
        top = [{"token": token, "logprob": value, "bytes": None} for token, value in listed]
        choice["logprobs"] = {"content": [{**top[0], "top_logprobs": top}]}
    usage = {"completion_tokens": 3, "prompt_tokens": 9, "total_tokens": 12}
    return {"id": "x", "object": "chat.completion", "model": model, "choices": [choice], "usage": usage}


@contextmanager
def chat_server(rule: Callable[[Asked], Reply | None] = lambda asked: None) -> Iterator[ChatServer]:
    server = ChatServer(rule)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send(Reply(200, {"object": "list", "data": [{"id": MODEL, "object": "model"}]}))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with server.lock:
                server.under_way += 1
                server.most_under_way = max(server.most_under_way, server.under_way)
            asked = server.take(body, {name.lower(): value for name, value in self.headers.items()})
            reply = server.rule(asked) or Reply(body=completion(asked, logprobs=server.logprobs))
            if reply.after_s:
                server.ended.wait(reply.after_s)
            with server.lock:
                server.under_way -= 1
            self.send(reply)

        def send(self, reply: Reply) -> None:
            body = json.dumps(reply.body).encode() if isinstance(reply.body, dict) else reply.body
            try:
                self.send_response(reply.status)
                headers = {"Content-Type": "application/json", **reply.headers}
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if reply.cut else body)
            except OSError:  # the client has gone
                self.close_connection = True
            self.close_connection = self.close_connection or reply.cut

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    http = Server(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_port}"
    Thread(target=lambda: http.serve_forever(poll_interval=0.05), daemon=True).start()
    try:
        yield server
    finally:
        server.ended.set()
        http.shutdown()
        http.server_close()
