"""`relcli worker` as a real process: what it answers, what it refuses, and how it ends."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from relcli.jobs.ask import ask
from relcli.jobs.ask_request import AskRequest
from relcli.progress import NullProgress
from tests.jobs.worker_kit import COMMAND, WorkerUnderTest, picture

QUESTION = "is there a red circle"


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WorkerUnderTest]:
    """Greeted, without a model."""
    started = WorkerUnderTest(tmp_path)
    reply = started.call(op="hello", protocol=1)
    assert reply["reply"] == "welcome" and reply["pid"] == started.process.pid
    yield started
    started.end()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Iterator[WorkerUnderTest]:
    """With the tiny model, for all tests here that ask it something."""
    started = WorkerUnderTest(tmp_path_factory.mktemp("worker"))
    started.call(op="hello", protocol=1)
    reply = started.call(op="load", model=str(tiny_model), max_new_tokens=3)
    assert reply["reply"] == "loaded", reply
    yield started
    started.end()


def test_two_questions_load_the_model_once(
    loaded: WorkerUnderTest, tiny_model: Path, tmp_path: Path
) -> None:
    """And are answered as `relcli ask` answers them."""
    first = loaded.call(op="ask", image=picture(), question=QUESTION)
    again = loaded.call(op="load", model=str(tiny_model), max_new_tokens=3)
    second = loaded.call(op="ask", image=picture("blue"), question=QUESTION)
    assert again["seconds"] == 0.0
    starts = [each["event"] for each in loaded.events if each["event"]["event"] == "start"]
    assert [event["unit"] for event in starts] == ["model"]
    for reply, color in ((first, "red"), (second, "blue")):
        file = tmp_path / f"{color}.png"
        file.write_bytes(base64.b64decode(picture(color)))
        wanted = AskRequest(question=QUESTION, image=file, model=str(tiny_model), max_new_tokens=3)
        outcome = ask(wanted, NullProgress())
        [answer] = reply["answers"]
        assert (reply["prompt"], tuple(reply["options"])) == (outcome.prompt, outcome.options)
        assert answer["answer"] == outcome.answer and answer["n_steps"] <= 3
        probabilities = pytest.approx(outcome.probabilities, rel=1e-4)
        assert [2.718281828459045**value for value in answer["option_logprobs"]] == probabilities
        assert outcome.attention is not None
        assert answer["maps"]["layers"][2] == pytest.approx(outcome.attention.mean_heads[2], abs=1e-5)


def test_a_cut_changes_the_answer_and_no_edit_does_not(loaded: WorkerUnderTest) -> None:
    asked = loaded.call(op="ask", image=picture(), question=QUESTION)
    found = loaded.call(op="describe", image=picture())
    assert (found["n_layers"], found["edits"], found["attention"]) == (4, True, True)
    every = {"cells": list(range(found["n_cells"])), "rows": "question"}
    cut = {"op": "cut", "text": asked["prompt"], "options": asked["options"], "layout": found["layout"]}
    one = loaded.call(**cut, image=picture(), edits=[None, every, {"cells": [0], "layers": [1]}])
    other = loaded.call(**cut, image=picture("blue"), edits=[None, every])
    plain, blind, little = [answer["option_logprobs"] for answer in one["answers"]]
    assert plain == pytest.approx(asked["answers"][0]["option_logprobs"], abs=1e-5)
    assert max(abs(a - b) for a, b in zip(plain, blind, strict=True)) > 1e-4
    assert max(abs(a - b) for a, b in zip(plain, little, strict=True)) > 0
    # Without the picture's tokens two pictures are one.
    assert blind == pytest.approx(other["answers"][1]["option_logprobs"], abs=1e-5)
    assert sum(map(sum, one["answers"][1]["maps"]["layers"])) == pytest.approx(0, abs=1e-6)


def test_steering_multiplies_the_weights_of_the_cells(loaded: WorkerUnderTest) -> None:
    asked = loaded.call(op="ask", image=picture(), question=QUESTION)
    found = loaded.call(op="describe", image=picture())
    cut = {"op": "cut", "text": asked["prompt"], "options": asked["options"], "layout": found["layout"]}
    cells, rows = [3, 9], "answer"
    edits = [{"cells": cells, "rows": rows, "strength": by} for by in (0.0, 1.5, -1000.0)]
    reply = loaded.call(**cut, image=picture(), edits=[None, *edits, {"cells": cells, "rows": rows}])
    plain, still, drawn, pushed, blind = reply["answers"]
    assert still["option_logprobs"] == pytest.approx(plain["option_logprobs"], abs=1e-5)
    assert pushed["option_logprobs"] == pytest.approx(blind["option_logprobs"], abs=1e-5)
    assert drawn["option_logprobs"] != pytest.approx(plain["option_logprobs"], abs=1e-6)
    # In the first layer nothing else has changed yet.
    first = loaded.call(**cut, image=picture(), edits=[edits[1] | {"layers": [0], "heads": [[0, 0], [0, 1]]}])
    of_two, before = (answer["maps"]["layers"][0] for answer in (first["answers"][0], plain))
    assert sum(of_two[cell] for cell in cells) > sum(before[cell] for cell in cells)


def test_the_attention_of_one_row(loaded: WorkerUnderTest) -> None:
    text = "What is the red circle?"
    row = loaded.call(op="attention", image=picture(), text=text, start=12, end=15)
    own = loaded.call(op="attention", image=picture(), text=text)
    behind = loaded.call(op="attention", image=picture(), text=text, start=12, end=15, behind=True)
    assert row["tokens"] == ["d"] and own["tokens"] == []
    assert behind["tokens"] == [" "] and behind["maps"]["layers"] != row["maps"]["layers"]
    assert len(row["maps"]["layers"]) == 4 and row["maps"]["layers"] != own["maps"]["layers"]
    assert all(0 < mass < 1 for mass in row["maps"]["image_mass"])


def test_single_heads_and_the_mean_over_several_tokens(loaded: WorkerUnderTest) -> None:
    text = "What is the red circle?"
    asked = {"op": "attention", "image": picture(), "text": text}
    n_heads = loaded.call(op="describe", image=picture())["n_heads"]
    for where in ({"start": 12, "end": 15}, {"spans": [[12, 15], [19, 22]]}):
        mean = loaded.call(**asked, **where)["maps"]
        heads = [loaded.call(**asked, **where, head=head)["maps"] for head in range(n_heads)]
        assert heads[0]["layers"] != heads[1]["layers"]
        for layer, expected in enumerate(mean["layers"]):
            cells = zip(*(each["layers"][layer] for each in heads), strict=True)
            assert [sum(cell) / n_heads for cell in cells] == pytest.approx(expected, abs=1e-4)
        masses = [sum(each["image_mass"][1] for each in heads) / n_heads]
        assert masses == pytest.approx([mean["image_mass"][1]], abs=1e-3)
    one, other, both = (
        loaded.call(**asked, spans=spans)["maps"]["layers"][2]
        for spans in ([[12, 15]], [[19, 22]], [[12, 15], [19, 22]])
    )
    assert both == pytest.approx([(a + b) / 2 for a, b in zip(one, other, strict=True)], abs=1e-5)
    answers = [loaded.call(**asked, head=head)["maps"]["layers"][0] for head in (0, 1)]
    assert answers[0] != answers[1]


def test_cancel_in_the_middle_and_while_waiting(loaded: WorkerUnderTest, tiny_model: Path) -> None:
    """One request at a time: the second waits, and a cancel is heard while the first runs."""
    loaded.call(op="load", model=str(tiny_model), max_new_tokens=20_000)
    long = {"op": "ask", "image": picture(), "question": "go on", "as_typed": True}
    running, waiting = loaded.send(**long), loaded.send(**long)
    time.sleep(0.3)
    began = time.monotonic()
    cancels = loaded.send(op="cancel", target=waiting), loaded.send(op="cancel", target=running)
    replies = {reply["id"]: reply["reply"] for reply in (loaded.read() for _ in range(4))}
    assert replies == {
        waiting: "cancelled",
        running: "cancelled",
        cancels[0]: "done",
        cancels[1]: "done",
    }
    assert time.monotonic() - began < 60  # 20,000 tokens take longer
    assert loaded.call(op="cancel", target=running)["reply"] == "done"  # long over
    loaded.call(op="load", model=str(tiny_model), max_new_tokens=3)
    assert loaded.call(op="ask", image=picture(), question=QUESTION)["reply"] == "answered"


CUT = {"op": "cut", "text": "x?", "image": picture(), "layout": "8x8"}


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"op": "ask", "image": picture(), "question": "  "}, "question is empty"),
        ({"op": "ask", "image": "no base64", "question": "x?"}, "not base64"),
        ({"op": "ask", "image": "bm8gcGljdHVyZQ==", "question": "x?"}, "can't be decoded"),
        ({"op": "ask", "image": picture(), "question": "x?", "options": ["y"] * 99}, "up to"),
        (CUT | {"edits": []}, "1 to 64 edits"),
        (CUT | {"edits": [{}]}, "needs cells"),
        (CUT | {"edits": [{"cells": [64]}]}, "no cell 64"),
        (CUT | {"edits": [{"cells": [-1]}]}, "no cell -1"),
        (CUT | {"edits": [{"cells": [1], "layers": [4]}]}, "no layer 4"),
        (CUT | {"edits": [{"cells": [1], "heads": [[0, 99]]}]}, "no head 99"),
        (CUT | {"edits": [{"cells": [1], "rows": "sky"}]}, "no rows 'sky'"),
        (CUT | {"edits": [{"cells": [1], "strength": 1001}]}, "between -1000 and 1000"),
        (CUT | {"edits": [{"text": True, "strength": 1}]}, "cells alone"),
        (CUT | {"layout": "9x9", "edits": [None, {"cells": [1]}]}, "as 8x8 cells, not 9x9"),
        ({"op": "attention", "image": picture(), "text": "x?", "start": 1}, "belong together"),
        ({"op": "attention", "image": picture(), "text": "x?", "start": 1, "end": 9}, "2 characters"),
        ({"op": "attention", "image": picture(), "text": "x?", "spans": [[0, 1], [1, 3]]}, "2 characters"),
        ({"op": "attention", "image": picture(), "text": "x?", "head": 99}, "no head 99"),
    ],
)
def test_what_cannot_be_answered_is_refused_and_the_next_is_answered(
    loaded: WorkerUnderTest, request_: dict, says: str
) -> None:
    refused = loaded.call(**request_)
    assert refused["reply"] == "refused" and says in refused["message"] and refused["exit_code"] == 2
    assert refused["message"].count("\n") == 0
    assert loaded.call(op="describe", image=picture())["reply"] == "described"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", "valid JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"3", "no JSON object"),
        (b"[" * 100_000, "nests deeper"),
        (b'{"op": "dance", "id": 5}', "There is no op 'dance'"),
        (b'{"id": 5}', "op is missing"),
        (b'{"op": "load", "id": "five"}', "The field id of load"),
        (b'{"op": "load", "id": 5, "modell": "x"}', "The field modell"),
        (b'{"op": "ask", "id": 5}', "The field image of ask"),
        (b'{"op": "hello", "id": 5, "protocol": 2}', "speaks protocol 1, not 2"),
        (b'{"op": "ask", "id": 5, "image": "", "question": "x"}', "send load first"),
        (b'{"op": "load", "id": 5, "endpoint": "nonsense", "model": "m"}', "nonsense"),
    ],
)
def test_garbage_is_refused_in_a_sentence(
    loaded_once: WorkerUnderTest, line: bytes, says: str
) -> None:
    loaded_once.raw(line + b"\n\n  \n")
    refused = loaded_once.read()
    assert refused["reply"] == "refused" and says in refused["message"], refused
    assert refused["id"] == (5 if b'"id": 5' in line else None)
    assert loaded_once.call(op="hello", protocol=1)["reply"] == "welcome"


@pytest.fixture(scope="module")
def loaded_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerUnderTest]:
    """Greeted, without a model, for all kinds of garbage."""
    started = WorkerUnderTest(tmp_path_factory.mktemp("worker"))
    started.call(op="hello", protocol=1)
    yield started
    started.end()


@pytest.mark.slow
def test_long_lines_and_many_requests_take_no_memory(worker: WorkerUnderTest) -> None:
    def peak() -> int:
        status = Path(f"/proc/{worker.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))

    before = peak()
    chunk = b"x" * (1 << 20)
    for _ in range(300):
        worker.raw(chunk)
    worker.raw(b"\n")
    assert "longer than 64 MiB" in worker.read()["message"]
    assert peak() - before < 140 * 1024  # of 300 MiB
    assert worker.call(op="hello", protocol=1)["reply"] == "welcome"


def test_the_first_request_is_hello(tmp_path: Path) -> None:
    started = WorkerUnderTest(tmp_path)
    try:
        assert "hello first" in started.call(op="load")["message"]
        same = started.call(op="hello", protocol=1, id=9)
        assert same["reply"] == "welcome"
        assert started.call(op="shutdown")["reply"] == "done"
        assert started.process.wait(10) == 0
    finally:
        started.end()


@pytest.mark.slow
def test_it_ends_when_standard_input_closes_even_in_the_middle(
    worker: WorkerUnderTest, tiny_model: Path
) -> None:
    assert "nowhere" in worker.call(op="load", model="./nowhere")["message"]
    assert "1 or more" in worker.call(op="load", model=str(tiny_model), max_new_tokens=0)["message"]
    worker.call(op="load", model=str(tiny_model), max_new_tokens=20_000)
    worker.send(op="ask", image=picture(), question="go on", as_typed=True)
    time.sleep(0.3)
    assert worker.process.stdin is not None and worker.process.poll() is None
    worker.process.stdin.close()
    assert worker.process.wait(5) == 0


def test_it_ends_when_its_parent_is_killed_though_its_input_stays_open(tmp_path: Path) -> None:
    """The other end of its pipe is held by this process, too: only the parent goes."""
    script = (
        "import os, subprocess, sys, time\n"
        f"child = subprocess.Popen({COMMAND!r}, stdin=0)\n"
        "print(child.pid, file=sys.stderr, flush=True)\n"
        "time.sleep(600)\n"
    )
    pipe = subprocess.PIPE
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdin=pipe, stdout=pipe, stderr=pipe, cwd=tmp_path
    )
    assert parent.stderr and parent.stdin and parent.stdout
    child = int(parent.stderr.readline())
    parent.stdin.write(b'{"op": "hello", "id": 1, "protocol": 1}\n')
    parent.stdin.flush()
    assert json.loads(parent.stdout.readline())["pid"] == child
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert not _lives(child, 5)
    parent.stdin.close()
    parent.stdout.close()
    parent.stderr.close()


def _lives(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        if state == "Z":
            return False
        time.sleep(0.05)
    return True


@pytest.mark.slow
def test_nothing_but_replies_stands_on_standard_output(tmp_path: Path) -> None:
    """Not even what code of a model prints, from Python or from C."""
    script = (
        "import os, sys\n"
        "from relcli.jobs import worker_pipes\n"
        "requests, replies = worker_pipes.take_pipes()\n"
        "print('from python'); os.write(1, b'from c'); os.system('echo from a child')\n"
        "assert sys.stdin.read() == ''\n"
        "os.write(replies, os.read(requests, 100))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=b"a request", capture_output=True, cwd=tmp_path, timeout=60
    )
    assert done.stdout == b"a request", done.stderr
    assert all(words in done.stderr for words in (b"from python", b"from c", b"from a child"))
