"""What the documentation takes from elsewhere: pages made from the program and the warehouse, files of the
repository that are pages too, and links between them. MkDocs calls the `on_` functions."""

import posixpath
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from relcli.options.declaration import Option
from relcli.options.shared import SHARED

ROOT = Path(__file__).resolve().parents[1]
INCLUDED = {
    "sql/README.md": "reference/sql.md",
    "assets/model/README.md": "reference/model.md",
    "assets/reference/README.md": "reference/published.md",
    "ARCHITECTURE.md": "project/architecture.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changes.md",
    "README.md": "index.md",
}
"""Files of the repository that are pages, by their places."""
_LINK = re.compile(r"(!?)\[([^\]\n]*)\]\(([^)\s]+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    made = {
        "reference/commands.md": commands_page,
        "reference/warehouse.md": warehouse_page,
        "reference/queries.md": queries_page,
    }
    for name, make in made.items():
        files.append(File.generated(config, name, content=make()))
    for source, name in INCLUDED.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, name, content=text))
        for kind, _, target in _LINK.findall(text):
            picture = _in_repository(source, target)
            if kind and (ROOT / picture).is_file() and not picture.startswith("docs/"):
                content = (ROOT / picture).read_bytes()
                files.append(File.generated(config, _picture_place(picture), content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links between files of the repository at the pages they are. One to a file that is no page
    becomes its name. Raises ValueError for a link to nothing."""
    place = page.file.src_uri
    source = next((of for of, at in INCLUDED.items() if at == place), f"docs/{place}")

    def pointed(link: re.Match[str]) -> str:
        kind, text, target = link.groups()
        if re.match(r"[a-z]+:|#", target):
            return link[0]
        path, _, anchor = _in_repository(source, target).partition("#")
        to = INCLUDED.get(path) or (_picture_place(path) if kind else path.removeprefix("docs/"))
        if path not in INCLUDED and not kind and not path.startswith("docs/"):
            if not (ROOT / path).exists():
                raise ValueError(f"{source} links to {target}, which is not there")
            return text
        relative = posixpath.relpath(to, posixpath.dirname(place) or ".")
        return f"{kind}[{text}]({relative}{'#' + anchor if anchor else ''})"

    return _LINK.sub(pointed, markdown)


def _in_repository(source: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target.replace("%5B",
    "[").replace("%5D", "]")))


def _picture_place(path: str) -> str:
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return "pictures/" + re.sub(r"[^\w.]+", "-", posixpath.basename(path))


def commands_page() -> str:
    """Every command with its options, from the program itself."""
    from typer.main import get_group

    from relcli.cli.declared import options_of_command
    from relcli.cli.main import app

    lines = [
        "# Commands",
        "Every option can also be set in the environment, as `RELCLI_RUN_MODEL` for `run --model`, or in a "
        "settings file; `relcli config` shows each setting and where it comes from. Options that "
        "most commands "
        "share stand at the end.",
    ]
    shared: dict[str, Option] = {}
    for name, command in _commands(get_group(app)):
        lines += [f"## relcli {name}", _as_markdown(command.help or "")]
        options = options_of_command(command.callback)
        shared |= {each.name: each for each in options if each.panel == SHARED}
        rows = [_row(each) for each in options if each.panel != SHARED and not each.hidden]
        if rows:
            lines.append("| option | default | what it does |\n|---|---|---|\n" + "\n".join(rows))
    rows = [_row(each) for each in shared.values()]
    lines += ["## Shared options", "| option | default | what it does |\n|---|---|---|\n" + "\n".join(rows)]
    return "\n\n".join(lines) + "\n"


def _commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def _as_markdown(text: str) -> str:
    """A command's help: paragraphs that are an example become code."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    return "\n\n".join(f"```sh\n{part}\n```" if part.startswith("relcli ") else part for part in paragraphs)


def _row(option: Option) -> str:
    flags = ", ".join(f"`{each}`" for each in option.flags)
    told = option.help
    if option.choices and not option.others:
        told += f" One of {', '.join(f'`{each}`' for each in option.choices)}."
    known = "" if option.required or option.base is bool else option.text(option.default)
    default = "required" if option.required else option.empty or (f"`{known}`" if known else "")
    return f"| {flags} | {default} | {_cell(told)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def warehouse_page() -> str:
    """Every table, view and macro from its COMMENT, with its columns."""
    from relcli.warehouse.migrations import ensure
    from relcli.warehouse.rows import query

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.duckdb"
        ensure(file)
        relations = query(file, (ROOT / "docs" / "relations.sql").read_text(encoding="utf-8")).as_dicts()
    lines = [
        "# Tables and views",
        "Made from the comments in the warehouse itself; `relcli sql` reads them too:",
        '```sh\nrelcli sql "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"\n```',
        "How they belong together, the keys and the macros: [SQL by hand](../reference/sql.md).",
    ]
    for kind, title in (("table", "Tables"), ("view", "Views")):
        lines.append(f"## {title}")
        for each in (row for row in relations if row["kind"] == kind):
            columns = [
                f"| `{column['name']}` | `{column['type']}` | {_cell(column['comment'] or '')} |"
                for column in each["columns"]
            ]
            table = "| column | type | |\n|---|---|---|\n" + "\n".join(columns)
            lines += [f"### {each['name']}", each["comment"] or "", table]
    return "\n\n".join(lines) + "\n"


def queries_page() -> str:
    """The queries of sql/examples, each under its question."""
    lines = [
        "# Queries",
        "Questions worth asking. Each runs as it is: `relcli sql -f FILE`, or pasted into any DuckDB client.",
    ]
    for file in sorted((ROOT / "sql" / "examples").glob("*.sql")):
        said, body = [], []
        for line in file.read_text(encoding="utf-8").strip().splitlines():
            (said if line.startswith("--") and not body else body).append(line)
        text = " ".join(line.removeprefix("--").strip() for line in said)
        question, _, more = text.partition("?")
        code = "```sql\n" + "\n".join(body) + "\n```"
        told = more.strip().lstrip(":. ")
        lines += [f"## {question.strip()}?", told, code, f"`sql/examples/{file.name}`"]
    return "\n\n".join(line for line in lines if line) + "\n"
