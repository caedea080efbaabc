"""A frozen warehouse for the terminal application, and a way to drive it."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from relcli.tui.app import RelcliApp
from tests.tui.heads_kit import make_heads_warehouse
from tests.tui.probe_kit import keep_probes
from tests.tui.tui_driver import WIDE, Driver
from tests.tui.warehouse_kit import make_warehouse

Drive = Callable[..., AbstractAsyncContextManager[Driver]]


@pytest.fixture(scope="session")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 scenes, two runs; not to be written to."""
    return make_warehouse(tmp_path_factory.mktemp("tui") / "kit.duckdb")


@pytest.fixture
def warehouse(kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the kit in a folder of its own, which is the current one, so that its name is always the
    same."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELCLI_CONFIG", str(tmp_path / "config" / "config.toml"))
    return Path(shutil.copy(kit, "kit.duckdb"))


@pytest.fixture
def probed(warehouse: Path) -> Path:
    """The warehouse with three probes in two ways."""
    return keep_probes(warehouse)


@pytest.fixture(scope="session")
def heads_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 scenes, a run that keeps heads and tokens; not to be written to."""
    return make_heads_warehouse(tmp_path_factory.mktemp("heads") / "heads.duckdb")


@pytest.fixture
def drive() -> Drive:
    @asynccontextmanager
    async def driving(database: Path, *keys: str, size: tuple[int, int] = WIDE) -> AsyncIterator[Driver]:
        app = RelcliApp(database)
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            await driver.settle()
            await driver.press(*keys)
            yield driver

    return driving
