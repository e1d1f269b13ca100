"""Keeps the charts on the generated tabs: drawn once, drawn anew when their cells move, and left as
staff like them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from crm_sync.core.batch import GeneratedTab
from crm_sync.core.drawing import Drawing, Hung, differing, drawings, hang, sheet_in
from crm_sync.core.records import Base
from crm_sync.ports import Workbook
from crm_sync.reports.report import Report
from crm_sync.services.application import Application
from crm_sync.services.reading import Reading

_TABLE = "charts"
_LOOKS, _PLACE = "looks", "place"


@dataclass(frozen=True)
class Charting:
    """What a write draws, and all charts as it leaves them; None: nothing is to be remembered. The
    `standing` ones, by id, are left as they are.
    """

    drawings: tuple[Drawing, ...] = ()
    wanted: tuple[Hung, ...] | None = None
    standing: frozenset[int] = frozenset()


NO_CHARTS = Charting()


def plan_charts(
    app: Application,
    workbook: Workbook,
    name: str,
    reading: Reading,
    written: tuple[GeneratedTab, ...],
    reports: Mapping[str, Report],
) -> Charting:
    """The drawings that the reports ask for; charts of tabs whose reports were not made stay as
    they are. Which charts are there is asked only if any of them has changed since it was drawn.
    Errors of `Workbook.outline`.
    """
    wanted = tuple(
        hung
        for tab, report in reports.items()
        for hung in _hung(tab, report, reading, {each.sheet_id for each in written})
    )
    drawn = {
        int(number): (str(base.values.get(_LOOKS)), str(base.values.get(_PLACE)))
        for number, base in app.store.bases.all(name, _TABLE).items()
    }
    tabs = {reading.attached.sheets[tab] for tab in app.titles if tab not in reports}
    standing = {number for number, (looks, _) in drawn.items() if sheet_in(looks) in tabs}
    known = {number: told for number, told in drawn.items() if number not in standing}
    if not differing(wanted, known):
        return NO_CHARTS
    made = {new.sheet_id for new in reading.attached.new_tabs}
    is_new = not known and made.issuperset(each.sheet_id for each in wanted)
    there = frozenset(() if is_new else workbook.outline().charts)
    return Charting(drawings(wanted, known, there), wanted, frozenset(standing))


def settle_charts(app: Application, name: str, charting: Charting) -> None:
    """Remembers the charts as they were drawn. Call it within the transaction that moves the
    bases.
    """
    if charting.wanted is None:
        return
    bases = app.store.bases
    drawn = {
        str(each.chart_id): Base(str(each.chart_id), {_LOOKS: each.looks, _PLACE: each.place})
        for each in charting.wanted
    }
    known = bases.all(name, _TABLE).keys() - set(map(str, charting.standing))
    bases.drop(name, _TABLE, sorted(known - drawn.keys()))
    bases.put(name, _TABLE, drawn)


def _hung(tab: str, report: Report, reading: Reading, written: set[int]) -> tuple[Hung, ...]:
    sheet_id = reading.attached.sheets[tab]
    found = hang(tab, sheet_id, report.charts, report.grid)
    read = reading.reads.get(tab)
    if sheet_id in written or read is None:
        return found
    # The tab itself is not written, so it does not grow: its charts stay within its edges.
    return tuple(
        replace(
            each,
            chart=replace(
                each.chart,
                row=min(each.chart.row, max(read.row_count - 1, 0)),
                column=min(each.chart.column, max(read.column_count - 1, 0)),
            ),
        )
        for each in found
    )
