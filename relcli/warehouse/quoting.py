"""Text and names as SQL takes them, for places where it takes no parameter."""


def literal(text: str) -> str:
    """A string."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name of a table, view or database."""
    return '"' + name.replace('"', '""') + '"'
