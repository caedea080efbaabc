"""A real `relcli worker`, spoken to over its pipes."""

import base64
import io
import itertools
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image

COMMAND = [sys.executable, "-m", "relcli", "worker"]


def picture(color: str = "red", side: int = 128) -> str:
    """A picture in base64, as requests carry it."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), color).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


class WorkerUnderTest:
    """`send` writes a request, `read` gives the next reply, `call` both, its events left out."""

    def __init__(self, cwd: Path) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, cwd=cwd)
        self._ids = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    def send(self, **request: Any) -> int:
        number = request.setdefault("id", next(self._ids))
        self.raw(json.dumps(request).encode() + b"\n")
        return number

    def raw(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        """The next reply that is no event. What stands on standard output is nothing but replies."""
        assert self.process.stdout is not None
        while True:
            line = self.process.stdout.readline()
            assert line, self.process.communicate()[1].decode()
            reply = json.loads(line)
            if reply["reply"] != "event":
                return reply
            self.events.append(reply)

    def call(self, **request: Any) -> dict[str, Any]:
        number = self.send(**request)
        reply = self.read()
        assert reply["id"] == number, reply
        return reply

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None and not pipe.closed:
                with suppress(BrokenPipeError):
                    pipe.close()
