"""A wheel carries sql/ and assets/, and finds them once it is unpacked; a checkout finds its own."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from relcli import paths

ROOT = Path(__file__).parents[1]


def test_a_checkout_finds_its_own_files() -> None:
    assert paths.sql_dir() == ROOT / "sql" and list((paths.sql_dir() / "migrations").glob("0001_*.sql"))
    assert (
        paths.assets_dir() == ROOT / "assets" and (paths.assets_dir() / "scenes" / "queries.json").is_file()
    )


@pytest.mark.slow
def test_a_wheel_carries_everything(tmp_path: Path) -> None:
    in_repository = {
        f"relcli/_data/{path.relative_to(ROOT)}"
        for folder in ("sql", "assets")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    # The build backend is among the development tools, so that the test needs no network.
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, timeout=300)
    [wheel] = tmp_path.glob("relcli-*.whl")
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
        file.extractall(tmp_path / "site")
    assert in_repository <= names
    assert not [name for name in names if name.startswith(("tests/", "sql/", "assets/", "warehouse/"))]

    script = (
        "import relcli.paths as p; from relcli.warehouse.migrations import ensure; from pathlib import Path\n"
        "assert '_data' in str(p.sql_dir()) and (p.assets_dir() / 'scenes' / 'queries.json').is_file()\n"
        "print(ensure(Path('new.duckdb')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site"), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 1
