"""Which categories of questions a job is about: those asked for, of those there are."""

import difflib
from collections.abc import Collection, Sequence

from relcli.errors import UsageError
from relcli.scenes.vocabulary import CATEGORIES, asked_categories, categories_in_order


def choose_categories(asked: Collection[str], held: Collection[str]) -> tuple[str, ...]:
    """Of the categories that a data set or run holds, those asked for; all where none was named, which is
    to say all seven. One of the seven that isn't held is left out.

    Raises UsageError for a name that is neither one of the seven nor held.
    """
    refuse_unknown_categories(asked, held)
    return asked_categories(asked, held)


def refuse_unknown_categories(asked: Collection[str], held: Collection[str]) -> None:
    """Raises UsageError as `choose_categories`, with the name that is nearest."""
    known = _known(held)
    unnamed = CATEGORIES if set(asked) >= set(CATEGORIES) else ()  # all seven stand for no name at all
    for name in (each for each in asked if each not in unnamed):
        if name not in known:
            near = difflib.get_close_matches(name.lower()[:60], known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            shown = repr(name) if len(name) <= 60 else f"{name[:57]!r}..."
            raise UsageError(f"There is no category {shown}; --category takes {', '.join(known)}{hint}")


def _known(held: Collection[str]) -> Sequence[str]:
    """What people may mean: the data's own categories where it has none of the seven."""
    own = [name for name in held if name not in CATEGORIES]
    seven = () if own and len(own) == len(held) else CATEGORIES
    return categories_in_order([*seven, *held])
