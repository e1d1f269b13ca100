"""Faults on demand: which requests go wrong, and how.

A fault waits for the n-th request that fits it (counted from when it was set) and holds for so
many requests of that kind as it says. "Before" a request means: nothing of it has happened yet.
"After" means: it is done and on disk, and its answer is what goes wrong.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import unquote

from crm_sync.sheet_server.exchange import Call


class FaultKind(Enum):
    """What goes wrong."""

    STATUS = "status"
    """An error answer in Google's words: `status` 400 to 503; `reason` for special ones."""
    HTML = "html"
    """An HTML page with `status` (502), as a proxy sends it; 200 is a page that looks well."""
    CUT = "cut"
    """The connection is closed without an answer."""
    LATE = "late"
    """The connection is closed, and the request is done all the same: just before the `lag`-th
    request that comes after it."""
    TRUNCATE = "truncate"
    """The connection is closed in the middle of the body, after `keep` bytes (half of it)."""
    SHORT = "short"
    """Sound JSON in which every list of values ends after `keep` rows (half of them)."""
    SLOW = "slow"
    """The right answer, `delay` seconds late."""
    DRIP = "drip"
    """The right answer, with `delay` seconds before each of its bytes."""
    EMPTY = "empty"
    """200 with `{}`."""
    REDIRECT = "redirect"
    """302 to `location`."""
    STALE_VERSION = "stale_version"
    """Drive shows the version and time that the file had `lag` changes ago."""
    STALE_READ = "stale_read"
    """A read shows the workbook as it was before the last change."""
    DROP_WRITE = "drop_write"
    """A write answers as if all went well, and nothing is written."""
    REVOKE = "revoke"
    """The caller's permission on the file is taken away first."""
    TRASH = "trash"
    """The file is put into the trash first."""
    STAFF = "staff"
    """Nothing goes wrong; other people's `actions` happen at that very moment."""


class When(Enum):
    """On which side of the request's own work."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class StaffAction:
    """One API call made by somebody else: `email` None is the office's owner."""

    method: str
    path: str
    body: Any = None
    email: str | None = None
    query: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is to go wrong, with which requests.

    `path` is a regular expression that is searched in the decoded path; `times` None is for ever.
    `run` is called too, in the server's own thread: it must not call the server.
    """

    kind: FaultKind
    method: str | None = None
    path: str = ""
    nth: int = 1
    times: int | None = 1
    when: When = When.BEFORE
    status: int = 503
    reason: str | None = None
    delay: float = 0.0
    keep: int | None = None
    lag: int = 1
    location: str = ""
    actions: tuple[StaffAction, ...] = ()
    run: Callable[[], None] | None = None

    def fits(self, call: Call) -> bool:
        """Whether a request is of the kind that this fault waits for."""
        if self.method is not None and self.method.upper() != call.method:
            return False
        return re.search(self.path, unquote(call.path)) is not None


@dataclass(slots=True)
class _Armed:
    number: int
    fault: Fault
    seen: int = 0

    @property
    def spent(self) -> bool:
        fault = self.fault
        return fault.times is not None and self.seen >= fault.nth + fault.times - 1


class FaultBook:
    """The faults that are set, and how far each has counted. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self._next = 1

    def add(self, fault: Fault) -> int:
        """Sets a fault and gives the number under which it can be taken back."""
        with self._lock:
            number = self._next
            self._next += 1
            self._armed.append(_Armed(number, fault))
            return number

    def remove(self, number: int) -> None:
        """Takes one fault back; one that is spent or unknown does not matter."""
        with self._lock:
            self._armed = [armed for armed in self._armed if armed.number != number]

    def clear(self) -> None:
        """Takes all faults back."""
        with self._lock:
            self._armed.clear()

    def waiting(self) -> tuple[tuple[int, Fault], ...]:
        """The faults that may still come, in the order in which they were set."""
        with self._lock:
            return tuple((armed.number, armed.fault) for armed in self._armed)

    def due(self, call: Call) -> tuple[Fault, ...]:
        """Counts a request and gives the faults that hit it, in the order they were set."""
        with self._lock:
            hits: list[Fault] = []
            for armed in self._armed:
                if armed.fault.fits(call):
                    armed.seen += 1
                    if armed.seen >= armed.fault.nth:
                        hits.append(armed.fault)
            self._armed = [armed for armed in self._armed if not armed.spent]
            return tuple(hits)
