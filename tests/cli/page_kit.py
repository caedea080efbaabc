"""A report as a reader of HTML sees it: its elements, tables and figures."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = {"meta", "img", "br", "hr", "link", "input"}


@dataclass
class Table:
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def column(self, name: str) -> list[str]:
        at = self.columns.index(name)
        return [row[at] for row in self.rows]


class Page(HTMLParser):
    """Elements are checked to close in order, as XML asks. tables: by the id of the figure they stand in;
    exact values where an element has one. sql: by figure."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.ids: list[str] = []
        self.tables: dict[str, Table] = {}
        self.sql: dict[str, str] = {}
        self.svgs = 0
        self._open: list[str] = []
        self._figure = ""
        self._cell: str | None = None
        self._details = ""
        self.feed(text)
        self.close()
        assert self._open == [], self._open

    def handle_starttag(self, tag, attrs):
        self._take(tag, attrs)
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self._take(tag, attrs)

    def _take(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.svgs += tag == "svg"
        if identity := given.get("id"):
            self.ids.append(identity)
            if tag == "figure":
                self._figure = identity.removeprefix("figure-")
                self.tables[self._figure] = Table()
            if tag == "details":
                self._details = identity.removeprefix("sql-")
                self.sql[self._details] = ""
        if tag in ("td", "th"):
            self._cell = ""
        if tag == "tr" and self._figure:
            self.tables[self._figure].rows.append([])
        if tag == "data":
            self._cell = str(given["value"])

    def handle_endtag(self, tag):
        assert self._open and self._open[-1] == tag, (tag, self._open[-5:])
        self._open.pop()
        if tag == "figure":
            table = self.tables[self._figure]
            if table.rows:
                table.columns, table.rows = table.rows[0], table.rows[1:]
            self._figure = ""
        if tag in ("td", "th"):
            if self._figure:
                self.tables[self._figure].rows[-1].append(self._cell or "")
            self._cell = None

    def handle_data(self, data):
        if self._cell is not None and "data" not in self._open:
            self._cell += data
        if self._details and "code" in self._open:
            self.sql[self._details] += data


def outside(page: Page) -> list[str]:
    """Whatever in a page would be fetched from somewhere."""
    loads = {"src", "href", "xlink:href", "data", "action", "srcset", "poster"}
    return [
        value
        for _, name, value in page.attributes
        if name in loads and not value.startswith(("#", "data:"))
    ]


UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
