"""Rows known without their ids: these stayed behind when staff moved the cells, or were not written
before a run died.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm_sync.errors import Unreachable
from crm_sync.sheet_server.faults import FaultKind
from tests.scenarios.office import Office, office_after, with_clients

WRITE = {"method": "POST", "path": r"spreadsheets/[^/:]+:batchUpdate$"}


@pytest.fixture
def office() -> Iterator[Office]:
    """Four clients, in agreement on both sides."""
    with office_after(with_clients(4)) as opened:
        yield opened


def cut_and_paste(office: Office, row: int, to: int) -> None:
    """Cuts all cells of a row but its id; rows as in the sheet, 1 is the heading row."""
    tab = office.tab("Clients")
    first = tab.column("ID")
    source = {
        "sheetId": tab.sheet.id,
        "startRowIndex": row - 1,
        "endRowIndex": row,
        "startColumnIndex": first,
        "endColumnIndex": len(tab.headings),
    }
    there = {"sheetId": tab.sheet.id, "rowIndex": to - 1, "columnIndex": first}
    paste = {"source": source, "destination": there, "pasteType": "PASTE_NORMAL"}
    office.staff.batch_update({"requests": [{"cutPaste": paste}]})


@pytest.mark.parametrize("edited", [False, True])
def test_cells_that_were_cut_and_pasted_without_their_id_are_the_same_record(
    office: Office, edited: bool
) -> None:
    before = office.sql("select id, full_name from clients")
    cut_and_paste(office, 3, 9)
    if edited:
        office.tab("Clients").type(9, "City", "Omsk")

    office.sync()

    assert office.sql("select id, full_name from clients where archived_at is null") == before
    rows = {row["#"]: row["ID"] for row in office.tab("Clients").rows()}
    assert rows == {2: before[0][0], 4: before[2][0], 5: before[3][0], 9: before[1][0]}
    assert office.disagreements() == []
    _, requests = office.counted_sync()
    assert [method for method, _ in requests] == ["GET"]


def test_many_new_rows_of_a_run_that_died_stop_nothing(office: Office) -> None:
    names = [f"Client {number}" for number in range(5, 17)]
    rows = [["", "", "", name, "", f"+7912000{number:04}"] for number, name in enumerate(names, 5)]
    office.tab("Clients").sheet.append_rows(rows, value_input_option="RAW")
    for name in names:
        office.tab("Contacts").append(Client=name, When="2026-03-10", Reason="Cold call")
    first = office.tab("Clients").rows()[0]["ID"]
    named = {"Client": f"client 1 ({first})", "When": "2026-03-10", "Reason": "Cold call"}
    office.tab("Contacts").append(**named)
    office.server.fault(FaultKind.CUT, **WRITE)
    with pytest.raises(Unreachable):
        office.sync()

    result = office.sync()

    assert result.stops == ()
    assert office.disagreements() == []
    assert {row["Status"] for row in office.tab("Clients").rows()[4:]} == {"Cold"}
    shown = [str(row["Client"]).split(" (C-")[0] for row in office.tab("Contacts").rows()]
    assert shown == [*names, "Client 1"]


def test_new_row_with_a_bad_cell_is_known_again_after_a_run_that_died(office: Office) -> None:
    office.tab("Contacts").append(
        Client="Client 1", When="3/10/2026", Reason="Cold call", Summary="hello", Next_at="soon"
    )
    office.server.fault(FaultKind.CUT, **WRITE)
    with pytest.raises(Unreachable):
        office.sync()
    made = office.sql("select id, summary from contacts")
    assert len(made) == 1

    result = office.sync()

    assert office.sql("select id, summary from contacts") == made
    assert [row["ID"] for row in office.tab("Contacts").rows()] == [made[0][0]]
    assert [item.problem.field for item in result.problems] == ["next_step_at"]


def test_first_row_of_a_tab_is_added_though_the_run_that_was_to_add_it_died(office: Office) -> None:
    office.sql("insert into contacts (client, summary) select id, 'hello' from clients limit 1")
    office.server.fault(FaultKind.CUT, **WRITE)
    with pytest.raises(Unreachable):
        office.sync()

    assert office.sync().stops == ()

    assert [row["Summary"] for row in office.tab("Contacts").rows()] == ["hello"]
    assert office.sql("select archived_at from contacts") == [(None,)]
    assert office.disagreements() == []
