"""What the store's log keeps: runs, and what was handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RunReport:
    """What one run over one workbook did, as the store keeps it. `outcome` is "unchanged",
    "synced" or "stopped".
    """

    workbook: str
    outcome: str
    summary: str
    """JSON: the counts that `sync --json` prints."""


@dataclass(frozen=True)
class Run:
    """One run over one workbook as the store's log has it. Times are UTC, ISO 8601; `finished_at`
    and `outcome` are "" for a run that died or is at work. `summary` is that of its RunReport.
    """

    number: int
    workbook: str
    started_at: str
    finished_at: str
    outcome: str
    summary: str


@dataclass(frozen=True)
class Exported:
    """Records that were handed out: when, by whom, `what` was asked for, the file, how many records
    of each table, and the SHA-256 of the file.
    """

    at: datetime
    by: str
    what: str
    target: str
    records: Mapping[str, int]
    digest: str
