"""Where things lie: shipped data, the default warehouse and its spool."""

import os
import stat
from pathlib import Path

from relcli.errors import UsageError, WarehouseError

_PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    """A folder that stands beside the package in a checkout and inside it (`_data`) in a wheel."""
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


def package() -> Path:
    """The folder of the relcli that runs."""
    return _PACKAGE


def sql_dir() -> Path:
    """Folder with migrations/, views/, reads/, audits/ and examples/."""
    return _shipped("sql")


def assets_dir() -> Path:
    """Folder with the bundled scenes, the bundled model and the published reference tables."""
    return _shipped("assets")


def default_database() -> Path:
    """`warehouse/relcli.duckdb` under the current folder."""
    return Path("warehouse") / "relcli.duckdb"


def check_database(path: Path) -> None:
    """Refuse what can't be a warehouse's file before anything opens it: opening a FIFO would wait for ever,
    and some names mean something else to DuckDB. A file that isn't there yet is fine.

    Raises UsageError for such a name, and WarehouseError for what is there and is not a file.
    """
    text = str(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageError(
            f"--db {text!r} can't be read as UTF-8, and DuckDB opens no such name: rename it."
        ) from None
    if "\0" in text:
        raise UsageError(f"--db {text!r} holds a null character, which no file name can: name another file.")
    try:
        os.path.realpath(text).encode()
    except UnicodeEncodeError:
        raise UsageError(f"--db {text} lies in a folder whose name is not in UTF-8: rename it.") from None
    if "?" in text:
        raise UsageError(
            f"--db {text} has a question mark, which DuckDB takes for a pattern: choose a name without one."
        )
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except PermissionError:
        return  # whoever opens it says so
    except OSError as problem:
        raise WarehouseError(
            f"--db {text} can't be a warehouse ({problem.strerror}): name another file."
        ) from None
    if stat.S_ISDIR(mode):
        raise WarehouseError(f"--db {text} is a folder: name a file in it, such as {path / 'relcli.duckdb'}.")
    if not stat.S_ISREG(mode):
        kind = "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"
        raise WarehouseError(f"--db {text} is {kind}, no file: name a DuckDB file.")


def spool_dir(database: Path) -> Path:
    """The folder beside a warehouse file in which workers leave finished Parquet parts."""
    database = Path(database)
    return database.with_name(database.name + ".spool")


def config_file() -> Path:
    """`$RELCLI_CONFIG`, or `config.toml` in relcli's folder for settings on this system."""
    if named := os.environ.get("RELCLI_CONFIG"):
        return Path(named)
    return _config_folder() / "config.toml"


def cache_folder() -> Path:
    """Where relcli keeps what can be worked out anew, on this system."""
    from platformdirs import user_cache_path

    return user_cache_path("relcli", appauthor=False)


def _config_folder() -> Path:
    """`relcli` under `$XDG_CONFIG_HOME` (default `~/.config`) where that is there, as earlier versions had it
    everywhere; else where the system keeps settings (on Linux the same)."""
    earlier = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "relcli"
    if earlier.is_dir():
        return earlier
    from platformdirs import user_config_path

    return user_config_path("relcli", appauthor=False)
