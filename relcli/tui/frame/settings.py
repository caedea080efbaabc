"""What the application remembers from one time to the next: `tui.json` beside the settings file."""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from relcli import paths
from relcli.errors import RelcliError
from relcli.inputs import MIB, read_json


@dataclass(slots=True)
class TuiSettings:
    """theme: a Textual theme; strength: how much a heat map covers the picture under it (0 to 1);
    graphics: sixel or kitty pictures where textual-image is installed; export_format: csv, json or parquet;
    launch: what was chosen for the last run, where it was not the default; statements: SQL that was asked,
    oldest first."""

    theme: str = "relcli"
    strength: float = 0.75
    graphics: bool = True
    export_format: str = "csv"
    launch: dict[str, Any] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)


def settings_file() -> Path:
    return paths.config_file().with_name("tui.json")


def load_settings(path: Path | None = None) -> TuiSettings:
    """Settings from disk. What is missing, unreadable or of another type keeps its default: a broken file
    must not keep anybody from looking."""
    settings = TuiSettings()
    with suppress(OSError, RelcliError):
        found = read_json(path or settings_file(), most=4 * MIB)
        if isinstance(found, dict):
            for each in fields(TuiSettings):
                value = found.get(each.name)
                if type(value) is type(getattr(settings, each.name)):
                    setattr(settings, each.name, value)
    settings.statements = [each for each in settings.statements if isinstance(each, str)]
    return settings


def save_settings(settings: TuiSettings, path: Path | None = None) -> str | None:
    """Write settings in one step; returns a sentence if that fails, as on a full disk."""
    path = path or settings_file()
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(asdict(settings), indent=2) + "\n", encoding="utf-8")
        os.replace(temporary, path)
    except OSError as problem:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        return f"Settings can't be kept in {path}: {problem.strerror or problem}."
    return None
