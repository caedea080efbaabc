"""A small hub on this machine: real HTTP, so that the real client meets each refusal and each download."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

COMMIT = "c0ffee" + "0" * 34
REFUSALS = {
    "gone": (404, "RepoNotFound"),
    "gated": (403, "GatedRepo"),
    "no-such-revision": (404, "RevisionNotFound"),
    "private": (401, None),
}


@contextmanager
def hub(models: dict[str, Path]) -> Iterator[str]:
    """Serve folders as models `lab/NAME` and the refusals above; gives the endpoint."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = self.path.split("?")[0].strip("/").split("/")
            name = parts[3] if parts[:2] == ["api", "models"] else parts[1] if len(parts) > 1 else ""
            if name in REFUSALS:
                status, code = REFUSALS[name]
                self.reply(status, b"", {"X-Error-Code": code, "X-Error-Message": code} if code else {})
            elif name not in models:
                self.reply(404, b"", {})
            elif parts[0] == "api":
                self.reply(200, json.dumps(describe(models[name], parts)).encode(), {})
            else:
                file = models[name] / parts[-1]
                self.reply(200, file.read_bytes(), {"ETag": f'"{sha(file)}"', "X-Repo-Commit": COMMIT})

        do_HEAD = do_GET

        def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def describe(folder: Path, parts: list[str]) -> object:
    files = sorted(path for path in folder.iterdir() if path.is_file())
    if "tree" in parts:
        return [
            {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": sha(file)}
            for file in files
        ]
    return {"id": "lab/x", "sha": COMMIT, "siblings": [{"rfilename": file.name} for file in files]}


def sha(file: Path) -> str:
    return hashlib.sha1(file.read_bytes()).hexdigest()
