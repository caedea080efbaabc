"""Which tokens of a prompt are read, found from character offsets, so that any tokenizer will do."""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from typing import Any

from relcli.captures import TOKEN
from relcli.models.items import PromptToken
from relcli.scenes.spans import Span

RowTokens = tuple[tuple[str, tuple[int, ...]], ...]
"""Roles and the distances of their tokens from the prompt's end: 1 is the last token."""

Offsets = Sequence[tuple[int, int]]
"""Characters [start, end) of the text that each token stands for."""


def offsets_of(tokenizer: Any, texts: Sequence[str]) -> list[tuple[list[int], Offsets]]:
    """Ids of each text, tokenised without special tokens, and each token's characters.

    A tokenizer that gives no offsets (one in Python) is asked what its first tokens decode to, one more at a
    time; where the whole does not give the text back, no offsets are known: then all are (0, 0).
    """
    if getattr(tokenizer, "is_fast", False):
        encoded = tokenizer(list(texts), add_special_tokens=False, return_offsets_mapping=True)
        return list(zip(encoded["input_ids"], encoded["offset_mapping"], strict=True))
    ids = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
    return [(row, _decoded_offsets(tokenizer, row, text)) for row, text in zip(ids, texts, strict=True)]


def _decoded_offsets(tokenizer: Any, ids: Sequence[int], text: str) -> Offsets:
    def decode(n: int) -> str:
        return tokenizer.decode(ids[:n], skip_special_tokens=False, clean_up_tokenization_spaces=False)

    if decode(len(ids)) != text:
        return [(0, 0)] * len(ids)
    # A character of several tokens decodes to a replacement until its last token is there.
    ends = [len(decode(n).rstrip("\ufffd")) for n in range(1, len(ids) + 1)]
    return list(zip([0, *ends[:-1]], ends, strict=True))


def tokens_of_spans(
    text: str, offsets: Offsets, question_at: int, spans: Sequence[Span]
) -> list[PromptToken]:
    """The token that holds the last character of each span, and, behind a target, the one that follows it.

    text: what was tokenised; question_at: where the question begins in it. `index` counts in these tokens.
    """
    ends, last = [], 0
    for _, end in offsets:  # special tokens may have no characters: then they end where the last one did
        last = max(last, end)
        ends.append(last)
    found: list[PromptToken] = []
    for role, _, end in spans:
        character = question_at + end - 1
        at = bisect_right(ends, character)
        if at >= len(offsets) or not offsets[at][0] <= character < offsets[at][1]:
            continue
        while at + 1 < len(offsets) and offsets[at + 1][0] <= character < offsets[at + 1][1]:
            at += 1  # a character in several tokens ends with the last of them
        found.append(_token(text, offsets, at, role))
        if role == "target" and at + 1 < len(offsets):
            found.append(_token(text, offsets, at + 1, "target_next"))
    return found


def every_token(text: str, offsets: Offsets, first: int = 0) -> list[PromptToken]:
    """All tokens from the index `first` on, with the role TOKEN."""
    return [_token(text, offsets, at, TOKEN) for at in range(first, len(offsets))]


def place_of(question: str, text: str) -> int | None:
    """Where a question's first character stands, or would, in a text that may have trimmed it."""
    at = text.find(question)
    if at < 0 and (trimmed := question.strip()):
        at = text.find(trimmed)
        return at - question.index(trimmed) if at >= 0 else None
    return at if at >= 0 else None


def _token(text: str, offsets: Offsets, at: int, role: str) -> PromptToken:
    start, end = offsets[at]
    return PromptToken(at, text[start:end], role)


def placed(tokens: Sequence[PromptToken], first: int, rows: Collection[str]) -> tuple[PromptToken, ...]:
    """The tokens of the wanted rows, counted in the whole prompt; `first` is what index 0 becomes."""
    return tuple(token._replace(index=first + token.index) for token in tokens if token.role in rows)


def with_roles(tokens: RowTokens, roles: Collection[str]) -> RowTokens:
    """Those of some roles."""
    return tuple(each for each in tokens if each[0] in roles)


def row_tokens(tokens: Sequence[PromptToken], length: int) -> RowTokens:
    """Roles and distances from the end of a prompt of `length` tokens; a token counts once in a role."""
    by_role: dict[str, set[int]] = {}
    for token in tokens:
        by_role.setdefault(token.role, set()).add(length - token.index)
    return tuple((role, tuple(sorted(back, reverse=True))) for role, back in by_role.items())


def last_place(ids: Sequence[int], part: Sequence[int]) -> int | None:
    """Where a part of a prompt stands, the last time that it does; None if it doesn't."""
    wanted, n = list(part), len(part)
    starts = range(len(ids) - n, -1, -1)
    return next((start for start in starts if list(ids[start : start + n]) == wanted), None)
