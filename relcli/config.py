"""The settings file: what a person would otherwise type again and again.

TOML, at `$RELCLI_CONFIG` or in the system's folder for settings (on Linux `~/.config/relcli/config.toml`).
Keys at the top stand for options every command has; a table stands for one command. A flag wins over the
environment, that over this file, this over the default.

    db = "/data/study.duckdb"
    format = "csv"

    [run]
    model = "Qwen/Qwen3-VL-4B-Instruct"
    batch-size = 16

    ["db status"]
    format = "json"
"""

import difflib
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from relcli import paths
from relcli.errors import UsageError
from relcli.inputs import read_toml


def read_config(path: Path | None = None) -> dict[str, Any]:
    """The file's content; empty when there is none. Raises UsageError when it is unreadable or no TOML."""
    path = path or paths.config_file()
    try:
        return read_toml(path)
    except FileNotFoundError:
        return {}
    except OSError as problem:
        reason = problem.strerror or problem
        raise UsageError(f"The settings file {path} can't be read ({reason}); fix or remove it.") from None
    except UnicodeDecodeError as problem:
        raise UsageError(
            f"The settings file {path} can't be read (it is not in UTF-8, byte {problem.start}); save it as "
            "UTF-8."
        ) from None
    except ValueError as problem:
        raise UsageError(
            f"The settings file {path} is not valid TOML ({problem}); fix or remove it."
        ) from None


def settings_of(command: str, keys: Collection[str], path: Path | None = None) -> dict[str, Any]:
    """What the file and the environment set of one command's options, as they stand there: the environment
    over the command's table, that over the keys at the top. Raises UsageError for a file that can't be read.
    """
    config = read_config(path)
    table = config.get(command)
    found = {key.replace("-", "_"): value for key, value in config.items()}
    if isinstance(table, Mapping):
        found |= {key.replace("-", "_"): value for key, value in table.items()}
    prefix = f"RELCLI_{command.replace(' ', '_').upper()}_"
    found |= {key: value for key in keys if (value := os.environ.get(f"{prefix}{key.upper()}"))}
    return {key: value for key, value in found.items() if key in keys and not isinstance(value, Mapping)}


def command_defaults(
    config: Mapping[str, Any], commands: Mapping[str, Sequence[str]], path: Path | None = None
) -> dict[str, dict[str, Any]]:
    """Per command, the defaults the file sets.

    `commands` names each command (`run`, `runs list`) with its options as Python names (`batch_size`). A key
    at the top goes to every command that has that option. Raises UsageError for a key no command knows.
    """
    path = path or paths.config_file()
    defaults: dict[str, dict[str, Any]] = {name: {} for name in commands}
    everywhere = {option for options in commands.values() for option in options}

    def take(table: Mapping[str, Any], name: str, where: str) -> None:
        for key, value in table.items():
            if isinstance(value, str) and "\0" in value:
                raise UsageError(f"The settings file {path} sets {where}{key!r} to a text with a zero byte.")
            option = key.replace("-", "_")
            full = f"{name} {key}".strip()
            groups = any(command.startswith(f"{full} ") for command in commands)
            if isinstance(value, Mapping) and (full in commands or groups):
                take(value, full, f"[{full.replace(' ', '.')}] ")
            elif name == "" and option in everywhere:
                for command, options in commands.items():
                    if option in options:
                        defaults[command].setdefault(option, value)
            elif name in commands and option in commands[name]:
                defaults[name][option] = value
            else:
                known = commands.get(name) or sorted({*everywhere, *(c.split()[0] for c in commands)})
                near = difflib.get_close_matches(option, known, n=1)
                hint = f"; did you mean {near[0].replace('_', '-')!r}?" if near else "."
                raise UsageError(f"The settings file {path} sets {where}{key!r}, which is unknown{hint}")

    # Tables first take their own keys; setdefault then keeps them from the keys at the top.
    tables = {key: value for key, value in config.items() if isinstance(value, Mapping)}
    take(tables, "", "")
    take({key: value for key, value in config.items() if key not in tables}, "", "")
    return defaults
