"""Counting: how much of a phase is done, how fast, how long still."""

import time
from collections import deque
from collections.abc import Mapping


class Meter:
    """Counts units of one phase. Rate (units a second) is taken over the last half minute, so that a slow
    start does not spoil the estimate of the time left."""

    WINDOW_S = 30.0

    def __init__(self, total: int | None, unit: str, description: str) -> None:
        self.total, self.unit, self.description = total, unit, description
        self.done = 0
        self.started = time.monotonic()
        self._marks: deque[tuple[float, int]] = deque([(self.started, 0)])

    def advance(self, n: int) -> None:
        now = time.monotonic()
        self.done += n
        self._marks.append((now, self.done))
        while len(self._marks) > 2 and now - self._marks[1][0] > self.WINDOW_S:
            self._marks.popleft()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started

    @property
    def rate(self) -> float | None:
        since, count = self._marks[0]
        span = self._marks[-1][0] - since
        return (self.done - count) / span if span > 0 else None

    @property
    def eta_s(self) -> float | None:
        if self.total is None or not self.rate:
            return None
        return max(0.0, (self.total - self.done) / self.rate)


def describe(meter: Meter, metrics: Mapping[str, float | str]) -> str:
    """`answering: 120/840 questions, 45.2/s, 16 s left, loss 0.123`"""
    of = "" if meter.total is None else f"/{meter.total:,}"
    parts = [f"{meter.description}: {meter.done:,}{of} {meter.unit}"]
    if meter.rate is not None:
        parts.append(f"{meter.rate:.3g}/s" if meter.rate < 10 else f"{meter.rate:,.0f}/s")
    if meter.eta_s is not None:
        parts.append(f"{duration(meter.eta_s)} left")
    parts += [f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in metrics.items()]
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """`8.2 s`, `45 s`, `3 min 05 s`, `2 h 10 min`"""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
