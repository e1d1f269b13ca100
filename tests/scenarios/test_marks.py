"""Marks in the staff's own cells, over real HTTP: they say what is wrong, and leave no trace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from crm_sync.core.grid import column_letter
from crm_sync.core.marks import COLOURS, SIGN, MarkKind
from crm_sync.sheet_server.faults import StaffAction
from tests.scenarios.office import Office, Tab, office_after, with_clients

RED, BLUE, YELLOW = (COLOURS[kind] for kind in MarkKind)
GREEN = {"red": 0.0, "green": 1.0, "blue": 0.0}
LOOK = "sheets(properties.title,data.rowData.values(note,userEnteredFormat.backgroundColor))"


@pytest.fixture
def office() -> Iterator[Office]:
    """Three clients, in agreement on both sides."""
    with office_after(with_clients(3)) as opened:
        yield opened


def looks(office: Office, title: str = "Clients") -> dict[tuple[int, str], tuple[str, str]]:
    """(row number, heading) -> note and colour, of cells below the headings that have either."""
    book = office.staff
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}"
    answer = book.client.request("get", url, params={"includeGridData": "true", "fields": LOOK})
    headings = office.tab(title).headings
    found = {}
    for sheet in answer.json()["sheets"]:
        if sheet["properties"]["title"] != title:
            continue
        for number, row in enumerate(sheet["data"][0].get("rowData", []), start=1):
            for column, cell in enumerate(row.get("values", [])):
                note = cell.get("note", "")
                colour = _hex(cell.get("userEnteredFormat", {}).get("backgroundColor"))
                if number > 1 and (note or colour):
                    found[number, headings[column]] = (note, colour)
    return found


def _hex(rgb: dict[str, float] | None) -> str:
    if rgb is None:
        return ""
    return "#" + "".join(f"{round(rgb.get(n, 0) * 255):02x}" for n in ("red", "green", "blue"))


def batch(office: Office, *requests: dict[str, Any]) -> None:
    path = f"/v4/spreadsheets/{office.staff.id}:batchUpdate"
    office.server.act(StaffAction("POST", path, {"requests": list(requests)}))


def cell(tab: Tab, row: int, heading: str) -> dict[str, int]:
    column = tab.column(heading) - 1
    return {
        "sheetId": tab.sheet.id,
        "startRowIndex": row - 1,
        "endRowIndex": row,
        "startColumnIndex": column,
        "endColumnIndex": column + 1,
    }


def dress(office: Office, tab: Tab, row: int, heading: str, fields: str, **data: Any) -> None:
    """Staff give a cell a note or a colour."""
    batch(
        office,
        {"repeatCell": {"range": cell(tab, row, heading), "cell": data, "fields": fields}},
    )


def is_quiet(office: Office) -> bool:
    """A run without edits reads no cell and writes nothing."""
    result, requests = office.counted_sync()
    return (result.outcome, [method for method, _ in requests]) == ("unchanged", ["GET"])


def test_rejected_cell_is_red_and_says_what_to_type(office: Office) -> None:
    office.tab("Clients").type(2, "Phone", "8 912 34")

    office.sync()

    ((place, (note, colour)),) = looks(office).items()
    assert (place, colour) == ((2, "Phone"), RED)
    assert note.startswith(SIGN)
    for said in ("8 912 34", "like +7 912 345-67-89", "The store keeps “+7 912 000-00-01”."):
        assert said in note
    assert is_quiet(office)


def test_cell_of_a_row_that_comes_from_the_store_is_marked_once_the_row_stands(
    office: Office,
) -> None:
    office.sql(
        "insert into clients (full_name, phone, kind, status)"
        " values ('From the store', 'ask', 'customer', 'cold')"
    )
    office.sync()
    office.sync()

    ((_, heading),) = looks(office)
    assert heading == "Phone"
    assert is_quiet(office)


def test_mended_cell_gets_the_staffs_note_and_colour_back(office: Office) -> None:
    tab = office.tab("Clients")
    dress(office, tab, 2, "Phone", "note", note="calls only after 10")
    green = {"backgroundColor": GREEN}
    dress(office, tab, 2, "Phone", "userEnteredFormat.backgroundColor", userEnteredFormat=green)
    before = looks(office)
    tab.type(2, "Phone", "8 912 34")
    office.sync()
    note, colour = looks(office)[2, "Phone"]
    assert note.startswith("calls only after 10\n⚠ crm-sync")
    assert colour == RED

    tab.type(2, "Phone", "8 912 345-67-89")
    office.sync()

    assert looks(office) == before
    assert office.app.store.marks.all("main") == ()
    assert is_quiet(office)


def test_what_staff_did_to_a_marked_cell_stays(office: Office) -> None:
    tab = office.tab("Clients")
    tab.type(2, "Phone", "8 912 34")
    office.sync()
    note, _ = looks(office)[2, "Phone"]
    dress(office, tab, 2, "Phone", "note", note=f"asked him\n{note} he will call")
    green = {"backgroundColor": GREEN}
    dress(office, tab, 2, "Phone", "userEnteredFormat.backgroundColor", userEnteredFormat=green)
    tab.type(2, "Phone", "8 912 345")
    office.sync()
    note, colour = looks(office)[2, "Phone"]
    assert note.startswith("asked him\nhe will call\n⚠")
    assert "8 912 345" in note
    assert colour == "#00ff00"

    tab.type(2, "Phone", "8 912 345-67-89")
    office.sync()

    assert looks(office) == {(2, "Phone"): ("asked him\nhe will call", "#00ff00")}


def test_mark_that_staff_took_off_stays_off_until_the_finding_is_another(office: Office) -> None:
    tab = office.tab("Clients")
    tab.type(2, "Phone", "8 912 34")
    office.sync()
    fields = "note,userEnteredFormat.backgroundColor"
    dress(office, tab, 2, "Phone", fields)
    tab.type(2, "City", "Omsk")
    office.sync()
    assert looks(office) == {}

    tab.type(2, "Phone", "8 912 3")
    office.sync()

    assert looks(office)[2, "Phone"][1] == RED


def test_cell_that_was_accepted_is_marked_as_soon_as_it_says_something_else(office: Office) -> None:
    tab = office.tab("Clients")
    tab.type(2, "Phone", "8 912 34")
    office.sync()
    (found,) = office.app.store.findings.problems("main")
    office.app.store.findings.accept_problem(found.id)
    tab.type(2, "City", "Omsk")
    office.sync()
    assert looks(office) == {}

    tab.type(2, "Phone", "8 912 3")
    office.sync()

    assert looks(office)[2, "Phone"][1] == RED


def test_marks_follow_their_rows_and_go_wherever_they_stand(office: Office) -> None:
    tab = office.tab("Clients")
    tab.type(2, "Phone", "8 912 34")
    office.sync()
    span = {"sheetId": tab.sheet.id, "startRowIndex": 1, "endRowIndex": 4}
    order = [{"dimensionIndex": tab.column("Name") - 1, "sortOrder": "DESCENDING"}]
    batch(office, {"sortRange": {"range": span, "sortSpecs": order}})
    assert set(looks(office)) == {(4, "Phone")}
    office.sync()
    assert set(looks(office)) == {(4, "Phone")}

    tab.type(4, "Phone", "8 912 345-67-89")
    office.sync()

    assert looks(office) == {}


def test_copied_row_keeps_only_the_marks_that_are_its_own(office: Office) -> None:
    tab = office.tab("Clients")
    tab.type(2, "Phone", "8 912 34")
    office.sync()
    whole = {"sheetId": tab.sheet.id, "startRowIndex": 1, "endRowIndex": 2}
    copy = {"sheetId": tab.sheet.id, "startRowIndex": 4, "endRowIndex": 5}
    batch(
        office, {"copyPaste": {"source": whole, "destination": copy, "pasteType": "PASTE_NORMAL"}}
    )
    tab.type(5, "Phone", "8 912 000-00-09")
    office.sync()

    assert {place: colour for place, (_, colour) in looks(office).items()} == {
        (2, "ID"): RED,
        (5, "ID"): RED,
    }

    tab.type(5, "ID", "")
    office.sync()
    assert {place: colour for place, (_, colour) in looks(office).items()} == {(2, "Phone"): RED}
    assert {row["Phone"] for row in office.tab("Clients").rows() if row["#"] in (2, 5)} == {
        "8 912 34",
        "8 912 000-00-09",
    }


def test_row_emptied_or_deleted_leaves_no_mark(office: Office) -> None:
    tab = office.tab("Clients")
    tab.type(2, "Phone", "8 912 34")
    tab.type(3, "Phone", "8 912 35")
    office.sync()
    tab.sheet.batch_clear(["A2:Z2"])
    delete = {"sheetId": tab.sheet.id, "dimension": "ROWS", "startIndex": 2, "endIndex": 3}
    batch(office, {"deleteDimension": {"range": delete}})

    office.sync()

    assert looks(office) == {}
    assert office.app.store.marks.all("main") == ()


def test_half_typed_row_is_marked_once_it_has_waited(office: Office) -> None:
    tab = office.tab("Contacts")
    row = tab.append(Client="Client 1", Summary="asks for a price")
    office.sync()
    assert looks(office, "Contacts") == {}
    office.tab("Clients").type(2, "City", "Omsk")
    office.sync()

    ((place, (note, colour)),) = looks(office, "Contacts").items()
    assert (place, colour) == ((row, "When"), YELLOW)
    assert "must be filled" in note

    office.tab("Contacts").type(row, "When", "3/13/2026 14:05")
    office.tab("Contacts").type(row, "Reason", "Offer")
    office.sync()
    assert looks(office, "Contacts") == {}


def test_conflict_is_blue_and_names_all_three_values(office: Office) -> None:
    office.tab("Clients").type(2, "City", "Omsk")
    office.sql("update clients set city = 'Tver' where full_name = 'Client 1'")

    office.sync()

    note, colour = looks(office)[2, "City"]
    assert colour == BLUE
    assert all(city in note for city in ("Perm", "Tver", "Omsk", "“Conflicts”"))
    office.tab("Clients").type(2, "City", "Tver")
    office.sync()
    assert looks(office) == {}


def test_rows_moved_under_a_mark_bear_none_in_the_end(office: Office) -> None:
    tab = office.tab("Clients")
    tab.type(2, "Phone", "8 912 34")
    insert = {"sheetId": tab.sheet.id, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    path = f"/v4/spreadsheets/{office.staff.id}:batchUpdate"
    action = StaffAction("POST", path, {"requests": [{"insertDimension": {"range": insert}}]})
    office.server.before(action, method="POST", path=r"spreadsheets/[^/:]+:batchUpdate$")

    office.sync()

    assert {place: colour for place, (_, colour) in looks(office).items()} == {(3, "Phone"): RED}


def test_lists_name_the_cells_where_they_stand_once_the_rows_that_go_are_gone(
    office: Office,
) -> None:
    office.tab("Clients").type(4, "Phone", "ask Anna")
    office.tab("Clients").type(3, "City", "Omsk")
    office.sql("update clients set city = 'Tver' where full_name = 'Client 2'")
    office.sql("update clients set archived_at = '2026-03-01' where full_name = 'Client 1'")
    office.sync()
    tab = office.tab("Clients")
    rows = {row["Name"]: row["#"] for row in tab.rows()}
    for title, heading, name in (
        ("Problems", "Phone", "Client 3"),
        ("Conflicts", "City", "Client 2"),
    ):
        (line,) = office.tab(title).rows()
        assert line["Cell"] == f"{column_letter(tab.column(heading) - 1)}{rows[name]}"
    assert is_quiet(office)
