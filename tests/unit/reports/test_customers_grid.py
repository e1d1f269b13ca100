"""The list of the client base."""

from __future__ import annotations

from datetime import date

from crm_sync.reports.customers import client_base
from crm_sync.reports.customers_grid import customers_report
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from tests.unit.reports.build import golden, say


def test_long_list_ends_with_how_many_are_left_out_and_begins_with_whom_to_call() -> None:
    book = golden()
    base = client_base(book, History(sales_of(book), date(2026, 3, 15)))

    whole, short = customers_report(base, say), customers_report(base, say, most=1)

    names = [row[0].value for row in whole.grid.rows[-4:]]
    assert (sorted(map(str, names)), names[0]) == (["C1", "C2", "C3", "C4"], "C2")
    assert [row[0].value for row in short.grid.rows[-2:]] == [
        "C2",
        "… and 3 more; all of them: crm-sync report customers",
    ]
