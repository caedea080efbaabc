"""A statement as a part of another."""

import duckdb


def bare(sql: str) -> str:
    """The statement without the semicolons and comments behind it, so that it can stand in brackets; as it is
    where DuckDB can't tell its words apart, and will say what is wrong."""
    text = sql.encode()
    try:
        tokens = duckdb.tokenize(sql)
    except duckdb.Error:
        return sql
    end = len(text)
    for start, kind in reversed(tokens):
        if kind != duckdb.token_type.comment and text[start:end].strip() != b";":
            break
        end = start
    return text[:end].decode(errors="replace").strip()
