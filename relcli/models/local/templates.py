"""The chat template of a checkpoint: which one is taken, and that it can be rendered."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from relcli.errors import RelcliError
from relcli.inputs import MIB, read_text
from relcli.models.local import template_trial
from relcli.models.local.checkpoint import read_part

_MOST_BYTES = MIB  # the longest that checkpoints bring are some dozen KiB
_WAIT_SECONDS = 60
_BROKEN = "correct chat_template.jinja, or take the checkpoint's own again"


def choose(folder: Path, tokenizer: Any, processor: Any | None, adapter: Path | None = None) -> str | None:
    """The checkpoint's own template, in its processor's order: .jinja, then .json, then the settings of the
    processor, then the tokenizer's; of several with names the one called default. An adapter's folder that
    has one goes before: with it the adapter was trained.

    Raises RelcliError for a file that can't be read, and for named templates without a default.
    """
    if adapter is not None:
        settings = read_part(adapter / "tokenizer_config.json") or {}
        if found := _sound(_in_files(adapter) or settings.get("chat_template"), adapter):
            return found
    found = _in_files(folder)
    if found is None:
        told = read_part(folder / "processor_config.json") or {}
        found = getattr(processor, "chat_template", None) or told.get("chat_template")
        found = found or tokenizer.chat_template
    return _sound(found, folder)


def _in_files(folder: Path) -> Any:
    """What a file of its own gives; None if there is none."""
    jinja, as_json = folder / "chat_template.jinja", folder / "chat_template.json"
    if not jinja.exists():
        return (read_part(as_json) or {}).get("chat_template", "") if as_json.exists() else None
    try:
        return read_text(jinja, _MOST_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not in UTF-8"
        raise RelcliError(f"The chat template {jinja} can't be read ({reason}): {_BROKEN}.") from error


def _sound(found: Any, folder: Path) -> str | None:
    chosen = _default(found, folder)
    if chosen and len(chosen) > _MOST_BYTES:
        raise RelcliError(f"The chat template in {folder} has {len(chosen):,} characters: {_BROKEN}.")
    return chosen


def _default(found: Any, folder: Path) -> str | None:
    """One template out of what a file gives: a text, texts by name, or a list of names and texts."""
    if isinstance(found, list):
        pairs = [each for each in found if isinstance(each, dict)]
        found = {str(each.get("name")): each.get("template") for each in pairs}
    if isinstance(found, dict):
        if not isinstance(found.get("default"), str):
            names = ", ".join(sorted(map(str, found)))[:100] or "none"
            raise RelcliError(
                f"The model in {folder} has chat templates by name ({names}), but none called default: name "
                "one of them so."
            )
        return found["default"]
    if found is not None and not isinstance(found, str):
        raise RelcliError(f"The chat template in {folder} is not text: {_BROKEN}.")
    return found


def messages(question: str) -> list[dict[str, Any]]:
    """One picture and one question, as templates take them: some look at a part's type, some for its key."""
    picture = {"type": "image", "image": "picture"}
    return [{"role": "user", "content": [picture, {"type": "text", "text": question}]}]


def render(renderer: Any, template: str | None, question: str) -> str:
    """The prompt as text, with one image token, ready for the reply.

    renderer: the tokenizer or processor whose special tokens the template may name.
    Raises RelcliError if the template is broken or makes a prompt too long for any model.
    """
    try:
        found = renderer.apply_chat_template(
            messages(question), chat_template=template, tokenize=False, add_generation_prompt=True
        )
    except Exception as error:  # whatever the program in the template does wrong
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise RelcliError(f"The model's chat template can't be rendered ({reason}): {_BROKEN}.") from error
    if len(found) > template_trial.CHARACTERS + len(question):
        raise _grows()
    return found


def _grows() -> RelcliError:
    return RelcliError(
        f"The model's chat template makes more than {template_trial.CHARACTERS:,} characters around a "
        f"question, or does not come to an end: {_BROKEN}."
    )


class Trial:
    """A template tried in a process of its own, beside whatever else is loaded meanwhile."""

    def __init__(self, template: str | None, tokenizer: Any):
        self._process: subprocess.Popen[bytes] | None = None
        if not template:
            return
        special = {name: str(token) for name, token in tokenizer.special_tokens_map.items()}
        values = {"messages": messages("Is it?"), "add_generation_prompt": True, "tools": None, **special}
        told = json.dumps({"template": template, "values": values}).encode()
        # -P: nothing that lies in the folder of the script, or where relcli was started, is imported.
        command = [sys.executable, "-P", template_trial.__file__]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            assert self._process.stdin is not None
            with self._process.stdin as pipe:
                pipe.write(told)
        except BrokenPipeError:
            pass  # it ended already; its status says why
        except OSError:
            self._process = None  # no process to be had here: rendering continues without a trial

    def check(self) -> None:
        """Raises RelcliError if the template grew without end."""
        if self._process is None:
            return
        try:
            status = self._process.wait(_WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            status = template_trial.TOO_MUCH
        finally:
            self.stop()
        if status == template_trial.TOO_MUCH or status < 0:
            raise _grows()

    def stop(self) -> None:
        """End the process if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
