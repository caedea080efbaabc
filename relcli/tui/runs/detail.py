"""One run in full: what shaped its answers, what it keeps, how it went, and what somebody wrote about it."""

from collections.abc import Mapping
from typing import Any

from relcli.progress import duration
from relcli.tui.widgets.cells import Tones, cut
from relcli.tui.widgets.safe_text import Text

_LABEL = 12


def run_detail(run: Mapping[str, Any], note: str, tone: Tones, width: int) -> Text:
    """A row of the read `run` as lines of `label value`, as far as they are known."""
    text = Text()
    for label, value in _lines(run):
        text.append(f"{label:<{_LABEL}}", style="dim")
        text.append(f"{cut(value, max(10, width - _LABEL))}\n")
    verified = {True: ("equal to plain generation", tone["good"]), False: ("DIFFERS", tone["bad"])}
    unknown = "not yet; relcli verify compares it" if run["kind"] == "run" else "answered elsewhere"
    words, style = verified.get(run["verified"], (unknown, "dim"))
    text.append(f"{'verified':<{_LABEL}}", style="dim").append(f"{words}\n", style=style)
    if run["message"]:
        failed = tone["bad"] if run["state"] == "failed" else "dim"
        text.append(f"{run['message']}\n", style=failed)
    if note:
        text.append(f"{'note':<{_LABEL}}", style="dim").append(f"{note}\n", style=tone["accent"])
    return text


def _lines(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    revision = f" at {run['revision'][:12]}" if run["revision"] else ""
    where = " on ".join(filter(None, (run["dtype"], run["device"])))
    asked = [run["question_set"], *_listed(run["categories"], 7, "categories")]
    size = f"{run['image_width']} px, " if run["image_width"] else ""
    picture = f"{size}{run['image_tokens']} tokens" if run["image_tokens"] else ""
    rows = ", ".join(run["query_rows"] or ())
    kept = "nothing" if run["attention"] in (None, "none") else f"{run['attention']} of {rows or 'answer'}"
    end = run["finished_at"] or run["heartbeat_at"]
    seconds = (end - run["started_at"]).total_seconds() if end else None
    planned = f" of {run['n_planned']:,}" if run["n_planned"] else ""
    lines = [
        ("model", f"{run['model'] or '?'}{revision}" + (f", {where}" if where else "")),
        ("questions", f"{', '.join(filter(None, asked))} on {run['dataset']}"),
        ("pictures", f"{', '.join(run['variants'] or ())}{'; ' if picture else ''}{picture}"),
        ("answers", f"{run['n_answers']:,}{planned}" + (f" in {duration(seconds)}" if seconds else "")),
        ("attention", kept),
    ]
    if run["command"]:
        lines.append(("command", run["command"]))
    return lines


def _listed(values: list[str] | None, most: int, word: str) -> list[str]:
    """All by name where they are few; nothing where they are all there is."""
    if not values or len(values) >= most:
        return []
    return values if len(values) <= 2 else [f"{len(values)} {word}"]
