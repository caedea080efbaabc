"""How a job that probes ended, in words."""

import re
from collections import Counter
from collections.abc import Iterable

_REASON = re.compile(r"^Not probed: \S+ has (?P<reason>.+?)(?: \(.*| in \d.*)?\.$")


def probed_sentence(probes: int, total: int | None, notes: Iterable[str]) -> str:
    """`175 probes; 63 of 238 left out: too few rows`. notes: what the job said, among it why labels were not
    probed; total: the probes that were asked for."""
    words = f"{probes:,} probe{'s' * (probes != 1)}"
    left = (total or 0) - probes
    if left <= 0:
        return words
    reasons = Counter(found["reason"] for note in notes if (found := _REASON.match(note)))
    why = ", ".join(reason for reason, _ in reasons.most_common())
    return f"{words}; {left:,} of {total:,} left out{f': {why}' if why else ''}"
