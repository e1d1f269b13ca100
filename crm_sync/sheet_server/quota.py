"""Requests per minute, as Google counts them: reads and writes apart, per user and per project.

https://developers.google.com/workspace/sheets/api/limits . Off unless limits are set.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from crm_sync.sheet_server.fault_answers import quota_error
from crm_sync.sheet_server.oauth import Caller
from crm_sync.sheet_server.routes import Api, Route


@dataclass(frozen=True, slots=True)
class Limits:
    """How many Sheets requests of either kind a minute allows; None is without limit."""

    per_user: int | None = None
    per_project: int | None = None


class Quota:
    """Counts the requests of the current minute. It is full again when the next one begins."""

    def __init__(self) -> None:
        self.limits = Limits()
        self._minute: datetime | None = None
        self._used: Counter[tuple[str, bool]] = Counter()

    def spend(self, route: Route, caller: Caller, now: datetime) -> None:
        """Counts one request. Raises the 429 if it is one too many; that one counts as well."""
        if route.api is not Api.SHEETS or self.limits == Limits():
            return
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._used.clear()
        self._used[caller.email, route.writes] += 1
        self._used["", route.writes] += 1
        if _beyond(self._used[caller.email, route.writes], self.limits.per_user):
            raise quota_error(route)
        if _beyond(self._used["", route.writes], self.limits.per_project):
            raise quota_error(route, "per minute")


def _beyond(used: int, limit: int | None) -> bool:
    return limit is not None and used > limit
