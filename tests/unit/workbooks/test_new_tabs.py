"""A tab of records is made with all that its template says."""

from typing import Any

import pytest

from crm_sync.core.batch import NewTab
from crm_sync.core.schema import Column, Field, FilledBy, Kind, Tab, Table
from crm_sync.workbooks.new_tabs import new_tab_requests

ID = Field("id", Kind.ID, filled_by=FilledBy.SYSTEM)
NAME = Field("name")
KIND = Field("kind", Kind.CHOICE, choices=("buyer", "seller"))
DUE = Field("due", Kind.DATE)
LAST = Field("last", Kind.DATE, filled_by=FilledBy.ENGINE)
COUNT = Field("count", Kind.INTEGER, filled_by=FilledBy.ENGINE)
TAB = Tab(
    Table("things", "T", 6, "name", (NAME, KIND, DUE, LAST, COUNT)),
    "Things",
    (
        Column(ID, "ID", width=70, pattern="@", note="Given by crm-sync."),
        Column(NAME, "Name", width=200),
        Column(
            KIND,
            "Kind",
            labels={"seller": "Seller", "buyer": "Buyer"},
            width=120,
            dropdown=True,
        ),
        Column(DUE, "Due", pattern="yyyy-mm-dd", width=120),
        Column(LAST, "Last", pattern="yyyy-mm-dd", width=120),
        Column(COUNT, "Count", width=60, hidden=True),
    ),
)


@pytest.fixture
def made() -> list[dict[str, Any]]:
    return list(new_tab_requests(NewTab(5, "Things", TAB, 1000, 3), None, journal=False))


def of_kind(requests: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [request[kind] for request in requests if kind in request]


def test_sheet_has_its_id_a_frozen_heading_and_room_for_all_columns(
    made: list[dict[str, Any]],
) -> None:
    (add,) = of_kind(made, "addSheet")
    assert add["properties"] == {
        "sheetId": 5,
        "title": "Things",
        "hidden": False,
        "gridProperties": {"rowCount": 1000, "columnCount": 6, "frozenRowCount": 1},
    }


def test_blank_sheet_that_is_there_is_made_into_the_tab() -> None:
    new = NewTab(5, "Things", TAB, 1000, 26, exists=True)
    first, *rest = new_tab_requests(new, None, journal=False)
    assert first["updateSheetProperties"]["properties"]["sheetId"] == 5
    assert first["updateSheetProperties"]["fields"] == (
        "title,hidden,gridProperties(rowCount,columnCount,frozenRowCount)"
    )
    assert of_kind(rest, "updateCells")


def test_headings_show_by_colour_who_fills_the_column(made: list[dict[str, Any]]) -> None:
    (write,) = of_kind(made, "updateCells")
    (row,) = write["rows"]
    colours = [
        tuple(cell["userEnteredFormat"]["backgroundColor"].values()) for cell in row["values"]
    ]
    system, staff, engine = colours[0], colours[1], colours[4]
    assert colours == [system, staff, staff, staff, engine, engine]
    assert staff == (1, 1, 1)
    red, _, blue = system
    assert blue > red
    assert len({system, staff, engine}) == 3


def test_headings_are_bold_text_with_their_notes(made: list[dict[str, Any]]) -> None:
    (write,) = of_kind(made, "updateCells")
    first, second, *_ = write["rows"][0]["values"]
    assert first["userEnteredValue"] == {"stringValue": "ID"}
    assert first["userEnteredFormat"]["textFormat"] == {"bold": True}
    assert first["note"] == "Given by crm-sync."
    assert "note" not in second
    assert "note" in write["fields"]


def test_whole_columns_have_the_number_format_of_their_pattern(made: list[dict[str, Any]]) -> None:
    found = [
        (
            item["range"]["startColumnIndex"],
            item["range"]["endColumnIndex"],
            item["range"]["startRowIndex"],
            "endRowIndex" in item["range"],
            item["cell"]["userEnteredFormat"]["numberFormat"]["type"],
        )
        for item in of_kind(made, "repeatCell")
    ]
    assert found == [(0, 1, 1, False, "TEXT"), (3, 5, 1, False, "DATE")]


def test_widths_and_hidden_columns_are_set(made: list[dict[str, Any]]) -> None:
    found = [
        (item["range"]["startIndex"], item["range"]["endIndex"], item["properties"])
        for item in of_kind(made, "updateDimensionProperties")
    ]
    assert found == [
        (0, 1, {"pixelSize": 70}),
        (1, 2, {"pixelSize": 200}),
        (2, 5, {"pixelSize": 120}),
        (5, 6, {"pixelSize": 60}),
        (5, 6, {"hiddenByUser": True}),
    ]


def test_choice_offers_its_labels_in_order_and_lets_others_be_typed(
    made: list[dict[str, Any]],
) -> None:
    (item,) = of_kind(made, "setDataValidation")
    assert item["range"]["startColumnIndex"] == 2
    assert item["rule"] == {
        "condition": {
            "type": "ONE_OF_LIST",
            "values": [{"userEnteredValue": "Buyer"}, {"userEnteredValue": "Seller"}],
        },
        "strict": False,
        "showCustomUi": True,
    }


def test_columns_that_staff_do_not_fill_warn_before_an_edit(made: list[dict[str, Any]]) -> None:
    found = [item["protectedRange"] for item in of_kind(made, "addProtectedRange")]
    assert [
        (item["range"]["startColumnIndex"], item["range"]["endColumnIndex"], item["warningOnly"])
        for item in found
    ] == [(0, 1, True), (4, 6, True)]


def test_journal_is_hidden_and_locked() -> None:
    new = NewTab(9, "_crm_journal", hidden=True)
    add, lock = new_tab_requests(new, None, journal=True)
    assert add["addSheet"]["properties"]["hidden"] is True
    assert lock["addProtectedRange"]["protectedRange"] == {
        "protectedRangeId": 1,
        "range": {"sheetId": 9},
        "description": "crm-sync",
        "warningOnly": False,
    }
