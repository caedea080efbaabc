"""A run that keeps heads and tokens, once for the tests of its figures."""

from pathlib import Path

import pytest

from tests.tui.heads_kit import make_heads_warehouse


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read only: a test that changes it takes a copy."""
    return make_heads_warehouse(tmp_path_factory.mktemp("report") / "heads.duckdb", n_scenes=24)
