"""SQL as one types it: what is a word, what may come next."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_KEYWORDS = """
    SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT JOIN LEFT USING ON AS AND OR NOT IN IS NULL LIKE ILIKE
    BETWEEN CASE WHEN THEN ELSE END WITH DISTINCT UNION ALL EXCEPT INTERSECT DESC ASC NULLS LAST FIRST FILTER
    OVER PARTITION QUALIFY EXCLUDE REPLACE DESCRIBE SUMMARIZE SHOW TABLES EXPLAIN PIVOT UNPIVOT VALUES
    TRUE FALSE CROSS INNER OUTER FULL ASOF LATERAL POSITIONAL SAMPLE OFFSET EXISTS CAST
"""
_FUNCTIONS = """
    count avg sum min max median stddev_samp corr coalesce nullif round any_value string_agg list list_sum
    list_avg list_max list_dot_product unnest range len lower regexp_matches quantile_cont row_number
    histogram
"""
KEYWORDS, FUNCTIONS = tuple(_KEYWORDS.split()), tuple(_FUNCTIONS.split())
_TOKENS = re.compile(
    r"(?P<comment>--.*)|(?P<string>'(?:[^']|'')*'?)|(?P<name>\"[^\"]*\"?)|(?P<number>\b\d[\d_.]*(?:[eE][-+]?\d+)?\b)"
    r"|(?P<word>[A-Za-z_]\w*)"
)
_BEFORE = re.compile(r"(?:(\w+)\.)?(\w*)\Z")
_SOURCE = re.compile(r"\b(?:from|join)\s+(\w+)(?=(?:\s+(?:as\s+)?(\w+))?)", re.IGNORECASE)
_WANTS_SOURCE = re.compile(r"\b(?:from|join|describe|summarize|show)\s+\Z", re.IGNORECASE)
_SET = frozenset(KEYWORDS)


@dataclass(frozen=True, slots=True)
class SqlRelation:
    """A table, view or macro; `columns` are (name, type, comment), a macro's parameters without type."""

    name: str
    kind: str
    comment: str
    columns: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a question can name, from the read `catalogue`."""

    relations: Mapping[str, SqlRelation] = field(default_factory=dict)
    macros: Mapping[str, SqlRelation] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> "Catalogue":
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            found.setdefault(row["name"], []).append(row)
        made = [
            SqlRelation(
                name,
                each[0]["kind"],
                each[0]["comment"] or "",
                tuple(
                    (row["column_name"], row["data_type"] or "", row["column_comment"] or "") for row in each
                ),
            )
            for name, each in found.items()
        ]
        return cls(
            {each.name: each for each in made if each.kind != "macro"},
            {each.name: each for each in made if each.kind == "macro"},
        )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` to put in place of what was typed; `kind` says what it is."""

    text: str
    kind: str


def spans(line: str) -> Iterator[tuple[int, int, str]]:
    """Stretches of a line that deserve a colour: (start, end, keyword | string | number | comment)."""
    for token in _TOKENS.finditer(line):
        kind = token.lastgroup or ""
        if kind == "word":
            kind = "keyword" if token[0].upper() in _SET else ""
        if kind and kind != "name":
            yield token.start(), token.end(), kind


def suggest(before: str, whole: str, catalogue: Catalogue, most: int = 60) -> tuple[int, list[Suggestion]]:
    """What may stand at the cursor. `before`: the text up to it; `whole`: all of it. Returns how many letters
    before the cursor it would replace, and the suggestions, likeliest first."""
    if _inside_text(before):
        return 0, []
    found = _BEFORE.search(before)
    assert found is not None  # it also matches nothing
    owner, typed = found[1], found[2]
    if typed[:1].isdigit() or (not typed and not owner):
        return 0, []
    head = before[: len(before) - len(typed)]
    candidates = _columns_of(owner, whole, catalogue) if owner else _anything(head, typed, whole, catalogue)
    wanted = typed.lower()
    begin, inside = {}, {}
    for each in candidates:
        name = each.text.lower()
        if name == wanted:
            continue
        if name.startswith(wanted):
            begin.setdefault(each.text, each)
        elif each.kind not in ("keyword", "function") and f"_{wanted}" in f"_{name}":
            inside.setdefault(each.text, each)
    return len(typed), [*begin.values(), *inside.values()][:most]


def _inside_text(before: str) -> bool:
    """Whether the cursor stands in a string or a comment."""
    line = before.rpartition("\n")[2]
    last = next(reversed(list(_TOKENS.finditer(line))), None)
    if last is None or last.end() < len(line):
        return False
    closed = last.lastgroup == "string" and len(last[0]) > 1 and last[0].count("'") % 2 == 0
    return last.lastgroup == "comment" or (last.lastgroup == "string" and not closed)


def sources(sql: str, catalogue: Catalogue) -> dict[str, SqlRelation]:
    """The relations a statement names after FROM and JOIN, by their alias or name."""
    found: dict[str, SqlRelation] = {}
    for name, alias in _SOURCE.findall(sql):
        if (relation := catalogue.relations.get(name.lower())) is not None:
            found[name.lower() if not alias or alias.upper() in _SET else alias.lower()] = relation
    return found


def _columns(relations: Iterable[SqlRelation]) -> Iterator[Suggestion]:
    for relation in relations:
        for name, kind, _ in relation.columns:
            yield Suggestion(name, f"{kind.lower()} of {relation.name}")


def _columns_of(owner: str, whole: str, catalogue: Catalogue) -> Iterator[Suggestion]:
    known = {**catalogue.relations, **sources(whole, catalogue)}
    return _columns([known[owner.lower()]] if owner.lower() in known else [])


def _anything(head: str, typed: str, whole: str, catalogue: Catalogue) -> Iterator[Suggestion]:
    relations = [Suggestion(each.name, each.kind) for each in catalogue.relations.values()]
    if _WANTS_SOURCE.search(head):
        yield from relations
        return
    named = sources(whole, catalogue)
    yield from _columns(named.values())
    upper = typed.isupper()
    yield from (Suggestion(word if upper else word.lower(), "keyword") for word in KEYWORDS)
    yield from relations
    yield from (Suggestion(f"{each.name}(", "macro") for each in catalogue.macros.values())
    yield from (Suggestion(f"{name}(", "function") for name in FUNCTIONS)
    if not named:
        yield from _columns(catalogue.relations.values())


class History:
    """Statements that were run, oldest first, and where one is among them."""

    MOST = 100

    def __init__(self, entries: Sequence[str] = ()) -> None:
        self.entries = [entry for entry in entries if isinstance(entry, str)][-self.MOST :]
        self._at = len(self.entries)
        self._draft = ""

    def add(self, sql: str) -> None:
        """Keep a statement once, as the newest."""
        self.entries = [*(entry for entry in self.entries if entry != sql), sql][-self.MOST :]
        self._at = len(self.entries)

    def move(self, step: int, now: str) -> str | None:
        """The statement `step` further that differs from `now`; None at either end. What is being written is
        the one after the newest."""
        to = self._at + step
        while 0 <= to < len(self.entries) and self.entries[to] == now.strip():
            to += step
        if not 0 <= to <= len(self.entries):
            return None
        if self._at == len(self.entries):
            self._draft = now
        self._at = to
        return self._draft if to == len(self.entries) else self.entries[to]
