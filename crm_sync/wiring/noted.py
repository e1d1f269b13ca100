"""What was noted of the last runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm_sync.config import Config
from crm_sync.host.notes import Notes
from crm_sync.services.noted import NotedRun


def noted_runs(config: Config) -> dict[str, NotedRun]:
    """The last run of each workbook, as it was noted; "" for a failure of the store."""
    found = {}
    for name, told in Notes.read(config.store.path).runs.items():
        run = _noted(told)
        if run is not None and (not name or name in {item.name for item in config.workbooks}):
            found[name] = run
    return found


def requests_lately(config: Config, now: datetime) -> int:
    """How many requests runs sent in the last minute."""
    return Notes.read(config.store.path).asked_lately(now)


def _noted(told: Mapping[str, Any]) -> NotedRun | None:
    try:
        found = NotedRun(**{**told, "stops": tuple(told.get("stops", ()))})
        datetime.fromisoformat(found.at)
    except (TypeError, ValueError):
        return None
    return found
