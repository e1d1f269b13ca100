"""Small books of records for the tests of reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from crm_sync.core.columns import Columns
from crm_sync.core.records import Record
from crm_sync.core.values import Scalar
from crm_sync.reports import cells
from crm_sync.reports.book import Book
from crm_sync.reports.explain import worked_out
from crm_sync.reports.report import Report

Rows = dict[str, dict[str, Scalar]]

STATUSES: Rows = {
    "S-001": {"entity": "agreement", "key": "draft", "type": "open"},
    "S-002": {"entity": "agreement", "key": "in_progress", "type": "open"},
    "S-003": {"entity": "agreement", "key": "on_hold", "type": "on_hold"},
    "S-004": {"entity": "agreement", "key": "fulfilled", "type": "won"},
    "S-005": {"entity": "agreement", "key": "refund", "type": "won"},
    "S-006": {"entity": "agreement", "key": "declined", "type": "lost"},
    "S-007": {"entity": "contact", "key": "planned", "type": "open"},
    "S-008": {"entity": "contact", "key": "held", "type": "won"},
    "S-009": {"entity": "contact", "key": "no_answer", "type": "lost"},
    "S-010": {"entity": "contact", "key": "rescheduled", "type": "on_hold"},
}


def say(message: str, **params: object) -> str:
    """The message in English."""
    return message.format(**params)


def book(
    clients: Rows | None = None,
    agreements: Rows | None = None,
    contacts: Rows | None = None,
    archived: Iterable[str] = (),
    **others: Rows,
) -> Book:
    """A book in roubles. Clients default to one, "C1"; rows are values by id."""
    tables = {
        "clients": clients if clients is not None else {"C1": {"full_name": "Anna"}},
        "agreements": agreements or {},
        "contacts": contacts or {},
        "statuses": STATUSES,
        **others,
    }
    gone = set(archived)
    return Book(
        {
            name: {key: Record(key, values, archived=key in gone) for key, values in rows.items()}
            for name, rows in tables.items()
        },
        "RUB",
    )


def by_field(of: Book) -> Book:
    """The same book with its agreements read as columns."""
    records = of.records("agreements")
    names = {name for record in records.values() for name in record.values}
    columns = Columns(
        list(records),
        [record.archived for record in records.values()],
        {name: [each.values.get(name) for each in records.values()] for name in names},
    )
    return replace(of, tables={**of.tables, "agreements": columns})


def agreement(**values: Scalar) -> dict[str, Scalar]:
    """An open agreement with C1, agreed on 1 March 2026."""
    return {
        "client": "C1",
        "subject": "Tea",
        "status": "in_progress",
        "agreed_at": "2026-03-01",
        **values,
    }


def sale(client: str, day: str, amount: str | None, **values: Scalar) -> dict[str, Scalar]:
    """A won agreement in roubles."""
    return {
        "client": client,
        "subject": "Tea",
        "status": "fulfilled",
        "amount": amount,
        "currency": "RUB",
        "agreed_at": day,
        "fulfilled_at": day,
        **values,
    }


def contact(at: str, **values: Scalar) -> dict[str, Scalar]:
    """A contact held with C1."""
    return {"client": "C1", "contact_at": at, "status": "held", **values}


GOLDEN: Rows = {
    f"A{number}": sale(client, day, amount)
    for number, (client, day, amount) in enumerate(
        (
            ("C1", "2025-01-10", "1000"),
            ("C1", "2025-02-10", "1200"),
            ("C1", "2025-03-10", "800"),
            ("C1", "2026-01-12", "1500"),
            ("C1", "2026-02-11", "1500"),
            ("C1", "2026-03-13", "2000"),
            ("C2", "2025-03-20", "5000"),
            ("C2", "2025-12-20", "5000"),
            ("C3", "2026-03-05", "700"),
            ("C4", "2025-03-05", "400"),
        ),
        1,
    )
}
"""The sales of four clients of which every figure is known."""


def golden() -> Book:
    """A book of the golden sales."""
    clients: Rows = {f"C{number}": {"full_name": f"C{number}"} for number in range(1, 5)}
    return book(clients, GOLDEN)


def explained(report: Report) -> int:
    """How many numbers of the report are explained; each by records that make it to the cent."""
    for (row, column), trace in report.behind.items():
        found = trace.explain()
        assert worked_out(found) == found.value, (row, column)
        value = found.value
        ways = cells.money(value), cells.percent(value), cells.number(value), cells.number(value, 3)
        shown = report.grid.rows[row][column].value
        assert shown in [way.value for way in ways], (row, column, found)
    return len(report.behind)
