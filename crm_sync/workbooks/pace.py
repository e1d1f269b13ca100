"""Keeps one account within its quota: it waits before a request that would be one too many."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

_MINUTE: Final = 60.0


class Pace:
    """At most so many reads, and so many writes, within any minute; None is without limit. A window
    that slides is never more than what fits into a minute of the clock, however that is counted.
    """

    def __init__(
        self,
        per_minute: int | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._most = per_minute
        self._clock = clock
        self._sleep = sleep
        self._sent: dict[bool, deque[float]] = {True: deque(), False: deque()}

    def take(self, *, write: bool) -> None:
        """Waits until one more request of this kind may be sent, and counts it."""
        if self._most is None:
            return
        sent = self._sent[write]
        while len(sent) >= self._most:
            left = sent[0] + _MINUTE - self._clock()
            if left <= 0:
                sent.popleft()
            else:
                self._sleep(left)
        sent.append(self._clock())
