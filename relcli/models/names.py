"""Names that requests and the engine share. Imports nothing, so that `--help` can show them."""

from typing import Literal, get_args

EditedRows = Literal["answer", "question", "image", "all"]
EDITED_ROWS: tuple[EditedRows, ...] = get_args(EditedRows)
BUNDLED = "bundled"
"""The model, and the data set, that come with relcli."""
