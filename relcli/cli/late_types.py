"""Reading an option's value without pydantic where there is nothing to read.

Typer has pydantic read every value, and imports it for that: 60 ms of each command's start, spent mostly on
options that nobody gave and on paths.
"""

import os
from pathlib import Path
from typing import Any

from typer.core import TyperCommand


class LateType:
    """Stands in the place of what typer makes for a parameter, and has it made for the first value that needs
    it."""

    def __init__(self, param: Any) -> None:
        self._param = param
        info = param.type_descriptor.parameter_info
        checked = info.exists or not info.file_okay or not info.dir_okay or info.writable
        self._plain_path = param.type_descriptor.annotation is Path and not (
            checked or info.resolve_path or info.allow_dash or info.parser or info.path_type
        )

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        # A path that is there but can't be read is refused by typer, in its words.
        if self._plain_path and (not os.path.exists(value) or os.access(value, os.R_OK)):
            return Path(value)
        self._param._runtime_param = None
        return self._param.get_runtime_param().coerce(value, param=param, ctx=ctx)


class LateTypes:
    """For a command or group: none of its parameters needs pydantic before it has a value to be read."""

    def get_params(self, ctx: Any) -> list[Any]:
        params = super().get_params(ctx)  # type: ignore[misc]
        for param in params:
            if getattr(param, "_runtime_param", self) is None:
                param._runtime_param = LateType(param)
        return params


class LateCommand(LateTypes, TyperCommand):
    """A command of typer's, with late types."""
