"""Text that comes from elsewhere, made safe to show.

A model's answer, a file name, a run's name or a value of a query may hold what a terminal obeys (escape
sequences), what turns the order of letters around (bidirectional overrides, Unicode TR 36), what can't be
seen at all, or half a surrogate pair, which can't be encoded. Whatever shows such text to a person passes it
through here.
"""

import re
from collections.abc import Callable

# Unicode's categories Cc, Cf, Cs, Zl and Zp, without the Arabic and Kaithi number signs, which have a shape.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u070f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
_NAMED = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def visible(text: str, keep: str = "") -> str:
    """The text with every unseen character as an escape in ASCII: `\\x1b`, `\\n`, `\\u202e`. Characters in
    `keep` stay, such as the line ends of a sentence that has several lines."""
    return text if text.isprintable() else _UNSEEN.sub(_but(keep, _escape), text)


def visible_json(text: str) -> str:
    """Text that is JSON already, with its unseen characters in JSON's own escapes: it says the same."""
    return text if text.isprintable() else _UNSEEN.sub(_but("\n", _json_escape), text)


def unseen(text: str) -> list[tuple[int, str]]:
    """(place, escape) of every unseen character, in order."""
    return [] if text.isprintable() else [(each.start(), _escape(each[0])) for each in _UNSEEN.finditer(text)]


def _but(keep: str, escape: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    return lambda found: found[0] if found[0] in keep else escape(found[0])


def _escape(letter: str) -> str:
    code = ord(letter)
    if letter in _NAMED:
        return _NAMED[letter]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(letter: str) -> str:
    code = ord(letter)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
