"""What the Problems and Conflicts tabs are made of, and how they name tabs, columns and times."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Final, Protocol

from crm_sync.core.findings import Conflict, Problem
from crm_sync.core.grid import Shown, cell_name
from crm_sync.core.schema import Column, Kind, Tab
from crm_sync.core.values import N_, Scalar, cell_text
from crm_sync.reports import cells
from crm_sync.reports.cells import Say, Show

_MOMENT = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?:[ T](?P<time>\d\d:\d\d)(?::\d\d)?)?"
)


class SeenProblem(Protocol):
    """A problem with the runs that saw it. Times are UTC, ISO 8601. Someone `accepted` it as it
    stands.
    """

    @property
    def id(self) -> int: ...
    @property
    def accepted(self) -> bool: ...
    @property
    def problem(self) -> Problem: ...
    @property
    def first_seen(self) -> str: ...
    @property
    def last_seen(self) -> str: ...
    @property
    def times(self) -> int: ...


class WaitingConflict(Protocol):
    """A conflict that waits for a decision. Times are UTC, ISO 8601."""

    @property
    def id(self) -> int: ...
    @property
    def conflict(self) -> Conflict: ...
    @property
    def opened_at(self) -> str: ...
    @property
    def ours_by(self) -> str: ...
    @property
    def ours_at(self) -> str: ...


SOURCES = {
    "sheet": N_("workbook {name}"),
    "import": N_("import {name}"),
    "cli": N_("crm-sync"),
    "sql": N_("another program"),
    "defaults": N_("first statuses"),
}
"""Where a change came from, by the first word of its source: "sheet:office" is a workbook."""


def _nobody(table: str, record_id: str) -> str:
    return ""


_SUMS: Final = frozenset({"amount", "paid"})


@dataclass(frozen=True)
class Reader:
    """For whom a grid of findings is made: the tabs of the workbook by table, its words, its
    time zone, and the names of records (`name("clients", "C-000001")` is "" for an unknown one).
    `sheets` are the sheet ids of the tabs, for links; `owner` tells whose a record is. `titles` and
    `headings` name generated tabs and what staff fill in them, by tab and name.
    """

    tabs: Mapping[str, Tab]
    say: Say
    show: Show
    zone: tzinfo
    name: Callable[[str, str], str]
    sheets: Mapping[str, int] = field(default_factory=dict)
    owner: Callable[[str, str], str] = _nobody
    titles: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def tab(self, table: str) -> str:
        """The title of the table's tab."""
        return self.tabs[table].title if table in self.tabs else self.titles.get(table, table)

    def heading(self, table: str, field: str) -> str:
        """The heading of the field's column, the field's own name for one without a column."""
        column = self._column(table, field)
        return column.heading if column else self.headings.get((table, field), field)

    def value(self, table: str, field: str, value: Scalar) -> Shown:
        """A field's value as it would stand in its column."""
        column = self._column(table, field)
        kind = column.field.kind if column else Kind.TEXT
        if value is None or column is None:
            return cells.shown(value, kind)
        return cells.shown(self.show(table, field, value), kind)

    def text(self, table: str, field: str, value: Scalar) -> str:
        """The same in a sentence, "" for an empty one."""
        column = self._column(table, field)
        if column is not None and column.field.kind in (Kind.DATE, Kind.DATETIME):
            return self.day(str(value or ""))
        return cell_text(self.value(table, field, value).value)

    def day(self, text: str) -> str:
        """A canonical date or moment as the reader's language writes it; other texts stay."""
        match = _MOMENT.fullmatch(text)
        if match is None:
            return text
        date = self.say(N_("{year}-{month}-{day}"), **match.groupdict())
        return f"{date} {match['time']}" if match["time"] else date

    def sentence(self, template: str, params: Mapping[str, str]) -> str:
        """A finding's template with its facts, dates and sums among them as people write them."""
        facts = {
            name: cells.spoken(value, self.say) if name in _SUMS else self.day(value)
            for name, value in params.items()
        }
        return self.say(template, **facts) if template else ""

    def source(self, source: str) -> str:
        """Where a change came from, or who made it."""
        kind, _, name = source.partition(":")
        template = SOURCES.get(kind)
        return self.say(template, name=name) if template else source

    def record(self, table: str, record_id: str) -> Shown:
        """A record as people call it: "Ivanova Anna (C-000123)"."""
        name = self.name(table, record_id) if record_id else ""
        return cells.text(f"{name} ({record_id})" if name else record_id)

    def time(self, stamp: str) -> Shown:
        """A UTC time as the local one, to the minute."""
        if not stamp:
            return cells.BLANK
        at = datetime.fromisoformat(stamp)
        local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(self.zone)
        return cells.clock_time(local.replace(second=0, microsecond=0))

    def _column(self, table: str, field: str) -> Column | None:
        tab = self.tabs.get(table)
        return tab.by_field.get(field) if tab else None


def place(row: int | None, column: int | None, sheet_id: int | None = None) -> Shown:
    """A cell as people write it, a bare row number when no column is to blame; with the sheet's id
    a click leads there.
    """
    if row is None:
        return cells.BLANK
    shown = cells.text(cell_name(row, column) if column is not None else str(row + 1))
    if sheet_id is None:
        return shown
    cell = cell_name(row, column) if column is not None else f"{row + 1}:{row + 1}"
    return replace(shown, link=f"#gid={sheet_id}&range={cell}")
