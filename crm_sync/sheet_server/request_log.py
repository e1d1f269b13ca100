"""What was asked of the server so far, for counting requests."""

import threading
from collections import deque
from dataclasses import dataclass

_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Seen:
    """One request: its method, path as sent (without the query), and the status answered.

    `status` is 0 when the connection was cut instead of an answer.
    """

    method: str
    path: str
    status: int


class RequestLog:
    """The last hundred thousand requests, oldest first. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: deque[Seen] = deque(maxlen=_KEPT)

    def add(self, seen: Seen) -> None:
        """Notes one more request."""
        with self._lock:
            self._seen.append(seen)

    def all(self) -> list[Seen]:
        """A copy of what was noted."""
        with self._lock:
            return list(self._seen)

    def clear(self) -> None:
        """Forgets what was noted."""
        with self._lock:
            self._seen.clear()
