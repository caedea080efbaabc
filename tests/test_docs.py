"""The documentation: it builds without a warning, and what it tells people to type, ask and write works."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest
from nbclient import NotebookClient
from typer.main import get_group

from relcli.cli.main import app
from relcli.warehouse.migrations import ensure
from relcli.warehouse.rows import query

ROOT = Path(__file__).parents[1]
MADE_OF = (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "sql/README.md")
PAGES = sorted([*MADE_OF, ROOT / "assets/model/README.md"])
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
NOT_RUN = re.compile(r"<!-- not run: .+ -->\s*$")


class Block(NamedTuple):
    """A piece of code in a page: its language (`sh` for an indented one), text, and whether it can be run
    here; a comment above says why it can't."""

    language: str
    text: str
    runs: bool


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = [
        Block(match[1], match[2], not NOT_RUN.search(text[: match.start()]))
        for match in re.finditer(r"^```(\w*)\n(.*?)^```", text, re.M | re.S)
    ]
    rest = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return found + [Block("sh", match[0], False) for match in re.finditer(r"(?:^    .*\n)+", rest, re.M)]


def commands(page: Path) -> Iterator[list[str]]:
    """What a page tells to type that begins with relcli, as words."""
    for block in blocks(page):
        if block.language not in ("sh", ""):
            continue
        for line in block.text.replace("\\\n", " ").splitlines():
            found = re.match(r"\s*(?:\.venv/bin/)?(?:python -m )?relcli (.*)", line)
            if found and "…" not in line and not found[1].startswith("…"):
                yield shlex.split(found[1], comments=True)


def parse(words: list[str]) -> None:
    """Parse a command line as relcli would, without doing anything. Raises what is wrong with it."""
    group: Any = get_group(app)
    path = ["relcli"]
    context = None
    while hasattr(group, "commands"):
        if words and words[0].startswith("--") and context is None:
            return  # --version, --install-completion
        if words and words[0] not in group.commands and path[-1] == "export":
            words = ["study", *words]
        assert words and words[0] in group.commands, f"there is no command {' '.join([*path, *words[:1]])}"
        path.append(words[0])
        group, words = group.commands[words[0]], words[1:]
    with group.make_context(" ".join(path), list(words)):
        pass


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_in_the_documentation_is_one(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wrong = []
    for words in commands(page):
        try:
            parse(words)
        except Exception as problem:
            wrong.append(f"relcli {shlex.join(words)}: {getattr(problem, 'message', problem)}")
    assert wrong == []


@pytest.mark.parametrize(
    "line", ["rnu", "run --modle x", "run --attention much", "export table", "db statsu", "cut --run x"]
)
def test_what_is_no_command_is_noticed(line: str) -> None:
    with pytest.raises(Exception, match=r"no command|No such option|not one of|takes|Missing"):
        parse(line.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_option_named_in_a_text_exists(page: Path) -> None:
    """`--name` in running text; options of other programs stand in blocks or beside the program's name."""
    params = [param for command in every_command() for param in command.params]
    known = {name for param in params for name in (*param.opts, *param.secondary_opts)}
    known |= {"--help", "--version", "--install-completion", "--show-completion"}
    text = re.sub(r"^```.*?^```|^    .*$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    spoken = {
        name
        for code in re.findall(r"`(--[^`]+|relcli [^`]+)`", text)
        for name in re.findall(r"(?<![\w-])--[a-z][a-z-]+", code)
    }
    assert spoken - known <= OF_OTHERS


OF_OTHERS = {  # vLLM, SGLang, pytest, SLURM, accelerate, a benchmark
    *("--generation-config", "--max-logprobs", "--served-model-name", "--api-key", "--sampling-defaults"),
    *("--enable-deterministic-inference", "--snapshot-update", "--signal", "--cpu", "--shape"),
}


def every_command(group: Any = None) -> Iterator[Any]:
    for command in (group or get_group(app)).commands.values():
        if hasattr(command, "commands"):
            yield from every_command(command)
        else:
            yield command


def test_every_option_says_what_it_does() -> None:
    silent = [
        f"{command.name} {param.name}"
        for command in every_command()
        for param in command.params
        if not (getattr(param, "help", None) or getattr(param, "hidden", False))
    ]
    assert silent == []


@pytest.fixture(scope="module")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("warehouse") / "empty.duckdb"
    ensure(file)
    return file


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_query_in_the_documentation_runs(page: Path, empty_warehouse: Path) -> None:
    """On an empty warehouse: tables, views, macros and columns are there."""
    asked = [block.text for block in blocks(page) if block.language == "sql"]
    asked += [words[1] for words in commands(page) if words[:1] == ["sql"] and len(words) > 1]
    for text in asked:
        for statement in text.split(";"):
            bare = re.sub(r"--[^\n]*", "", statement).strip()
            if bare and not bare.endswith(".sql") and "read_csv" not in bare:
                query(empty_warehouse, bare)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_every_query_in_a_notebook_runs(notebook: Path, empty_warehouse: Path) -> None:
    cells = nbformat.read(notebook, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    for sql in re.findall(r'\.sql\(\s*"([^"]*)"', code):
        query(empty_warehouse, sql, {name: "" for name in re.findall(r"\$(\w+)", sql)})


@pytest.mark.slow
def test_every_page_is_in_the_menu_and_the_site_builds(tmp_path: Path) -> None:
    """Strictly: a link to nothing, a page left out of the menu or a name mkdocstrings can't find fails."""
    site = tmp_path / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", site],
        cwd=ROOT, capture_output=True, text=True, timeout=300,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "not included in the" not in done.stderr
    pages = {str(file.parent.relative_to(site)): file.read_text("utf-8") for file in site.rglob("index.html")}
    commands_page, tables_page = pages["reference/commands"], pages["reference/warehouse"]
    for command in every_command():
        shown = [param for param in command.params if not getattr(param, "hidden", False)]
        assert all(f"<code>{param.opts[0]}" in commands_page for param in shown if param.opts[0][0] == "-")
    for view in (ROOT / "sql" / "views").glob("*.sql"):
        assert f'id="{view.stem}"' in tables_page
    for name, text in pages.items():  # nothing is loaded from elsewhere
        outside = re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=\"https?://[^\"]+", text)
        assert outside == [], name


@pytest.mark.slow
@pytest.mark.parametrize("page", [ROOT / "docs" / "start.md", *GUIDES], ids=lambda page: page.stem)
def test_a_guide_works_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    """Every block but those that say why they can't be run here, in order, in a folder of its own."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    ran = 0
    for block in blocks(page):
        if not block.runs or block.language not in ("sh", "python"):
            continue
        command = ["bash", "-euo", "pipefail"] if block.language == "sh" else [sys.executable, "-"]
        done = subprocess.run(
            command, input=block.text, cwd=tmp_path, env=environment, capture_output=True, text=True,
            timeout=900,
        )  # fmt: skip
        assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"
        ran += 1
    assert ran > 0


@pytest.mark.slow
def test_the_readmes_python_works(tmp_path: Path) -> None:
    call = [sys.executable, "-m", "relcli", "run", "--name", "first", "--max-samples", "8"]
    subprocess.run(call, cwd=tmp_path, check=True, capture_output=True, timeout=600)
    for block in blocks(ROOT / "README.md"):
        if block.language == "python":
            call = [sys.executable, "-c", block.text]
            done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, timeout=600)
            assert done.returncode == 0, done.stderr


ELSEWHERE = {"clusters"}
"""Guides to machines that no notebook runs on."""


def test_every_guide_has_its_notebook() -> None:
    named = {page.stem for page in GUIDES if f"notebooks/{page.stem}.ipynb" in page.read_text("utf-8")}
    assert named == {file.stem for file in NOTEBOOKS} == {page.stem for page in GUIDES} - ELSEWHERE
    for file in NOTEBOOKS:
        cells = nbformat.read(file, as_version=4).cells
        assert not any(cell.get("outputs") for cell in cells if cell.cell_type == "code"), file.name


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_runs(notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    shutil.copy(notebook, tmp_path)
    read = nbformat.read(tmp_path / notebook.name, as_version=4)
    for cell in read.cells:  # a command that fails stops no notebook by itself
        if cell.cell_type == "code":
            cell.source = re.sub(r"^(!.+)$", r"\1\nassert _exit_code == 0", cell.source, flags=re.M)
    where = {"metadata": {"path": tmp_path}}
    NotebookClient(read, timeout=900, kernel_name="python3", resources=where).execute()
    outputs = [output for cell in read.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("text/html" in output.get("data", {}) for output in outputs)
