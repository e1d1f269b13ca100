"""The edges of the application, as Protocols: what the services ask of a store, a workbook, a
clock.

Words: a *workbook* is one spreadsheet; a *tab* one of its sheets; a *record* a client, contact,
agreement or row of a reference table; a *base* what one workbook and the store last agreed on; an
*operation* one atomic write to a workbook, known by its id in the store's journal and in the
workbook's journal tab.
"""

from crm_sync.core.findings import OpenConflict, OpenProblem
from crm_sync.ports.backups import Backups
from crm_sync.ports.bases import Bases, Binding, Sightings
from crm_sync.ports.chain import Chain
from crm_sync.ports.feeds import Changes, Feeds
from crm_sync.ports.log import Exported, Run, RunReport
from crm_sync.ports.merges import Merged, Merges
from crm_sync.ports.search import Search
from crm_sync.ports.store import (
    Findings,
    HistoryEntry,
    Journal,
    Marks,
    Operation,
    Past,
    Records,
    Store,
    Touched,
)
from crm_sync.ports.workbook import Clock, Outline, SheetOutline, Workbook, Workbooks

__all__ = [
    "Backups",
    "Bases",
    "Binding",
    "Chain",
    "Changes",
    "Clock",
    "Exported",
    "Feeds",
    "Findings",
    "HistoryEntry",
    "Journal",
    "Marks",
    "Merged",
    "Merges",
    "OpenConflict",
    "OpenProblem",
    "Operation",
    "Outline",
    "Past",
    "Records",
    "Run",
    "RunReport",
    "Search",
    "SheetOutline",
    "Sightings",
    "Store",
    "Touched",
    "Workbook",
    "Workbooks",
]
