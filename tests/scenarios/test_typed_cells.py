"""The corpus once more, typed into a workbook over HTTP as people type: Sheets makes of it what it
makes, and the store takes it right or leaves what it had, with a problem that says what to do.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import gspread
import pytest

from crm_sync.core.limits import Limits
from crm_sync.services.sync import sync
from tests.scenarios.office import Office, open_office
from tests.typed_cells import TypedCell, typed_cells
from tests.unit.store.builders import folder_in_memory

COLUMNS = {
    *("clients.phone", "clients.email", "clients.tax_id", "clients.city", "clients.do_not_contact"),
    *("clients.touch_every_days", "clients.kind", "clients.is_company", "clients.note"),
    *("agreements.due_date", "agreements.amount", "agreements.currency", "agreements.quantity"),
    *("contacts.contact_at", "contacts.channel"),
}
MADE_BY_SHEETS = {
    *("31.12", "31 декабря", "декабрь 2026", "12/31", "Dec-26", "1e5"),
    *("$500", "500 $", "€ 500", "€500"),
    *("1e2", "30,000", "1,000", "50,", "5.", "46387", "31/12", "12/2026", "12.2026"),
    *("13 мар 14:05", "31-дек-26", "31 дек 26", "1-Feb-26", "1,2345", "3/13/2026 0:05 PM"),
}
"""Sheets itself makes a date or a number of these, and shows it to the one who typed it."""

_ALL = 250
"""Cells of a locale that are typed all: those of the first section."""

PREFIXES = {"clients": "C", "agreements": "A", "contacts": "K"}


def cells_of(locale: str) -> list[TypedCell]:
    """What can be typed: not what only another program puts into a cell. Of the many that are typed
    in haste each third.
    """
    cells = [item for item in typed_cells() if item.locale == locale]
    return [
        item
        for position, item in enumerate(cells)
        if (position < _ALL or not position % 3)
        and item.column in COLUMNS
        and item.typed.strip()
        and isinstance(item.cell, str)
        and not item.typed.startswith(("=", "#"))
        and item.typed not in MADE_BY_SHEETS
    ]


def base_rows(office: Office, counts: dict[str, int]) -> None:
    """As many rows of each tab as there are cells to be typed."""
    app = office.app
    titles = {name: app.tab(name).title for name in counts}

    def put(name: str, rows: list[dict[str, Any]]) -> None:
        headings = {c.field.name: c.heading for c in app.tab(name).columns}
        tab = office.tab(titles[name])
        named = [{headings[key]: value for key, value in row.items()} for row in rows]
        grid = [[row.get(heading, "") for heading in tab.headings] for row in named]
        tab.sheet.update(grid, "A2", value_input_option="RAW")

    put(
        "clients",
        [{"full_name": f"Client no {i}", "messenger": "tg:@a"} for i in range(counts["clients"])],
    )
    client = "Client no 0"
    put(
        "agreements",
        [
            {"client": client, "subject": f"Deal {i}", "agreed_at": 46000, "next_call_at": 46400}
            for i in range(counts["agreements"])
        ],
    )
    put(
        "contacts",
        [
            {"client": client, "contact_at": 46000 + i, "reason": "offer"}
            for i in range(counts["contacts"])
        ],
    )


@pytest.mark.parametrize(("language", "locale"), [("ru", "ru_RU"), ("en", "en_US")])
def test_what_people_type_is_taken_right_or_refused(language: str, locale: str) -> None:
    with folder_in_memory() as folder, open_office(folder, language) as office:
        region = {"ru": "RU", "en": "US"}[language]
        app = replace(office.app, region=region, limits=Limits(10**6, 1.0, 10**6, 1.0))
        sync(app, "main")
        by_table: dict[str, list[TypedCell]] = defaultdict(list)
        for item in cells_of(locale):
            by_table[item.column.partition(".")[0]].append(item)
        assert sum(map(len, by_table.values())) >= {"ru_RU": 200, "en_US": 60}[locale]
        base_rows(office, {name: len(by_table[name]) for name in PREFIXES})
        sync(app, "main")
        for name, items in by_table.items():
            tab = office.tab(app.tab(name).title)
            headings = {c.field.name: c.heading for c in app.tab(name).columns}
            tab.sheet.batch_update(
                [
                    {
                        "range": gspread.utils.rowcol_to_a1(
                            row, tab.column(headings[item.column.partition(".")[2]])
                        ),
                        "values": [[item.typed]],
                    }
                    for row, item in enumerate(items, 2)
                ],
                value_input_option="USER_ENTERED",
            )
        sync(app, "main")

        problems = {
            (found.problem.table, found.problem.row, found.problem.field): app_says(found.problem)
            for found in app.store.findings.problems("main")
            if found.problem.code != "V10"
        }
        wrong = []
        for name, items in by_table.items():
            ids = [row[0] for row in office.tab(app.tab(name).title).grid[1:]]
            for row, item in enumerate(items):
                field = item.column.partition(".")[2]
                ((stored,),) = office.sql(f"select {field} from {name} where id = ?", ids[row])
                told = problems.get((name, row + 1, field))
                if told is None and str(stored if stored is not None else "") != item.value:
                    wrong.append((str(item), item.typed, stored, item.value or item.words))
                if told is not None and item.outcome == "=":
                    wrong.append((str(item), item.typed, told, item.value))
        assert not wrong, "\n".join(map(str, wrong))


def app_says(problem: Any) -> str:
    from crm_sync.messages import Messages

    say = Messages("en").text
    assert problem.remedy
    return f"{say(problem.message, **problem.params)} {say(problem.remedy, **problem.params)}"
