"""Every sentence of the Workbook protocol on looking: probe, outline, read."""

from typing import Any

import pytest

from crm_sync.core.batch import JOURNAL_TITLE
from crm_sync.core.grid import TabRead
from crm_sync.errors import ShapeError, WorkbookGone
from crm_sync.ports import Outline, SheetOutline, Workbook, Workbooks
from crm_sync.sheet_server.faults import FaultKind, StaffAction
from crm_sync.workbooks import GoogleWorkbooks
from tests.contract.workbooks.conftest import JOURNAL, Office, typed

READ = ("POST", "values:batchGetByDataFilter")


def test_adapter_is_what_the_services_ask_for(office: Office, workbooks: GoogleWorkbooks) -> None:
    # mypy checks the shapes here.
    workbook: Workbook = office.workbook
    port: Workbooks = workbooks
    assert port.open("office", workbook.spreadsheet_id).spreadsheet_id == workbook.spreadsheet_id


def test_opening_asks_nothing_of_the_network(office: Office, workbooks: GoogleWorkbooks) -> None:
    asked = office.asked(lambda: workbooks.open("office", "no-such-id"))
    assert asked == []


def test_address_is_where_the_server_shows_the_workbook(office: Office) -> None:
    url = f"{office.server.url}/spreadsheets/d/{office.workbook.spreadsheet_id}/edit"
    assert office.workbook.address == url


def test_version_grows_with_every_change_by_anyone(office: Office) -> None:
    first = office.workbook.probe()
    office.staff.update_acell("B2", "Anya")
    second = office.workbook.probe()
    office.swap(puts=())
    third = office.workbook.probe()
    assert first < second < third
    assert office.workbook.probe() == third


def test_probe_is_one_request_that_reads_no_cells(office: Office) -> None:
    assert office.asked(office.workbook.probe) == [("GET", "ID")]


def test_outline_is_one_request_with_sizes_locale_and_zone(office: Office) -> None:
    found: list[Outline] = []
    asked = office.asked(lambda: found.append(office.workbook.outline()))
    assert asked == [("GET", "ID")]
    assert found == [
        Outline(
            office.workbook.spreadsheet_id,
            "Office",
            "ru_RU",
            "Europe/Moscow",
            (SheetOutline(0, "Clients", 20, 4), SheetOutline(JOURNAL, JOURNAL_TITLE, 1, 4)),
        )
    ]


def test_tabs_without_formulas_are_read_in_one_request(office: Office) -> None:
    found: dict[int, TabRead] = {}
    asked = office.asked(lambda: found.update(office.workbook.read([0, JOURNAL])))
    assert asked == [READ]
    assert found[0] == TabRead(
        0,
        "Clients",
        20,
        4,
        (
            ("ID", "Name", "Phone", "Sum"),
            ("C-1", "Anna", "+79160000001", 100),
            ("C-2", "Boris", "+79160000002", 200.5),
            ("C-3", "Vera", "+79160000003", 300),
        ),
    )
    assert found[JOURNAL].rows == (("setup",),)


def test_dates_are_serial_days_and_booleans_are_booleans(office: Office) -> None:
    office.staff.update([["31.12.2026", True]], "A6", value_input_option="USER_ENTERED")
    assert office.rows()[5] == (46387, True)


def test_renamed_and_moved_tab_is_read_all_the_same(office: Office) -> None:
    office.staff.update_title("Our 'best' clients!")
    tab = office.workbook.read([0])[0]
    assert (tab.title, tab.row_count, len(tab.rows)) == ("Our 'best' clients!", 20, 4)


def test_text_that_begins_with_an_equals_sign_stays_text_at_the_price_of_a_second_request(
    office: Office,
) -> None:
    office.staff.update([["=1+1", "=x"]], "B6", value_input_option="RAW")
    found: dict[int, TabRead] = {}
    assert office.asked(lambda: found.update(office.workbook.read([0, JOURNAL]))) == [READ, READ]
    assert found[0].rows[5] == (None, "=1+1", "=x")
    assert found[0].formulas == {}


def test_formula_is_read_by_its_value_and_its_text_is_told(office: Office) -> None:
    office.staff.update([["=D2*2", "=1/0"]], "C6", value_input_option="USER_ENTERED")
    tab = office.workbook.read([0])[0]
    assert tab.rows[5] == (None, None, 200, "#DIV/0!")
    assert tab.formulas == {(5, 2): "=D2*2", (5, 3): "=1/0"}


def test_cells_that_a_formula_fills_are_marked_like_it(office: Office) -> None:
    office.staff.update([["=ARRAYFORMULA(D2:D4*2)"]], "D6", value_input_option="USER_ENTERED")
    found: dict[int, TabRead] = {}
    asked = office.asked(lambda: found.update(office.workbook.read([0, JOURNAL])))
    assert asked == [READ, ("POST", "ID:getByDataFilter")]
    tab = found[0]
    assert [row[3] for row in tab.rows[5:]] == [200, 401, 600]
    assert tab.formulas == {(5, 3): "=ARRAYFORMULA(D2:D4*2)", (6, 3): "", (7, 3): ""}


def test_second_reading_asks_only_for_tabs_with_doubtful_cells(office: Office) -> None:
    office.staff.update([["=x"]], "B6", value_input_option="RAW")
    tabs = office.workbook.read([0, JOURNAL])
    assert set(tabs) == {0, JOURNAL}
    assert tabs[JOURNAL].rows == (("setup",),)


def edit(office: Office, value: str) -> StaffAction:
    path = f"/v4/spreadsheets/{office.workbook.spreadsheet_id}:batchUpdate"
    return StaffAction("POST", path, {"requests": [typed(1, 1, value)]})


def test_edit_between_the_two_readings_makes_us_read_again(office: Office) -> None:
    office.staff.update([["=x"]], "B6", value_input_option="RAW")
    office.server.before(edit(office, "Anya"), path="batchGetByDataFilter$", nth=2)
    found: dict[int, TabRead] = {}
    assert office.asked(lambda: found.update(office.workbook.read([0]))) == [READ] * 4
    assert found[0].rows[1][1] == "Anya"


def test_tab_that_never_rests_is_read_in_one_heavier_request(office: Office) -> None:
    office.staff.update([["=x", "=1/0", "=D2*2"]], "B6", value_input_option="USER_ENTERED")
    office.staff.update([["=text", True]], "B7", value_input_option="RAW")
    for number in (2, 4):
        action = edit(office, f"Anna {number}")
        office.server.before(action, path="batchGetByDataFilter$", nth=number)
    found: dict[int, TabRead] = {}
    asked = office.asked(lambda: found.update(office.workbook.read([0])))
    assert asked == [READ] * 4 + [("POST", "ID:getByDataFilter")]
    assert found == office.workbook.read([0])
    assert found[0].rows[1][1] == "Anna 4"


def test_tab_that_is_gone_is_said_and_never_read_as_empty(office: Office) -> None:
    with pytest.raises(ShapeError, match="is not in the workbook"):
        office.workbook.read([0, 12345])


def test_reading_no_tabs_asks_nothing(office: Office) -> None:
    assert office.asked(lambda: office.workbook.read([])) == []


@pytest.mark.parametrize("kind", [FaultKind.TRASH, FaultKind.REVOKE])
def test_workbook_in_the_bin_or_not_shared_any_more_is_said(office: Office, kind: Any) -> None:
    office.server.fault(kind, path="/drive/v3/files/")
    with pytest.raises(WorkbookGone):
        office.workbook.probe()
