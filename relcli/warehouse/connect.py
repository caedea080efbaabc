"""The front door: `connect` opens an existing warehouse briefly, `ensure` makes or migrates one."""

from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect

__all__ = ["connect", "ensure"]
