"""relcli run and ask with a model behind a server: one that behaves, and one that does not in many ways."""

import itertools
import json
import math
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import Result

from relcli.errors import RelcliError, UsageError
from relcli.jobs.request import RunRequest
from relcli.models.remote import connection, engine
from relcli.models.remote.address import parse_address
from relcli.models.remote.client import Patience
from relcli.warehouse.datasets import load_dataset
from relcli.warehouse.parts import finished_parts
from relcli.warehouse.runs import RunRecord
from tests.cli.chat_server import MODEL, Asked, ChatServer, Reply, answer_to, chat_server, completion
from tests.cli.cli_helpers import Relcli, Started, load_json, rows_of, sentence, start, tree

DB = Path("study.duckdb")
KEY = "sk-secret-0123456789"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_CUSTOM_HEADERS"):
        monkeypatch.delenv(name, raising=False)
    quick = partial(Patience, timeout_s=20, tries=6, first_wait_s=0.01, longest_wait_s=0.05)
    monkeypatch.setattr(engine, "Patience", quick)


@pytest.fixture
def run(relcli: Relcli, scenes: Path, empty: Path):
    def call(server: ChatServer | str, *words: object) -> Result:
        url = server if isinstance(server, str) else server.url
        fixed = ("--db", DB, "--format", "json", "--model", MODEL)
        return relcli("run", "--dataset", scenes, "--endpoint", url, *fixed, *words)

    return call


def assert_answered_by_the_rule(database: Path = DB) -> int:
    """Every planned question has one answer, and it is the one to its own picture."""
    [(dataset, planned)] = rows_of(database, "select dataset, n_planned from run")
    pictures = {}
    for item in load_dataset(database, dataset).items:
        pictures[item.scene_id, "raw"] = item.image.image().tobytes()
        pictures[item.scene_id, "masked"] = item.masked.image().tobytes() if item.masked else b""
    rows = rows_of(
        database,
        "select scene_id, question_index, variant, text, answer from inference join question using "
        "(dataset, scene_id, question_index)",
    )
    assert len({row[:3] for row in rows}) == len(rows) == planned
    for scene, _, variant, text, answer in rows:
        assert answer == answer_to(pictures[scene, variant], text)
    assert rows_of(database, "select state from run_state") == [("done",)]
    return planned


def test_all_answers_come_and_what_shaped_them_is_recorded(
    run: Any, relcli: Relcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with chat_server(lambda asked: Reply(body=completion(asked), after_s=0.02)) as server:
        words = ("--category", "count,recognition_shape", "--max-new-tokens", 9)
        result = run(server, "--concurrency", 3, *words)
    assert result.exit_code == 0, result.stderr
    planned = assert_answered_by_the_rule()
    assert len(server.questions) == planned and 1 < server.most_under_way <= 3
    assert {row["category"] for row in load_json(result)} <= {"count", "recognition_shape"}
    for asked in server.questions:
        fixed = {name: value for name, value in asked.body.items() if name != "messages"}
        assert fixed == {
            **{"model": MODEL, "temperature": 0, "max_tokens": 9, "seed": 0},
            **{"logprobs": True, "top_logprobs": 20},
        }
        [message] = asked.body["messages"]
        assert message["role"] == "user"
        assert [part["type"] for part in message["content"]] == ["image_url", "text"]
        assert asked.headers["authorization"] == f"Bearer {KEY}"
    names = "model, model_path, revision, weights_hash, dtype, device, attention, batch_size, image_tokens"
    assert rows_of(DB, f"select {names} from run") == [
        (MODEL, f"{server.url}/v1", MODEL, None, None, "endpoint", "none", 3, None)
    ]
    [(decoding, versions, prompt_hash)] = rows_of(DB, "select decoding, versions, prompt_hash from run")
    assert json.loads(decoding)["temperature"] == 0 and json.loads(decoding)["seed"] == 0
    assert json.loads(decoding)["max_tokens"] == 9 and "openai" in json.loads(versions) and prompt_hash
    steps = rows_of(DB, "select distinct n_steps, truncated from inference")
    assert steps == [(3, False)]
    for answer, scores in rows_of(DB, "select answer, option_logprobs from inference"):
        best = max(range(len(scores)), key=scores.__getitem__)
        assert math.isclose(math.exp(scores[best]), 0.7, rel_tol=1e-5)
        assert answer == ("None" if best == len(scores) - 1 else "abcd"[best] + ")")
    assert rows_of(DB, "select count(*) from attention") == [(0,)]
    assert KEY not in result.output and KEY.encode() not in DB.read_bytes()
    # A run's name is enough for what looks at runs afterwards.
    [(name,)] = rows_of(DB, "select run from run")
    assert relcli("runs", "show", name, "--db", DB).exit_code == 0
    refused = relcli("verify", name, "--db", DB)
    assert refused.exit_code == 2 and "behind a server" in sentence(refused)


def test_user_name_and_password_of_the_address_are_used_and_never_kept(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chat_server() as server:
        url = server.url.replace("//", "//me:pass-word@")
        monkeypatch.setattr(sys, "argv", ["relcli", "run", "--endpoint", url, f"--endpoint={url}/v1"])
        result = run(url, "--category", "count", "--max-samples", 1)
    assert result.exit_code == 0, result.stderr
    assert server.asked[0].headers["authorization"].startswith("Basic ")
    [(source, command)] = rows_of(DB, "select model_path, command from run")
    assert source == f"{server.url}/v1"
    assert command == f"relcli run --endpoint {server.url} --endpoint={server.url}/v1"
    assert "pass-word" not in result.output and b"pass-word" not in DB.read_bytes()


def test_without_a_key_a_placeholder_goes_out_and_no_other_variable_is_a_key(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"Authorization: Bearer {KEY}")
    with chat_server() as server:
        assert run(server, "--category", "count", "--max-samples", 1).exit_code == 0
    assert {asked.headers["authorization"] for asked in server.asked} == {"Bearer no-key"}


FAULTS: list[Reply] = [
    Reply(429, {"error": {"message": "slow down"}}, {"Retry-After": "0.3"}),
    Reply(500, b"oops"),
    Reply(503, b"<html>busy</html>", {"Content-Type": "text/html"}),
    Reply(body={"choices": [{"message": {"content": "a)" * 500}}]}, cut=True),
    Reply(body=b"<html>not JSON</html>"),
    Reply(body=b"not JSON", headers={"Content-Type": "text/plain"}),
    Reply(body=b"[" * 100_000),
    Reply(body={"model": MODEL, "choices": []}),
    Reply(body={"model": MODEL, "choices": [{"message": None}]}),
    Reply(body={"model": MODEL, "choices": [{"message": {"content": [1]}}]}),
    Reply(body={"error": {"message": "inside a reply"}}),
    Reply(body=b"null"),
    Reply(body=b" " * 300_000),
    Reply(500, b" " * 300_000),
    Reply(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
    Reply(408, b""),
]
SLOW = Reply(body=b"", after_s=60)


@pytest.mark.slow
def test_a_server_that_misbehaves_is_asked_again_until_all_answers_are_there(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MOST_BYTES", 200_000)
    monkeypatch.setattr(engine, "Patience", partial(Patience, timeout_s=4, first_wait_s=0.01))
    met: list[int] = []
    turns = itertools.cycle(range(len(FAULTS)))  # numbers of requests depend on how they cross

    def rule(asked: Asked) -> Reply | None:
        if asked.times > 0:
            return None
        if asked.number == 7:
            return SLOW
        fault = next(turns)
        met.append(fault)
        return FAULTS[fault]

    with chat_server(rule) as server:
        result = run(server)
    assert result.exit_code == 0, result.stderr
    planned = assert_answered_by_the_rule()
    assert set(met) == set(range(len(FAULTS))) and len(server.questions) > planned
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_when_a_server_asks_to_wait_all_requests_wait(run: Any) -> None:
    asked_at: list[float] = []

    def rule(asked: Asked) -> Reply | None:
        asked_at.append(time.monotonic())
        return Reply(429, {}, {"Retry-After": "1"}) if asked.number == 1 else None

    with chat_server(rule) as server:
        assert run(server, "--category", "count", "--concurrency", 1).exit_code == 0
    assert_answered_by_the_rule()
    assert asked_at[2] - asked_at[1] >= 1


def gone() -> str:
    with chat_server() as server:
        return server.url


REFUSED: dict[str, tuple[Any, str]] = {
    "no key": (Reply(401, {"error": {"message": "no"}}), "(status 401: no): set OPENAI_API_KEY"),
    "forbidden": (Reply(403, b"geo"), "forbids this (status 403: geo)"),
    "elsewhere": (Reply(307, b"", {"Location": "https://me:pw@other/v1?t=1"}), "redirects to https://other/v1,"),
    "unknown": (Reply(404, {"error": {"message": "no such"}}), "no chat completions for 'lab/tiny-vl'"),
    "no pictures": (Reply(400, {"error": {"message": "no images"}}), "a question (status 400: no images)"),
    "no quota": (Reply(429, {"error": {"message": "pay", "code": "insufficient_quota"}}), "left: pay"),
    "another model": (Reply(body={"model": "b", "choices": [{"message": {}}]}), "answers as 'b' when"),
    "too long a wait": (Reply(503, b"", {"Retry-After": "86400"}), "asks to wait 86,400 s"),
    "down": (Reply(502, b""), "gave no answer in 4 tries (the last: status 502)"),
    "no API": (Reply(body=b"<html>"), "gave no answer in 4 tries (the last: a reply that is not JSON)"),
    "too slow": (Reply(body=b"", after_s=5), "no whole reply within 0.5 s"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_no_waiting_mends_is_one_sentence(case: str) -> None:
    reply, expected = REFUSED[case]
    timeout = 0.5 if case == "too slow" else 20
    with chat_server(lambda asked: reply) as server:
        patience = Patience(timeout_s=timeout, first_wait_s=0.01)
        asking = engine.RemoteEngine(parse_address(server.url), MODEL, patience=patience)
        with pytest.raises(RelcliError) as refused:
            asking.ask(Image.new("RGB", (8, 8)), "Is there a red circle?")
    assert expected in refused.value.message and "\n" not in refused.value.message
    assert len(server.asked) <= 4


def test_a_refusal_leaves_no_run(run: Any) -> None:
    with chat_server(lambda asked: Reply(401, b"")) as server:
        result = run(server)
    assert result.exit_code == 1 and "set OPENAI_API_KEY" in sentence(result)
    assert rows_of(DB, "select count(*) from run") == [(0,)]


def test_a_key_that_the_server_quotes_is_not_shown(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with chat_server(lambda asked: Reply(401, {"error": {"message": f"wrong key {KEY}"}})) as server:
        result = run(server, "--debug")
    assert result.exit_code == 1 and "wrong key [key]" in result.stderr and KEY not in result.output


def test_a_model_the_server_lacks_and_a_server_that_is_not_there(run: Any) -> None:
    with chat_server(lambda asked: Reply(404, {})) as server:
        refused = run(server, "--model", "other")
    assert sentence(refused).endswith(f"has no model 'other': give one of its own with --model ({MODEL}).")
    assert "connection failed" in sentence(run(gone(), "--category", "count"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--endpoint", "localhost:8000"], "is not a web address"),
        (["--endpoint", "http://me:pass-word/x@host/v1"], "is not a web address"),
        (["--endpoint", "http://host/v1?key=pass-word"], "continues with ? or #"),
        (["--endpoint", "http://host", "--model", "bundled"], "needs --model"),
        (["--endpoint", "http://host", "--attention", "summary"], "--attention summary can't be kept"),
        (["--endpoint", "http://host", "--dtype", "float16"], "--dtype is for a model loaded here"),
        (["--endpoint", "http://host", "--batch-size", "4"], "--batch-size is for a model loaded here"),
        (["--endpoint", "http://host", "--concurrency", "0"], "--concurrency must be from 1 to 512"),
    ],
)
def test_options_that_do_not_fit_are_one_sentence(
    relcli: Relcli, tmp_path: Path, words: list[str], expected: str
) -> None:
    result = relcli("run", "--model", "m", *words)
    assert result.exit_code == 2 and expected in sentence(result), result.stderr
    assert "pass-word" not in result.output and tree(tmp_path) == []


def test_concurrency_needs_an_endpoint_and_an_endpoint_the_client(
    relcli: Relcli, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "add --endpoint" in sentence(relcli("run", "--concurrency", 2))
    for name in [n for n in sys.modules if n.startswith("relcli.models.remote.")]:
        if name.endswith((".engine", ".client")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "openai", None)
    refused = run("http://127.0.0.1:9")
    assert refused.exit_code == 2 and "pip install 'relcli[endpoint]'" in sentence(refused)


def test_settings_a_server_does_not_take_are_left_away_and_recorded(run: Any) -> None:
    def rule(asked: Asked) -> Reply | None:
        for name, words in (
            ("max_tokens", "'max_tokens' is not supported, use 'max_completion_tokens' instead"),
            ("logprobs", "You are not allowed to request logprobs from this model"),
            ("seed", "Unknown parameter: 'seed'"),
        ):
            if name in asked.body:
                return Reply(400, {"error": {"message": words}})
        return None

    with chat_server(rule) as server:
        result = run(server, "--category", "count")
    assert result.exit_code == 0 and "options get no scores" in result.stderr
    assert_answered_by_the_rule()
    assert {len(a.body) for a in server.questions} == {4}
    [(decoding,)] = rows_of(DB, "select decoding from run")
    left = json.loads(decoding)
    assert left["seed"] is None and left["top_logprobs"] == 0 and left["max_completion_tokens"] == 128
    assert rows_of(DB, "select distinct option_logprobs from inference") == [([],)]


@pytest.mark.slow
def test_a_server_that_changes_its_model_stops_the_run_and_resume_asks_what_is_missing(run: Any) -> None:
    def rule(asked: Asked) -> Reply | None:
        return Reply(body=completion(asked, model="other")) if asked.number > 80 else None

    with chat_server(rule) as server:
        stopped = run(server, "--name", "x", "--concurrency", 2)
        assert stopped.exit_code == 1
        assert "answered as 'other' and before as 'lab/tiny-vl'" in sentence(stopped)
        [(kept,)] = rows_of(DB, "select count(*) from inference")
        assert kept > 0 and rows_of(DB, "select state from run") == [("stopped",)]
        refused = run(server, "--name", "x", "--resume")
        assert "answers as 'other', not as 'lab/tiny-vl'" in sentence(refused)
    with chat_server() as moved:
        assert run(moved, "--name", "x", "--resume").exit_code == 0
    planned = assert_answered_by_the_rule()
    assert len(moved.questions) == planned - kept
    assert rows_of(DB, "select model_path from run") == [(f"{moved.url}/v1",)]


@pytest.mark.slow
def test_resume_remembers_the_server_and_asks_what_is_missing(run: Any, relcli: Relcli) -> None:
    with chat_server() as server:
        assert run(server, "--category", "count", "--name", "far").exit_code == 0
        relcli("sql", "delete from answer where scene_id < 3", "--write", "--db", DB)
        before = len(server.questions)
        again = relcli("run", "--name", "far", "--resume", "--concurrency", 2, "--db", DB)
    assert again.exit_code == 0, again.stderr
    left = rows_of(DB, "select count(*) from inference where scene_id < 3")
    assert len(server.questions) - before == left[0][0] > 0
    assert_answered_by_the_rule()


def test_a_run_of_a_model_loaded_here_does_not_go_on_behind_a_server() -> None:
    here = RunRecord("x", "six", model="m", device="cpu", attention="summary", variants=["raw"])
    given = frozenset({"endpoint"})
    request = RunRequest(name="x", resume=True, endpoint="http://host", given=given)
    with pytest.raises(UsageError, match="started with a model loaded here"):
        request.as_started(here)
    there = replace(here, device="endpoint", model_path="http://old/v1", attention="none")
    assert request.as_started(there).endpoint == "http://host"
    assert RunRequest(name="x", resume=True).as_started(there).endpoint == "http://old/v1"


def test_ask_sends_one_question(relcli: Relcli, scenes: Path) -> None:
    image = next((scenes / "images").glob("*.png"))
    words = ("ask", "Is there a red circle?", "--image", image, "--model", MODEL, "--format", "json")
    with chat_server() as server:
        result = relcli(*words, "--endpoint", server.url)
    [asked] = server.questions
    reply = load_json(result)
    assert reply["answer"] == answer_to(*asked.key) and reply["prompt"] == asked.text
    assert reply["heat_map"] is None and math.isclose(max(reply["probabilities"].values()), 0.7, rel_tol=1e-5)
    assert "--device is for" in sentence(relcli(*words, "--endpoint", server.url, "--device", "cpu"))


def started_with(server: ChatServer, scenes: Path, folder: Path, *words: object) -> Started:
    fixed = ("--endpoint", server.url, "--model", MODEL, "--name", "x", "--db", DB, "--concurrency", 2)
    return start("run", "--dataset", scenes, *fixed, *words, cwd=folder, env={"NO_PROXY": "127.0.0.1"})


def until(look: Any, process: Started) -> None:
    deadline = time.monotonic() + 120
    while not look():
        assert process.process.poll() is None, process.finish()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_a_killed_run_resumes_and_asks_nothing_twice(relcli: Relcli, scenes: Path, tmp_path: Path) -> None:
    with chat_server(lambda asked: Reply(body=completion(asked), after_s=0.02)) as server:
        process = started_with(server, scenes, tmp_path)
        until(lambda: finished_parts(tmp_path / DB, "x"), process)
        process.process.send_signal(signal.SIGKILL)
        process.finish()
        n_asked = len(server.questions)
        resumed = relcli("run", "--name", "x", "--resume", "--db", DB)
    assert resumed.exit_code == 0, resumed.stderr
    planned = assert_answered_by_the_rule()
    assert n_asked < planned and len(server.questions) < planned + n_asked


@pytest.mark.slow
def test_ctrl_c_ends_a_run_whose_server_hangs(scenes: Path, tmp_path: Path) -> None:
    with chat_server(lambda asked: Reply(after_s=300) if asked.number > 4 else None) as server:
        process = started_with(server, scenes, tmp_path)
        until(lambda: server.under_way == 2, process)
        process.process.send_signal(signal.SIGINT)
        since = time.monotonic()
        code, _, err = process.finish()
    assert code == 130 and time.monotonic() - since < 20 and "Traceback" not in err and "--resume" in err


@pytest.mark.slow
def test_a_server_is_asked_without_loading_torch(scenes: Path, tmp_path: Path) -> None:
    with chat_server() as server:
        words = ["run", "--dataset", str(scenes), "--endpoint", server.url, "--model", MODEL]
        script = (
            "import sys\nfrom relcli.cli.main import app\n"
            f"try: app({[*words, '--sample-index', '1', '--db', str(tmp_path / DB)]!r})\n"
            "finally: print(sorted({'torch', 'transformers'} & set(sys.modules)), file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip().endswith("[]")
