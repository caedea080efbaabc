"""Names that requests and the engine share. Imports nothing, so that `--help` can show them."""

from typing import Literal, get_args

AttentionMode = Literal["summary", "full", "none"]
ATTENTION_MODES: tuple[AttentionMode, ...] = get_args(AttentionMode)
EditedRows = Literal["answer", "question", "image", "all"]
EDITED_ROWS: tuple[EditedRows, ...] = get_args(EditedRows)
QUERY_ROWS = ("answer", "target", "target_next", "stem_end", "options")
"""Whose attention can be read: the answer's, and of tokens of the question (relcli/scenes/spans.py)."""
DEFAULT_ROWS = ("answer", "target", "target_next", "stem_end")
BUNDLED = "bundled"
"""The model, and the data set, that come with relcli."""
