"""Which run and question is shown, in words below the tabs."""

from relcli.results.question import QuestionView
from relcli.tui.frame.selection import Selection


def where(selection: Selection, question: QuestionView | None, place: str | None) -> str:
    """question: whose case is shown. place: which of how many of the list; None where the case is alone."""
    parts = [selection.run or ""]
    if place:
        parts.append(place)
    elif place is None and question is not None and question.run is not None:
        parts.append(f"question {question.key[0]}.{question.key[1]}")
    if question is not None:
        parts.append(question.category)
    if selection.other:
        parts.append(f"beside {selection.other}")
    if place is None and selection.filter.narrowed:
        parts.append("within the filter of Questions")
    return " · ".join(parts)
