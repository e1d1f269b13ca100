"""The reports of a workbook that a run leaves as they stand, and what it notes of them for the
next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crm_sync.core.batch import GeneratedTab
from crm_sync.core.grid import TabRead
from crm_sync.core.prints import BLANK, foreseen
from crm_sync.core.seeing import Seen
from crm_sync.ports import Binding, Touched
from crm_sync.reports.entries import OPEN_TYPES
from crm_sync.reports.names import REPORTS, tab_of
from crm_sync.reports.needs import Concerned, standing, told_of
from crm_sync.reports.parameters import Question
from crm_sync.reports.report import Report
from crm_sync.services.application import Application
from crm_sync.services.nearby import NearWorld
from crm_sync.services.reading import Reading
from crm_sync.services.world import World

_SEEN = "report:"
"""Before the name of a report's tab among what a workbook showed."""

_TELLS_PROBLEMS = frozenset({"kpi"})
"""The reports that count problems."""


def standing_reports(
    app: Application,
    binding: Binding,
    reading: Reading,
    world: World,
    question: Question,
    *,
    is_news: bool,
) -> frozenset[str]:
    """The tabs of reports that cannot differ from what stands there: what any program changed
    since the last run is nothing that the report goes by, and nobody has edited its tab. With
    `is_news` problems have come or gone.
    """
    if binding.sequence is None or not reading.parts or not isinstance(world, NearWorld):
        return frozenset()
    last = last_reports(app, binding.workbook)
    untouched = {
        name
        for name in REPORTS
        if not (is_news and name in _TELLS_PROBLEMS)
        and _SEEN + tab_of(name) in last
        and last[_SEEN + tab_of(name)].prints == _prints(reading.reads.get(tab_of(name)))
    }
    changes = app.store.records.touched(binding.sequence)
    touched = changes.get("clients", {})
    clients = {client: touched[client] for client in told_of(touched)}
    changes = {**changes, "clients": clients}
    concerned = Concerned(
        alone=world.alone(clients) if clients else frozenset(),
        open=_open_clients(world, clients),
        named={name: set(last[_SEEN + tab_of(name)].ids) for name in untouched},
    )
    return frozenset(map(tab_of, untouched & standing(changes, concerned, question)))


def _open_clients(world: World, changes: Mapping[str, Touched]) -> frozenset[str]:
    """Those who are open, or were at any time since the last run."""
    types = world.book().status_types("client")
    records = world.records["clients"]

    def statuses(client: str) -> Iterator[str]:
        if client in records:
            yield str(records[client].values.get("status"))
        yield from map(str, changes[client].get("status", ()))

    return frozenset(
        client
        for client in changes
        if any(types.get(status) in OPEN_TYPES for status in statuses(client))
    )


def last_reports(app: Application, workbook: str) -> dict[str, Seen]:
    """The tabs of reports as an earlier run left them."""
    last = app.store.sightings.last(workbook)
    known = {_SEEN + name for name in map(tab_of, REPORTS) if name in app.titles}
    return {name: seen for name, seen in last.items() if name in known}


def reports_seen(
    app: Application,
    workbook: str,
    reading: Reading,
    reports: Mapping[str, Report],
    tabs: Sequence[GeneratedTab],
) -> dict[str, Seen]:
    """The tabs of reports as the next run is to find them: `reports` are those that were made,
    `tabs` are written anew, all others stay as they were.
    """
    written = {item.sheet_id for item in tabs}
    found = last_reports(app, workbook)
    for name, report in reports.items():
        found.pop(_SEEN + name, None)
        prints = _prints(reading.reads.get(name))
        if reading.attached.sheets[name] in written:
            rows = [foreseen([cell.value for cell in row]) for row in report.grid.rows]
            while rows and rows[-1] == BLANK:
                rows.pop()
            prints = b"".join(rows)
        if prints is not None:
            named = (report.clients.get(row, "") for row in range(len(report.grid.rows)))
            found[_SEEN + name] = Seen(prints, "\n".join(named), 0, 0)
    return found


def _prints(read: TabRead | None) -> bytes | None:
    """The prints of a tab that was read, None if they do not tell all of it."""
    return read.prints if read is not None and (read.prints or not read.rows) else None
