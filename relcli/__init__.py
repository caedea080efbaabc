"""relcli: does a vision-language model look at the right things?

The command is `relcli`; from Python, `relcli.open` reads a warehouse, and `relcli.run`, `relcli.ask`,
`relcli.cut`, `relcli.patch` and `relcli.steer` are the commands of those names. Nothing heavy is imported
before one of them is used.
"""

from typing import TYPE_CHECKING, Any

from relcli.version import VERSION as __version__

if TYPE_CHECKING:
    from relcli.api.jobs import ask, cut, patch, run, steer
    from relcli.api.jobs import open_warehouse as open
    from relcli.api.warehouse import Warehouse
    from relcli.errors import RelcliError

__all__ = ["RelcliError", "Warehouse", "__version__", "ask", "cut", "open", "patch", "run", "steer"]

_LAZY = {
    "RelcliError": ("relcli.errors", "RelcliError"),
    "Warehouse": ("relcli.api.warehouse", "Warehouse"),
    "ask": ("relcli.api.jobs", "ask"),
    "cut": ("relcli.api.jobs", "cut"),
    "open": ("relcli.api.jobs", "open_warehouse"),
    "patch": ("relcli.api.jobs", "patch"),
    "run": ("relcli.api.jobs", "run"),
    "steer": ("relcli.api.jobs", "steer"),
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from importlib import import_module

        module, attribute = _LAZY[name]
        return getattr(import_module(module), attribute)
    raise AttributeError(f"module 'relcli' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
