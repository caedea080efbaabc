"""What a warehouse should hold, kept between processes: DuckDB takes more than a second to say it.

The file lies in the user's own cache folder, never beside a warehouse, which may come from anybody. Without
it everything is worked out anew.
"""

import json
from contextlib import suppress
from pathlib import Path

from relcli.atomic import replaced
from relcli.inputs import MIB, read_json
from relcli.paths import cache_folder

Objects = dict[tuple[str, str], str]
"""(kind, name) and text."""
_MOST, _KEPT = 16 * MIB, 4


def read_kept(key: str) -> Objects | None:
    """The objects of that key; None if they aren't kept, or not as they were written."""
    try:
        told = read_json(_file(key), most=_MOST)
    except Exception:  # whatever is wrong with it
        return None
    whole = isinstance(told, list) and all(
        isinstance(row, list) and len(row) == 3 and all(isinstance(each, str) for each in row) for row in told
    )
    return {(kind, name): text for kind, name, text in told} if whole else None


def keep(key: str, objects: Objects) -> None:
    """Write them down, and remove what older versions kept. A folder that can't be written is left alone."""
    with suppress(OSError):
        file = _file(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        rows = [[kind, name, text] for (kind, name), text in objects.items()]
        with replaced(file) as temporary:
            temporary.write_text(json.dumps(rows), encoding="utf-8")
        known = sorted(file.parent.glob("objects-*.json"), key=lambda each: each.stat().st_mtime)
        for old in known[:-_KEPT]:
            old.unlink(missing_ok=True)


def _file(key: str) -> Path:
    return cache_folder() / f"objects-{key}.json"
