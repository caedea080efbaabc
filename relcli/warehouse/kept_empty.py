"""An empty warehouse, kept between processes: DuckDB takes more than a second to make one.

It lies in the user's own cache folder, as what a warehouse should hold does (`kept_objects.py`). A copy is
looked through like any warehouse before it is used, so a damaged one costs time and nothing else.
"""

import hashlib
import shutil
from contextlib import suppress
from pathlib import Path

import duckdb

from relcli.atomic import replaced
from relcli.paths import cache_folder
from relcli.version import VERSION
from relcli.warehouse.objects import files_digest, migration_files
from relcli.warehouse.reference import reference_files

_KEPT = 2


def copy_kept(file: Path) -> bool:
    """Copy it into a file that is not there yet; whether there is one."""
    try:
        shutil.copyfile(_file(), file)
    except OSError:
        file.unlink(missing_ok=True)
        return False
    return True


def keep_empty(file: Path) -> None:
    """Keep a copy of a new warehouse, closed and empty, and remove what older versions kept. A folder that
    can't be written is left alone."""
    with suppress(OSError):
        kept = _file()
        kept.parent.mkdir(parents=True, exist_ok=True)
        with replaced(kept) as temporary:
            shutil.copyfile(file, temporary)
        known = sorted(kept.parent.glob("empty-*.duckdb"), key=lambda each: each.stat().st_mtime)
        for old in known[:-_KEPT]:
            old.unlink(missing_ok=True)


def _file() -> Path:
    """Named after everything that a new warehouse is made of."""
    told = hashlib.sha256(f"{VERSION} {duckdb.__version__} {files_digest()}".encode())
    for file in [Path(__file__).with_name("migrations.py"), *migration_files(), *reference_files()]:
        told.update(file.read_bytes())
    return cache_folder() / f"empty-{told.hexdigest()[:32]}.duckdb"
