"""Nothing large happens by accident: a tab over a limit is left alone, with the numbers and the
command that goes ahead; the other tabs go on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from crm_sync.core.findings import Stop
from crm_sync.core.grid import column_letter
from crm_sync.services.result import RunResult
from crm_sync.sheet_server.faults import StaffAction
from tests.scenarios.office import Office, office_after

CLIENTS = 20
WRITE = {"method": "POST", "path": r"spreadsheets/[^/:]+:batchUpdate$"}


def begin(opened: Office) -> None:
    """Twenty clients and one contact, in agreement on both sides."""
    opened.sync()
    tab = opened.tab("Clients")
    rows = [
        ["", "", "", f"Client {n:02}", "", f"+791200000{n:02}", "", "", "", "", "Perm"]
        for n in range(1, CLIENTS + 1)
    ]
    tab.sheet.update(rows, "A2", value_input_option="RAW")
    opened.tab("Contacts").append(
        Client="Client 20", When="2026-03-10", Reason="Cold call", Summary="first"
    )
    opened.sync()
    assert opened.disagreements() == []


@pytest.fixture
def office() -> Iterator[Office]:
    """The office after that."""
    with office_after(begin) as opened:
        yield opened


def stop_of(result: RunResult) -> Stop:
    (stop,) = result.stops
    return stop


def live(office: Office) -> int:
    return int(office.sql("select count(*) from clients where archived_at is null")[0][0])


def batch(office: Office, *requests: dict[str, Any]) -> StaffAction:
    path = f"/v4/spreadsheets/{office.staff.id}:batchUpdate"
    return StaffAction("POST", path, {"requests": list(requests)})


def settle(office: Office) -> None:
    for _ in range(2):
        office.sync()
    assert office.disagreements() == []
    _, requests = office.counted_sync()
    assert [method for method, _ in requests] == ["GET"]


def test_five_deleted_rows_are_archived(office: Office) -> None:
    office.tab("Clients").sheet.delete_rows(2, 6)
    settle(office)
    assert live(office) == CLIENTS - 5


def test_six_deleted_rows_stop_the_tab_and_no_other(office: Office) -> None:
    office.tab("Clients").sheet.delete_rows(2, 7)
    office.tab("Clients").put(2, "City", "Tver")
    office.tab("Contacts").put(2, "Summary", "second")
    before = office.tab("Clients").grid

    result = office.sync()

    stop = stop_of(result)
    assert (result.outcome, stop.code, stop.allow) == (
        "stopped",
        "E-MANY-DELETES",
        "clients:delete:6",
    )
    assert (stop.params["count"], stop.params["known"]) == ("6", "20")
    assert live(office) == CLIENTS
    assert office.sql("select count(*) from clients where city = 'Tver'") == [(0,)]
    assert office.tab("Clients").grid == before
    assert office.sql("select summary from contacts") == [("second",)]


def test_stop_is_told_in_the_workbook_until_it_ends(office: Office) -> None:
    kept = office.tab("Clients").grid[1:7]
    office.tab("Clients").sheet.delete_rows(2, 7)
    office.sync()
    (told,) = office.tab("Problems").rows()
    assert (told["Tab"], told["Severity"], told["Code"]) == (
        "Clients",
        "the tab waits",
        "E-MANY-DELETES",
    )
    assert "crm-sync sync --allow clients:delete:6" in told["What to do"]
    _, requests = office.counted_sync()
    assert "POST" not in {method for method, path in requests if path.endswith(":batchUpdate")}

    office.tab("Clients").sheet.update(kept, "A40", value_input_option="RAW")
    office.sync()
    (told,) = office.tab("Problems").grid[1:]
    assert told == ["No problems: every cell was understood."]


def test_tab_without_a_column_is_told_and_no_longer_once_it_is_back(office: Office) -> None:
    sheet = office.tab("Clients").sheet
    place = office.tab("Clients").column("Name")
    names = sheet.col_values(place)
    sheet.delete_columns(place)
    office.sync()
    (told,) = office.tab("Problems").rows()
    assert (told["Tab"], told["Code"]) == ("Clients", "E-HEADER")
    sheet.insert_cols([["Name"]], place)
    office.sync()
    (told,) = office.tab("Problems").grid[1:]
    assert told == ["No problems: every cell was understood."]
    assert sheet.col_values(place) == names
    settle(office)


def test_stop_lasts_until_it_is_allowed_by_its_number(office: Office) -> None:
    office.tab("Clients").sheet.delete_rows(2, 7)
    for allow in ((), ("clients:delete:5",), ("contacts:delete:6",), ("clients:city:6",)):
        assert stop_of(office.sync(allow=allow)).code == "E-MANY-DELETES"
    assert live(office) == CLIENTS

    assert office.sync(allow=("clients:delete:6",)).stops == ()

    assert live(office) == CLIENTS - 6
    settle(office)


def test_stop_ends_when_the_rows_come_back(office: Office) -> None:
    kept = office.tab("Clients").grid[1:7]
    office.tab("Clients").sheet.delete_rows(2, 7)
    assert office.sync().stops
    office.tab("Clients").sheet.update(kept, "A40", value_input_option="RAW")
    settle(office)
    assert live(office) == CLIENTS


def test_six_records_deleted_in_the_store_do_not_take_their_rows_out_unasked(
    office: Office,
) -> None:
    office.sql("update clients set archived_at = '2026-01-01' where full_name <= 'Client 06'")
    stop = stop_of(office.sync())
    assert (stop.code, stop.allow) == ("E-MANY-DELETES", "clients:delete:6")
    assert len(office.tab("Clients").rows()) == CLIENTS

    office.sync(allow=(stop.allow,))

    assert len(office.tab("Clients").rows()) == CLIENTS - 6
    settle(office)


@pytest.mark.parametrize(("count", "stops"), [(10, False), (11, True)])
def test_one_column_changed_in_the_sheet_beyond_the_limit_stops(
    office: Office, count: int, stops: bool
) -> None:
    tab = office.tab("Clients")
    tab.sheet.update([["Omsk"]] * count, f"K2:K{count + 1}")

    result = office.sync()

    assert bool(result.stops) is stops
    changed = office.sql("select count(*) from clients where city = 'Omsk'")
    assert changed == [(0 if stops else count,)]
    if stops:
        stop = stop_of(result)
        assert (stop.code, stop.allow) == ("E-MANY-CHANGES", f"clients:city:{count}")
        office.sync(allow=(stop.allow,))
    settle(office)
    assert office.sql("select count(*) from clients where city = 'Omsk'") == [(count,)]


@pytest.mark.parametrize(("count", "stops"), [(10, False), (11, True)])
def test_one_column_changed_in_the_store_beyond_the_limit_stops(
    office: Office, count: int, stops: bool
) -> None:
    office.sql(f"update clients set city = 'Omsk' where full_name <= 'Client {count:02}'")

    result = office.sync()

    assert bool(result.stops) is stops
    cities = [row["City"] for row in office.tab("Clients").rows()]
    assert cities.count("Omsk") == (0 if stops else count)
    if stops:
        office.sync(allow=(stop_of(result).allow,))
    settle(office)


def test_new_rows_are_no_change_of_many(office: Office) -> None:
    rows = [["", "", "", f"New {n}", "", f"+79130000{n:03}"] for n in range(200)]
    office.tab("Clients").sheet.update(rows, "A22", value_input_option="RAW")
    settle(office)
    assert live(office) == CLIENTS + 200


def test_emptied_tab_is_never_read_as_all_rows_deleted(office: Office) -> None:
    grid = office.tab("Clients").grid
    office.tab("Clients").sheet.batch_clear(["A2:Z30"])

    stop = stop_of(office.sync())

    assert (stop.code, stop.params["known"]) == ("E-EMPTY", "20")
    assert live(office) == CLIENTS
    office.tab("Clients").sheet.update(grid[1:], "A2", value_input_option="RAW")
    settle(office)
    assert live(office) == CLIENTS


def test_tab_that_waits_makes_no_run_write_what_stands_there(office: Office) -> None:
    office.tab("Contacts").type(2, "When", "some day")
    sheet = office.tab("Clients").sheet
    sheet.batch_clear([f"A2:X{CLIENTS + 1}"])
    for _ in range(2):
        assert stop_of(office.sync()).code == "E-EMPTY"
    _, requests = office.counted_sync()
    assert [path for _, path in requests if path.endswith(":batchUpdate")] == []
    _, shown = office.tab("Problems").rows()
    assert shown["Typed"] == "some day"


def test_emptied_tab_goes_ahead_when_its_number_is_allowed(office: Office) -> None:
    office.tab("Clients").sheet.batch_clear(["A2:Z30"])
    stop = stop_of(office.sync())
    assert stop.allow == "clients:delete:20"

    office.sync(allow=(stop.allow,))

    assert live(office) == 0
    assert [office.sync().outcome for _ in range(2)][1] == "unchanged"


def test_emptied_tab_whose_records_changed_meanwhile_goes_ahead_by_the_one_number(
    office: Office,
) -> None:
    office.sql("update clients set city = 'Omsk' where full_name in ('Client 01', 'Client 02')")
    office.tab("Clients").sheet.batch_clear(["A2:Z30"])
    stop = stop_of(office.sync())

    assert office.sync(allow=(stop.allow,)).stops == ()

    assert live(office) == 2
    assert len(office.app.store.findings.conflicts()) == 2


def test_all_limits_are_told_at_once_and_one_command_passes_them(office: Office) -> None:
    sheet = office.tab("Clients").sheet
    sheet.delete_rows(2, 7)
    for heading in ("Address", "Note"):
        column = column_letter(office.tab("Clients").column(heading) - 1)
        cells = [[f"{heading} of {n}"] for n in range(CLIENTS - 6)]
        sheet.update(cells, f"{column}2", value_input_option="RAW")
    stop = stop_of(office.sync())
    assert stop.params["allow"].split(" --allow ") == [
        "clients:delete:6",
        "clients:address:14",
        "clients:note:14",
    ]
    codes = stop.code, *(each.code for each in stop.beside)
    assert codes == ("E-MANY-DELETES", "E-MANY-CHANGES", "E-MANY-CHANGES")
    one_more = stop_of(office.sync(allow=("clients:note:14",)))
    assert one_more.params["allow"].split(" --allow ") == [
        "clients:note:14",
        "clients:delete:6",
        "clients:address:14",
    ]

    assert office.sync(allow=tuple(stop.params["allow"].split(" --allow "))).stops == ()


def test_only_row_of_a_tab_can_be_deleted(office: Office) -> None:
    office.tab("Contacts").sheet.delete_rows(2)
    stop = stop_of(office.sync())
    assert (stop.code, stop.allow) == ("E-EMPTY", "contacts:delete:1")

    office.sync(allow=(stop.allow,))

    assert office.sql("select count(*) from contacts where archived_at is null") == [(0,)]
    settle(office)


def test_tab_without_even_its_headings_is_never_read_as_all_rows_deleted(office: Office) -> None:
    grid = office.tab("Clients").grid
    office.tab("Clients").sheet.clear()
    assert stop_of(office.sync()).code == "E-EMPTY"
    assert live(office) == CLIENTS

    office.staff.worksheet("Clients").update(grid, "A1", value_input_option="RAW")
    settle(office)
    assert live(office) == CLIENTS


def test_deleted_tab_stops_and_is_made_anew_when_that_is_allowed(office: Office) -> None:
    office.staff.del_worksheet(office.staff.worksheet("Clients"))
    office.tab("Contacts").put(2, "Summary", "second")

    stop = stop_of(office.sync())
    assert (stop.code, stop.allow) == ("E-TAB-GONE", "clients:new-tab")
    assert live(office) == CLIENTS
    assert office.sql("select summary from contacts") == [("second",)]

    office.sync(allow=(stop.allow,))

    assert len(office.tab("Clients").rows()) == CLIENTS
    settle(office)


def test_renamed_tab_is_the_same_tab(office: Office) -> None:
    office.staff.worksheet("Clients").update_title("Our people")
    office.sync()
    assert office.sync().outcome == "unchanged"
    office.staff.worksheet("Our people").update([["Omsk"]], "K2")
    office.sync()
    assert office.sql("select count(*) from clients where city = 'Omsk'") == [(1,)]


@pytest.mark.parametrize("title", ["_crm_journal", "Problems", "Follow-ups"])
def test_tab_of_ours_that_staff_delete_is_made_anew(office: Office, title: str) -> None:
    sheet = next(item for item in office.staff.worksheets() if item.title == title)
    office.staff.del_worksheet(sheet)
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 05'")
    settle(office)
    assert [row["City"] for row in office.tab("Clients").rows()].count("Omsk") == 1
    assert title in [item.title for item in office.staff.worksheets()]


def without_labels(office: Office) -> None:
    """Takes the labels off that would tell a renamed column."""
    key = {"developerMetadataLookup": {"metadataKey": "crm-sync.field"}}
    request = {"deleteDeveloperMetadata": {"dataFilter": key}}
    office.staff.batch_update({"requests": [request]})


@pytest.mark.parametrize("heading", ["Nаme", ""])
def test_required_heading_that_is_gone_stops_its_tab(office: Office, heading: str) -> None:
    without_labels(office)
    tab = office.tab("Clients")
    tab.put(1, "Name", heading)
    office.tab("Contacts").put(2, "Summary", "second")

    assert stop_of(office.sync()).code == "E-HEADER"
    assert office.sql("select summary from contacts") == [("second",)]

    tab.put(1, "Name", "  name\u00a0")
    settle(office)


def test_required_heading_that_stands_twice_stops_its_tab(office: Office) -> None:
    tab = office.tab("Clients")
    tab.put(1, "Address", "Name")
    stop = stop_of(office.sync())
    assert (stop.code, stop.params["letters"]) == ("E-HEADER-DUP", "D, J")
    tab.put(1, "Address", "Address")
    settle(office)


def test_other_heading_that_stands_twice_is_told_until_one_is_gone(office: Office) -> None:
    tab = office.tab("Clients")
    tab.put(1, "Address", "City")
    tab.put(3, "City", "Omsk")
    office.sql("update clients set city = 'Tver' where full_name = 'Client 01'")
    office.sync()
    office.sync()
    _, requests = office.counted_sync()
    assert [method for method, _ in requests] == ["GET"]
    (found,) = office.app.store.findings.problems("main")
    assert found.problem.params == {"heading": "City", "letters": "J, K"}
    assert office.sql("select count(*) from clients where city = 'Omsk'") == [(0,)]

    office.tab("Clients").sheet.update_acell("J1", "Address")
    settle(office)
    assert office.app.store.findings.problems("main") == ()
    assert office.sql("select count(*) from clients where city = 'Omsk'") == [(1,)]
    assert office.tab("Clients").rows()[0]["City"] == "Tver"


def test_other_heading_that_is_gone_keeps_the_values_of_the_store(office: Office) -> None:
    without_labels(office)
    tab = office.tab("Clients")
    tab.put(1, "City", "Where")
    tab.put(3, "Phone", "+79190000000")
    settle(office)
    assert office.sql("select count(*) from clients where city = 'Perm'") == [(CLIENTS,)]
    assert office.sql("select count(*) from clients where phone = '+79190000000'") == [(1,)]

    tab.put(1, "City", "City")
    tab.put(3, "City", "Omsk")
    settle(office)
    assert office.sql("select count(*) from clients where city = 'Omsk'") == [(1,)]


def test_what_a_write_hit_is_put_right_though_a_limit_stops_the_tab(office: Office) -> None:
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 15'")
    tab = office.tab("Clients")
    rows = {"sheetId": tab.sheet.id, "dimension": "ROWS", "startIndex": 1, "endIndex": 7}
    office.server.before(batch(office, {"deleteDimension": {"range": rows}}), **WRITE)

    stop = stop_of(office.sync())

    assert stop.allow == "clients:delete:6"
    cities = {row["Name"]: row["City"] for row in office.tab("Clients").rows()}
    assert set(cities.values()) == {"Perm"}
    office.sync(allow=(stop.allow,))
    settle(office)
    cities = {row["Name"]: row["City"] for row in office.tab("Clients").rows()}
    assert [name for name, city in cities.items() if city == "Omsk"] == ["Client 15"]


def test_what_a_write_hit_is_put_right_when_the_tab_can_be_read_again(office: Office) -> None:
    without_labels(office)
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 15'")
    tab = office.tab("Clients")
    rows = {"sheetId": tab.sheet.id, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    heading = {"sheetId": tab.sheet.id, "rowIndex": 0, "columnIndex": 3}
    blank = {"values": [{}]}
    office.server.before(
        batch(
            office,
            {"insertDimension": {"range": rows}},
            {"updateCells": {"start": heading, "rows": [blank], "fields": "userEnteredValue"}},
        ),
        **WRITE,
    )
    assert stop_of(office.sync()).code == "E-HEADER"
    office.tab("Contacts").put(2, "Summary", "second")
    assert stop_of(office.sync()).code == "E-HEADER"
    assert office.sql("select summary from contacts") == [("second",)]

    tab.put(1, "Name", "Name")
    settle(office)

    cities = {row["Name"]: row["City"] for row in office.tab("Clients").rows()}
    assert cities == {f"Client {n:02}": "Perm" for n in range(1, 21)} | {"Client 15": "Omsk"}
