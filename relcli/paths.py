"""Where things lie: shipped data, the default warehouse and its spool."""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    """A folder that stands beside the package in a checkout and inside it (`_data`) in a wheel."""
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


def sql_dir() -> Path:
    """Folder with migrations/, views/, reads/, audits/ and examples/."""
    return _shipped("sql")


def assets_dir() -> Path:
    """Folder with the bundled scenes, the bundled model and the published reference tables."""
    return _shipped("assets")


def default_database() -> Path:
    """`warehouse/relcli.duckdb` under the current folder."""
    return Path("warehouse") / "relcli.duckdb"


def spool_dir(database: Path) -> Path:
    """The folder beside a warehouse file in which workers leave finished Parquet parts."""
    database = Path(database)
    return database.with_name(database.name + ".spool")


def config_file() -> Path:
    """`$RELCLI_CONFIG`, or `relcli/config.toml` under `$XDG_CONFIG_HOME` (default `~/.config`)."""
    if named := os.environ.get("RELCLI_CONFIG"):
        return Path(named)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "relcli" / "config.toml"
