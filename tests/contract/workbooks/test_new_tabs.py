"""Tabs made from the templates, as a person finds them in the workbook."""

from contextlib import closing
from typing import Any

import pytest

from crm_sync.core.batch import Batch, NewTab, Put, SheetBatch
from crm_sync.core.schema import FilledBy, Kind, Tab
from crm_sync.model.tables import TABLES
from crm_sync.sheet_server.server import SheetServer
from crm_sync.templates import load_tabs
from tests.contract.sheet_server.local_client import Http
from tests.contract.workbooks.conftest import JOURNAL, OWNER_TOKEN, Office


def grid(office: Office, fields: str) -> list[dict[str, Any]]:
    with closing(Http(office.server.url, OWNER_TOKEN)) as owner:
        answer = owner.json(
            "GET",
            f"/v4/spreadsheets/{office.workbook.spreadsheet_id}",
            params={"fields": f"sheets({fields})"},
        )
    sheets: list[dict[str, Any]] = answer["sheets"]
    return sheets


def make(office: Office, tabs: tuple[Tab, ...]) -> None:
    new = tuple(
        NewTab(100 + number, f"{tab.title} 2", tab, 50, len(tab.columns))
        for number, tab in enumerate(tabs)
    )
    office.workbook.swap(Batch("layout", JOURNAL, new_tabs=new))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_tabs_of_the_templates_are_made_in_one_write(office: Office, language: str) -> None:
    tabs = load_tabs(language, TABLES)
    assert office.asked(lambda: make(office, tabs)) == [("POST", "ID:batchUpdate")]
    found = office.workbook.read([100 + number for number in range(len(tabs))])
    for number, tab in enumerate(tabs):
        read = found[100 + number]
        assert read.rows == (tuple(column.heading for column in tab.columns),)
        assert (read.row_count, read.column_count) == (50, len(tab.columns))


def test_tab_looks_as_its_template_says(office: Office) -> None:
    (tab, *_) = load_tabs("ru", [table for table in TABLES if table.name == "clients"])
    make(office, (tab,))
    fields = (
        "properties(sheetId,gridProperties/frozenRowCount),protectedRanges(range,warningOnly),"
        "data(columnMetadata(pixelSize,hiddenByUser),"
        "rowData/values(note,dataValidation,userEnteredFormat(numberFormat,backgroundColor)))"
    )
    (sheet,) = [item for item in grid(office, fields) if item["properties"].get("sheetId") == 100]
    assert sheet["properties"]["gridProperties"]["frozenRowCount"] == 1
    data = sheet["data"][0]
    widths = [item["pixelSize"] for item in data["columnMetadata"]]
    assert widths == [column.width for column in tab.columns]
    headings, below = (data["rowData"][number]["values"] for number in (0, 20))
    assert [cell.get("note", "") for cell in headings] == [column.note for column in tab.columns]
    for column, cell in zip(tab.columns, below, strict=False):
        shown = cell.get("userEnteredFormat", {}).get("numberFormat", {}).get("pattern")
        assert shown == column.pattern
        offered = (column.dropdown and bool(column.labels)) or column.field.kind is Kind.BOOLEAN
        assert ("dataValidation" in cell) == offered
    covered = {
        index
        for item in sheet["protectedRanges"]
        for index in range(item["range"]["startColumnIndex"], item["range"]["endColumnIndex"])
    }
    ours = [
        index
        for index, column in enumerate(tab.columns)
        if column.field.filled_by is not FilledBy.STAFF
    ]
    assert sorted(covered) == ours
    assert all(item["warningOnly"] for item in sheet["protectedRanges"])


def test_protected_columns_let_us_write(office: Office, server: SheetServer) -> None:
    (tab, *_) = load_tabs("en", [table for table in TABLES if table.name == "clients"])
    make(office, (tab,))
    office.workbook.swap(Batch("a", JOURNAL, (SheetBatch(100, 50, 1, puts=(Put(1, 0, "C-1"),)),)))
    assert office.workbook.read([100])[100].rows[1] == ("C-1",)
