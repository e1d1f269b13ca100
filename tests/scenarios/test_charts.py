"""Charts on the generated tabs: there once, kept as staff like them, following their cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.scenarios.office import Office, office_after
from tests.scenarios.test_answers import Noon

SALES = (("2025-03-10", 100), ("2026-02-11", 150), ("2026-03-05", 70))


def begin(opened: Office) -> None:
    """A customer with three sales."""
    opened.app = replace(opened.app, clock=Noon())
    opened.sql("insert into clients (id, full_name, phone) values ('C-9', 'Anna', '+79120000001')")
    for number, (day, amount) in enumerate(SALES):
        sell(opened, f"A-9{number}", day, amount)
    opened.sync()


@pytest.fixture
def office() -> Iterator[Office]:
    """The office after that."""
    with office_after(begin) as opened:
        opened.app = replace(opened.app, clock=Noon())
        yield opened


def sell(office: Office, key: str, day: str, amount: int) -> None:
    office.sql(
        "insert into agreements (id, client, subject, status, amount, agreed_at, fulfilled_at)"
        " values (?, 'C-9', 'Tea', 'fulfilled', ?, ?, ?)",
        key,
        str(amount),
        day,
        day,
    )


def charts(office: Office) -> dict[str, dict[str, Any]]:
    """The charts of the workbook by tab and title; each once."""
    found = {}
    fields = "sheets(properties.title,charts)"
    for sheet in office.staff.fetch_sheet_metadata({"fields": fields})["sheets"]:
        for chart in sheet.get("charts", ()):
            key = f"{sheet['properties']['title']}: {chart['spec']['title']}"
            assert key not in found
            found[key] = chart
    return found


def test_charts_are_drawn_once_and_follow_their_cells(office: Office) -> None:
    first = charts(office)
    sums = first["Comparison: Sum of sales, RUB"]
    assert sums["spec"]["basicChart"]["chartType"] == "BAR"
    assert len(sums["spec"]["basicChart"]["series"]) == 3
    assert "Summary: Sum by month" in first

    sell(office, "A-95", "2026-03-11", 30)
    office.sync()

    assert charts(office).keys() == first.keys()
    assert office.counted_sync()[0].outcome == "unchanged"


def test_chart_that_staff_moved_stays_and_one_that_they_deleted_stays_away(office: Office) -> None:
    before = charts(office)
    moved, gone = before["Summary: Sum by month"], before["Comparison: Sum of sales, RUB"]
    anchor = moved["position"]["overlayPosition"]["anchorCell"]
    place = {"anchorCell": {**anchor, "rowIndex": 60, "columnIndex": 3}}
    move = {
        "objectId": moved["chartId"],
        "newPosition": {"overlayPosition": place},
        "fields": "anchorCell",
    }
    office.staff.batch_update(
        {
            "requests": [
                {"updateEmbeddedObjectPosition": move},
                {"deleteEmbeddedObject": {"objectId": gone["chartId"]}},
            ]
        }
    )

    sell(office, "A-95", "2026-01-11", 30)
    office.sync()

    after = charts(office)
    found = after["Summary: Sum by month"]["position"]["overlayPosition"]["anchorCell"]
    assert (found["rowIndex"], found["columnIndex"]) == (60, 3)
    assert "Comparison: Sum of sales, RUB" not in after
