"""Cells that somebody protected against our account hold nothing up but themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from crm_sync.core.locked import LOCKED
from crm_sync.services.erase import erase, look
from crm_sync.sheet_server.faults import StaffAction
from tests.scenarios.office import Office, office_after
from tests.scenarios.test_marks import looks

BOSS = "boss@example.com"


def begin(opened: Office) -> None:
    """Two clients in agreement, in a workbook that belongs to the boss."""
    opened.sync()
    tab = opened.tab("Clients")
    for number in (1, 2):
        tab.append(Name=f"Client {number}", Phone=f"+7912000000{number}", City="Perm")
    opened.sync()
    url = f"https://www.googleapis.com/drive/v3/files/{opened.staff.id}/permissions"
    body = {"type": "user", "role": "owner", "emailAddress": BOSS}
    given = {"transferOwnership": "true"}
    opened.staff.client.request("post", url, params=given, json=body)


@pytest.fixture
def office() -> Iterator[Office]:
    """The office after that."""
    with office_after(begin) as opened:
        yield opened


def boss(office: Office, **request: Any) -> dict[str, Any]:
    path = f"/v4/spreadsheets/{office.staff.id}:batchUpdate"
    done = office.server.act(StaffAction("POST", path, {"requests": [request]}, email=BOSS))
    return dict(done["replies"][0])


def protect(office: Office, title: str, **span: int) -> int:
    sheet = office.tab(title).sheet
    held = {"range": {"sheetId": sheet.id, **span}, "editors": {"users": [BOSS]}}
    made = boss(office, addProtectedRange={"protectedRange": held})
    return int(made["addProtectedRange"]["protectedRange"]["protectedRangeId"])


def column(office: Office, heading: str, title: str = "Clients") -> dict[str, int]:
    index = office.tab(title).column(heading)
    return {"startColumnIndex": index - 1, "endColumnIndex": index}


def told(office: Office) -> list[tuple[str, str, str]]:
    found = [item.problem for item in office.app.store.findings.problems("main")]
    return [(p.table, p.field, p.params["cells"]) for p in found if p.code == LOCKED]


def test_value_for_a_protected_cell_waits_and_all_others_are_written(office: Office) -> None:
    span = {"startRowIndex": 1, "endRowIndex": 2}
    lock = protect(office, "Clients", **span, **column(office, "City"))
    office.sql("update clients set city = 'Omsk', note = 'a'")

    assert office.sync().outcome == "synced"

    rows = office.tab("Clients").rows()
    assert [(row["City"], row["Note"]) for row in rows] == [("Perm", "a"), ("Omsk", "a")]
    ((table, field, cells),) = told(office)
    assert (table, field) == ("clients", "city")
    assert cells.startswith("Clients!")
    (line,) = [row for row in office.tab("Problems").rows() if isinstance(row["No."], int)]
    assert any("protected against" in str(cell) and cells in str(cell) for cell in line.values())

    office.tab("Clients").type(3, "Note", "b")
    office.sync()
    assert office.sql("select note from clients order by full_name") == [("a",), ("b",)]
    assert len(told(office)) == 1

    boss(office, deleteProtectedRange={"protectedRangeId": lock})
    office.sync()
    assert [row["City"] for row in office.tab("Clients").rows()] == ["Omsk", "Omsk"]
    assert told(office) == []
    assert office.disagreements() == []


def test_mark_for_a_protected_cell_holds_no_value_up(office: Office) -> None:
    office.tab("Clients").put(2, "Phone", "12")
    lock = protect(office, "Clients", **column(office, "Phone"))
    office.sql("update clients set city = 'Omsk'")

    office.sync()

    assert [row["City"] for row in office.tab("Clients").rows()] == ["Omsk", "Omsk"]
    assert told(office) == []
    assert looks(office) == {}
    boss(office, deleteProtectedRange={"protectedRangeId": lock})
    office.sync()
    assert [heading for _, heading in looks(office)] == ["Phone"]


def test_new_client_in_a_tab_that_is_protected_whole_is_taken_once(office: Office) -> None:
    office.tab("Clients").append(Name="Client 3", Phone="+79120000003")
    lock = protect(office, "Clients")
    office.sql("insert into clients (full_name, phone) values ('Client 4', '+79120000004')")
    for _ in range(3):
        office.sync()
        names = office.sql("select full_name from clients order by full_name")
        assert [name for (name,) in names] == [f"Client {number}" for number in range(1, 5)]
    assert {cells for _, _, cells in told(office)} == {"Clients"}

    boss(office, deleteProtectedRange={"protectedRangeId": lock})
    office.sync()
    office.sync()
    assert len(office.tab("Clients").rows()) == 4
    assert told(office) == []
    assert office.disagreements() == []


def test_row_that_is_to_go_waits_while_one_of_its_cells_is_protected(office: Office) -> None:
    lock = protect(office, "Clients", **column(office, "City"))
    office.sql("update clients set archived_at = '2026-01-01T00:00:00Z' where phone like '%1'")
    office.sync()
    assert len(office.tab("Clients").rows()) == 2
    assert len(told(office)) == 1
    boss(office, deleteProtectedRange={"protectedRangeId": lock})
    office.sync()
    assert [row["Name"] for row in office.tab("Clients").rows()] == ["Client 2"]


def test_problem_names_the_cell_of_an_answer_in_a_list_that_is_protected(office: Office) -> None:
    tab = office.tab("Follow-ups")
    row = next(row["#"] for row in tab.rows() if row["Client"] == "Client 2")
    tab.put(row, "✎ Next date", "on Tuesday")
    protect(office, "Follow-ups")
    office.sql("update clients set do_not_contact = 1 where full_name = 'Client 1'")

    office.sync()

    found = [item.problem for item in office.app.store.findings.problems("main")]
    (problem,) = [item for item in found if item.table == "followups"]
    assert office.tab("Follow-ups").grid[problem.row or 0][problem.column or 0] == "on Tuesday"


def test_answer_in_a_list_that_is_protected_is_taken_once(office: Office) -> None:
    tab = office.tab("Follow-ups")
    row = next(row["#"] for row in tab.rows() if row["Client"] == "Client 2")
    tab.type(row, "✎ Done", "TRUE")
    protect(office, "Follow-ups")

    for city in ("Omsk", "Tver"):
        office.tab("Clients").put(2, "City", city)
        office.sync()

    assert office.sql("select count(*) from contacts") == [(1,)]


def test_tab_of_ours_that_is_protected_is_left_and_named(office: Office) -> None:
    protect(office, "Problems")
    office.tab("Clients").put(2, "Phone", "12")
    office.sql("update clients set city = 'Omsk'")
    result = office.sync()
    assert [notice.params["tab"] for notice in result.notices] == ["Problems"]
    assert [row["City"] for row in office.tab("Clients").rows()] == ["Omsk", "Omsk"]


def test_row_of_somebody_erased_that_is_protected_is_told_until_it_is_gone(office: Office) -> None:
    lock = protect(office, "Clients", startRowIndex=1, endRowIndex=2)
    (name, *_) = [row["Name"] for row in office.tab("Clients").rows()]

    erased = erase(office.app, look(office.app, name), by="test", now=True)

    assert [workbook for workbook, _ in erased.failed] == ["main"]
    assert erased.remains.workbooks == ("main",)
    assert name in [row["Name"] for row in office.tab("Clients").rows()]
    boss(office, deleteProtectedRange={"protectedRangeId": lock})
    office.sync()
    assert name not in [row["Name"] for row in office.tab("Clients").rows()]
    assert office.app.store.erasing.standing() == ()


def test_protected_text_about_somebody_erased_never_flows_back(office: Office) -> None:
    tab = office.tab("Contacts")
    tab.append(Client="Client 1", When="2026-03-10", Reason="Cold call", Summary="first said")
    office.sync()
    lock = protect(office, "Contacts", **column(office, "Summary", "Contacts"))

    erased = erase(office.app, look(office.app, "Client 1"), by="test", now=True)

    assert [workbook for workbook, _ in erased.failed] == ["main"]
    for _ in range(2):
        office.sync()
        assert office.sql("select summary from contacts") == [(None,)]
        assert [row["Summary"] for row in office.tab("Contacts").rows()] == ["first said"]
    boss(office, deleteProtectedRange={"protectedRangeId": lock})
    office.sync()
    assert [row["Summary"] for row in office.tab("Contacts").rows()] == [""]
    assert office.sql("select summary from contacts") == [(None,)]
    assert office.app.store.erasing.standing() == ()
