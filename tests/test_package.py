"""What is built for others: wheel and sdist, their size and what they hold, and that they run elsewhere."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

import relcli
from relcli.version import commit

ROOT = Path(__file__).parents[1]
AUTHORS = {"Yap", "Ravi Shankar Geetha", "Rakhmasari", "Ramzan"}


def build(*words: object, cwd: Path = ROOT) -> None:
    # The build backend is among the development tools, so that the tests need no network.
    done = subprocess.run(
        [sys.executable, "-m", *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr


def wheel_of(source: Path, folder: Path) -> Path:
    build("pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source)
    [wheel] = folder.glob("relcli-*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel_of(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    build("hatchling", "build", "-t", "sdist", "-d", folder)
    [file] = folder.glob("relcli-*.tar.gz")
    return file


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as file:
        return set(file.namelist())


def test_the_citation_names_the_study_and_this_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    [study] = cited["references"]
    assert cited["version"] == relcli.__version__ and cited["cff-version"] == "1.2.0"
    assert {each["family-names"] for each in study["authors"]} == AUTHORS
    assert study["repository-code"] in (ROOT / "assets" / "reference" / "README.md").read_text()


def test_the_changelog_has_this_version() -> None:
    assert re.search(rf"^## {re.escape(relcli.__version__)}\b", (ROOT / "CHANGELOG.md").read_text(), re.M)


@pytest.mark.slow
def test_what_is_imported_is_declared() -> None:
    """A library that relcli imports by itself must not be there only because another one needs it."""
    import ast
    import tomllib
    from importlib.metadata import packages_distributions

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for extra in extras.values() for line in extra)]
    declared = {re.split(r"[\[<>=!~ ]", line)[0].lower() for line in lines}
    imported = set()
    for file in (ROOT / "relcli").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
    foreign = {
        name: {each.lower().replace("_", "-") for each in packages_distributions().get(name, [])}
        for name in imported - sys.stdlib_module_names - {"relcli"}
    }
    missing = {name for name, of in foreign.items() if of and not of & declared}
    assert missing <= {"httpx2", "markupsafe"}  # part of what OpenAI's client and Jinja2 give and take


@pytest.mark.slow
def test_the_sdist_builds_the_same_wheel(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as file:
        inside = {name.partition("/")[2] for name in file.getnames()}
    wanted = {"LICENSE", "CITATION.cff", "constraints.txt", "Makefile", "tests/conftest.py", "mkdocs.yml"}
    assert wanted <= inside
    assert not [name for name in inside if name.startswith((".ci", ".venv", "site/")) or ".duckdb" in name]
    again = wheel_of(sdist, tmp_path)
    assert names_in(again) == names_in(wheel)
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(again) as other:
        assert one.read("relcli/_data/COMMIT") == other.read("relcli/_data/COMMIT")


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="which files are relcli's is known to git")
def test_the_sdist_holds_what_the_repository_holds_and_nothing_beside_it(sdist: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    kept = {name.partition("/")[0] for name in listed.stdout.split("\0") if name}
    with tarfile.open(sdist) as file:
        packed = {name.split("/")[1] for name in file.getnames()}
    assert packed == kept - {".ci"} | {"PKG-INFO", "COMMIT"}  # both are made by the build


@pytest.mark.slow
def test_the_sizes_are_those_that_are_said(wheel: Path, sdist: Path) -> None:
    text = (ROOT / "docs" / "start.md").read_text(encoding="utf-8")
    said = re.search(r"wheel is (\d+\.\d) MB, the sdist (\d+\.\d) MB", text)
    assert said is not None
    for file, megabytes in zip((wheel, sdist), said.groups(), strict=True):
        assert file.stat().st_size / 1e6 == pytest.approx(float(megabytes), rel=0.1), file.name


@pytest.mark.slow
def test_it_runs_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Installed into an environment of its own, with the libraries of this one."""
    place = tmp_path / "environment"
    build("venv", "--without-pip", place)
    site = next((place / "lib").glob("python3*")) / "site-packages"
    # A line with a folder only: that folder's own .pth files, such as the checkout's, are not read.
    (site / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    build("pip", "--python", place / "bin" / "python", "install", "--quiet", "--no-deps", "--no-index", wheel)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def call(*words: str) -> str:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [place / "bin" / "relcli", *words],
            cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    known, dirty, _ = (commit() or "").partition("-dirty")
    assert call("--version") == f"relcli {relcli.__version__} ({known[:12]}{dirty})\n"
    found = {line["what"]: line for line in json.loads(call("doctor", "--format", "json"))}
    assert str(site) in found["bundled model"]["says"]
    [row] = json.loads(
        call("run", "--category", "count", "--max-samples", "10", "--name", "here", "--format", "json")
    )
    assert row["raw"] >= 0.9
    call("report", "--run", "here", "-o", "page.html")
    call("figure", "accuracy", "--run", "here", "-o", "accuracy.pdf")
    assert (elsewhere / "page.html").stat().st_size > 100_000 and (elsewhere / "accuracy.pdf").is_file()
