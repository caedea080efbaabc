"""The names of splits and protocols. Imports nothing, so that `--help` can show them."""

from typing import Literal

Split = Literal["scene", "row"]
Protocol = Literal["relcli", "seed"]
