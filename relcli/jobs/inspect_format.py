"""The form of inspect's eval logs (version 2), as far as a run's answers need it.

A log is a zip: `header.json` (what was asked of whom, and the scores), `samples/ID_epoch_1.json` and
`summaries.json`. The names are those of inspect_ai's `EvalLog`, `EvalSample` and `EvalSampleSummary`; checked
against inspect_ai 0.3.285 by reading logs back with it.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

VERSION = 2
SCORER = "choice"
_SHOWN = 1000  # characters of a text in a summary


def identity(*parts: object) -> str:
    """A name of 22 letters and digits that is the same for the same parts."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:22]


def moment(value: datetime | None) -> str:
    """A time of the warehouse, UTC without zone, as inspect writes it; empty if unknown."""
    return value.replace(tzinfo=UTC).isoformat() if value else ""


def file_name(created: datetime, task: str, task_id: str) -> str:
    """`2026-01-31T10-45-00-00-00_relcli-raw_ID.eval`, from which inspect reads time and task."""
    stamp = moment(created).replace("+00:00", "-00-00").partition(".")[0].replace(":", "-")
    stamp = stamp if stamp.endswith("-00-00") else f"{stamp}-00-00"
    return f"{stamp}_{re.sub(r'[^A-Za-z0-9-]+', '-', task)}_{task_id}.eval"


def spec(run: Mapping[str, Any], variant: str, n_samples: int) -> dict[str, Any]:
    """`EvalSpec` of one variant of a run; run: the row of table `run`."""
    decoding = run.get("decoding") or {}
    generate = {"max_tokens": run.get("max_new_tokens"), "temperature": decoding.get("temperature")}
    if decoding.get("method") == "greedy":
        generate["temperature"] = 0.0
    kept = ("run", "dataset", "question_set", "question_set_version", "revision", "weights_hash", "dtype")
    kept += ("device", "attention", "image_width", "image_height", "prompt_hash", "settings_hash", "command")
    return {
        "eval_id": identity("eval", run["run"], variant, run["started_at"]),
        "run_id": identity("run", run["run"], run["started_at"]),
        "created": moment(run["started_at"]),
        "task": f"relcli-{variant}",
        "task_id": identity("task", run["dataset"], run.get("question_set"), variant),
        "task_version": 0,
        "task_display_name": f"{run['run']}: {variant}",
        "task_args": {"variant": variant, "question_set": run.get("question_set")},
        "tags": ["relcli"],
        "dataset": {"name": run["dataset"], "samples": n_samples, "shuffled": False},
        "model": run.get("model") or "unknown",
        "model_generate_config": {name: value for name, value in generate.items() if value is not None},
        "config": {"epochs": 1, "log_images": True},
        "packages": {name: str(value) for name, value in (run.get("versions") or {}).items()},
        "metadata": {name: run[name] for name in kept if run.get(name) is not None} | {"variant": variant},
        "scorers": [{"name": SCORER}],
    }


def sample(row: Mapping[str, Any], variant: str, model: str, png: bytes | None) -> dict[str, Any]:
    """`EvalSample` of one answer; row: a row of the read `inspect_answers`. png: the picture that was shown,
    None if nobody has it."""
    name = f"{row['scene_id']}.{row['question_index']}.{variant}"
    content: list[dict[str, Any]] = [{"type": "text", "text": row["text"]}]
    if png is not None:
        data = "data:image/png;base64," + base64.b64encode(png).decode("ascii")
        content.insert(0, {"type": "image", "image": data, "detail": "auto"})
    asked = {"id": identity(name, "user"), "role": "user", "source": "input", "content": content}
    answered = {
        "id": identity(name, "assistant"),
        "role": "assistant",
        "source": "generate",
        "model": model,
        "content": row["answer"] or "",
    }
    stop = "max_tokens" if row["truncated"] else "stop"
    metadata = {
        "scene_id": row["scene_id"],
        "question_index": row["question_index"],
        "variant": variant,
        "category": row["category"],
        "flaws": row["flaws"] or [],
    }
    when = moment(row["created_at"]) or None
    return {
        "id": name,
        "epoch": 1,
        "input": [asked],
        "choices": row["options"] or None,
        "target": row["ground_truth"] or "",
        "messages": [asked, answered],
        "output": {
            "model": model,
            "choices": [{"message": answered, "stop_reason": stop}],
            "completion": row["answer"] or "",
        },
        "scores": _scores(row),
        "metadata": metadata,
        "uuid": identity(name, "sample"),
        "started_at": when,
        "completed_at": when,
    }


def _scores(row: Mapping[str, Any]) -> dict[str, Any]:
    if row["correct"] is None:
        return {}
    score: dict[str, Any] = {"value": "C" if row["correct"] else "I", "answer": row["choice"] or ""}
    if row["option_logprobs"]:
        # -inf, an option the server did not tell of, is no number of JSON.
        told = [value if value > float("-inf") else None for value in row["option_logprobs"]]
        score["metadata"] = {"option_logprobs": told}
    return {SCORER: score}


def summary(whole: Mapping[str, Any]) -> dict[str, Any]:
    """`EvalSampleSummary` of a sample: without its picture, texts cut short."""
    names = ("id", "epoch", "choices", "target", "metadata", "scores", "uuid", "started_at", "completed_at")
    text = " ".join(part["text"] for part in whole["input"][0]["content"] if part["type"] == "text")
    short = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return {name: whole[name] for name in names} | {"input": short, "completed": True, "message_count": 2}


def results(
    n_samples: int,
    n_graded: int,
    accuracy: float | None,
    error: float | None,
    categories: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """`EvalResults`: accuracy and its standard error over scenes, and each category's accuracy.

    categories: rows of view `accuracy_by_category`.
    """
    metrics: dict[str, Any] = {}
    if accuracy is not None:
        metrics["accuracy"] = {"name": "accuracy", "value": accuracy}
    if error is not None:
        metrics["stderr"] = {"name": "stderr", "value": error, "params": {"cluster": "scene_id"}}
    for row in categories:
        interval = {"ci_low": row["ci_low"], "ci_high": row["ci_high"], "n": row["n"]}
        name = row["category"]
        metrics[name] = {"name": name, "group": "accuracy", "value": row["accuracy"], "metadata": interval}
    score = {
        "name": SCORER,
        "scorer": SCORER,
        "scored_samples": n_graded,
        "unscored_samples": n_samples - n_graded,
        "metrics": metrics,
    }
    return {"total_samples": n_samples, "completed_samples": n_samples, "scores": [score]}
