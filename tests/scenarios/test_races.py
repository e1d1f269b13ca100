"""Staff act in the very moment between our read and our write. Nothing of theirs may be lost, and
nothing of ours may end in another record's row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import pytest

from crm_sync.core.batch import PreImage
from crm_sync.core.plan import Op, StoreChange
from crm_sync.errors import Unreachable
from crm_sync.ports import Binding
from crm_sync.services.application import Application
from crm_sync.services.apply import Intent
from crm_sync.services.watching import Late, late_in
from crm_sync.sheet_server.faults import FaultKind, StaffAction
from tests.scenarios.office import Office, office_after, with_clients

CLIENTS = 8
WRITE = {"method": "POST", "path": r"spreadsheets/[^/:]+:batchUpdate$"}


@pytest.fixture
def office() -> Iterator[Office]:
    """Eight clients, in agreement on both sides."""
    with office_after(with_clients(CLIENTS)) as opened:
        yield opened


def batch(office: Office, *requests: dict[str, Any]) -> StaffAction:
    path = f"/v4/spreadsheets/{office.staff.id}:batchUpdate"
    return StaffAction("POST", path, {"requests": list(requests)})


def typed(office: Office, row: int, heading: str, text: str) -> dict[str, Any]:
    """The request of typing into a cell; rows as in the sheet, 1 is the heading row."""
    tab = office.tab("Clients")
    return {
        "updateCells": {
            "start": {
                "sheetId": tab.sheet.id,
                "rowIndex": row - 1,
                "columnIndex": tab.column(heading) - 1,
            },
            "rows": [{"values": [{"userEnteredValue": {"stringValue": text}}]}],
            "fields": "userEnteredValue",
        }
    }


def rows_of(office: Office, start: int, end: int) -> dict[str, Any]:
    sheet_id = office.tab("Clients").sheet.id
    return {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": start, "endIndex": end}


def insert_above(office: Office) -> dict[str, Any]:
    return {"insertDimension": {"range": rows_of(office, 1, 3)}}


def delete_above(office: Office) -> dict[str, Any]:
    return {"deleteDimension": {"range": rows_of(office, 1, 2)}}


def sort_backwards(office: Office) -> dict[str, Any]:
    tab = office.tab("Clients")
    return {
        "sortRange": {
            "range": {"sheetId": tab.sheet.id, "startRowIndex": 1, "endRowIndex": CLIENTS + 1},
            "sortSpecs": [{"dimensionIndex": tab.column("Name") - 1, "sortOrder": "DESCENDING"}],
        }
    }


def move_row(office: Office) -> dict[str, Any]:
    return {"moveDimension": {"source": rows_of(office, 4, 5), "destinationIndex": 1}}


MOVES: list[Callable[[Office], dict[str, Any]]] = [
    insert_above,
    delete_above,
    sort_backwards,
    move_row,
]


def in_sheet(office: Office, name: str) -> dict[str, Any]:
    """The row of a client; there must be just one."""
    found = [row for row in office.tab("Clients").rows() if row["Name"] == name]
    assert len(found) == 1, f"{name} stands in {len(found)} rows"
    return found[0]


def settle(office: Office) -> None:
    """At most two runs bring agreement, the one after that writes nothing."""
    office.sync()
    office.sync()
    assert office.disagreements() == []
    _, requests = office.counted_sync()
    assert [method for method, _ in requests] == ["GET"]
    office.server.check_staff()


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.__name__)
def test_write_to_a_row_that_moved_ends_in_no_other_row(
    office: Office, move: Callable[[Office], dict[str, Any]]
) -> None:
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 5'")
    office.sql("update clients set note = 'ours' where full_name = 'Client 3'")
    office.server.before(batch(office, move(office)), **WRITE)

    settle(office)

    cities = {row["Name"]: row["City"] for row in office.tab("Clients").rows()}
    expected = {f"Client {n}": "Perm" for n in range(1, CLIENTS + 1)} | {"Client 5": "Omsk"}
    if move is delete_above:
        del expected["Client 1"]
    assert cities == expected
    notes = {row["Name"]: row["Note"] for row in office.tab("Clients").rows() if row["Note"]}
    assert notes == {"Client 3": "ours"}


def test_edit_of_the_cell_that_we_write_becomes_a_conflict(office: Office) -> None:
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 5'")
    office.server.before(batch(office, typed(office, 6, "City", "Tver")), **WRITE)

    settle(office)

    (conflict,) = office.app.store.findings.conflicts("main")
    assert (conflict.conflict.ours, conflict.conflict.theirs) == ("Omsk", "Tver")
    assert in_sheet(office, "Client 5")["City"] == "Tver"


def test_edit_of_another_cell_in_the_row_that_we_write_is_taken_over(office: Office) -> None:
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 5'")
    office.server.before(batch(office, typed(office, 6, "Note", "theirs")), **WRITE)

    settle(office)

    assert in_sheet(office, "Client 5") | {"City": "Omsk", "Note": "theirs"} == in_sheet(
        office, "Client 5"
    )
    assert office.sql("select city, note from clients where full_name = 'Client 5'") == [
        ("Omsk", "theirs")
    ]


def test_write_that_lands_after_a_run_that_had_nothing_to_write_is_looked_into(
    office: Office,
) -> None:
    move_at_the_time_shown(office, "Client 5", "Omsk")
    office.server.fault(FaultKind.LATE, path=WRITE["path"], lag=60)
    with pytest.raises(Unreachable):
        office.sync()
    row = in_sheet(office, "Client 5")["#"]
    office.tab("Clients").type(row, "City", "Omsk")
    _, requests = office.counted_sync()
    assert not [path for _, path in requests if re.search(WRITE["path"], path)]
    office.tab("Clients").type(row, "City", "Tver")
    for _ in range(60):
        if in_sheet(office, "Client 5")["City"] == "Omsk":
            break
    office.sync()
    office.sync()
    assert in_sheet(office, "Client 5")["City"] == "Tver"
    settle(office)


def move_at_the_time_shown(office: Office, name: str, city: str) -> None:
    """The store changes a city in the minute that the column Updated shows already."""
    found = office.app.store.records.all(office.app.tab("clients").table).values()
    record = next(each for each in found if each.values["full_name"] == name)
    change = StoreChange(Op.UPDATE, "clients", record.id, {"city": city}, record.version)
    at = datetime.fromisoformat(record.updated_at)
    with office.app.store.transaction():
        office.app.store.records.apply([change], source="cli", by="", at=at)


def dies_after_its_write(
    office: Office, monkeypatch: pytest.MonkeyPatch, *, writes: int = 1
) -> None:
    """A run whose process ends when so many writes have landed, before anything is made of the
    answer to the last one.
    """
    left = iter(range(writes - 1))

    def end(app: Application, binding: Binding, intent: Intent, images: Iterable[PreImage]) -> Late:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return late_in(app, binding, intent, images)

    with monkeypatch.context() as patched:
        patched.setattr("crm_sync.services.sync.late_in", end)
        with pytest.raises(KeyboardInterrupt):
            office.sync()


def test_both_cells_of_a_row_that_a_dead_run_hit_and_staff_typed_over_are_in_the_history(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.sql("update clients set city = 'Omsk', note = 'ours' where full_name = 'Client 5'")
    typing = (typed(office, 6, "City", "Tver"), typed(office, 6, "Note", "Perm"))
    office.server.before(batch(office, *typing), **WRITE)
    dies_after_its_write(office, monkeypatch)
    office.tab("Clients").put(6, "City", "Kazan")
    office.tab("Clients").put(6, "Note", "second thought")
    settle(office)
    history = office.app.store.records.history(str(in_sheet(office, "Client 5")["ID"]))
    kept = {
        name: {value for entry in history for value in entry.changes.get(name, ())}
        for name in ("city", "note")
    }
    assert kept["city"] >= {"Omsk", "Tver"}
    # That its city was Perm once tells nothing of the note.
    assert kept["note"] >= {"ours", "Perm"}
    conflicts = [item.conflict for item in office.app.store.findings.conflicts("main")]
    assert [item.theirs for item in conflicts] == ["Kazan", "second thought"]


def test_edit_that_was_put_back_by_a_run_that_died_of_it_is_a_conflict_still(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 5'")
    office.server.before(batch(office, typed(office, 6, "City", "Tver")), **WRITE)
    dies_after_its_write(office, monkeypatch, writes=2)
    settle(office)
    (conflict,) = office.app.store.findings.conflicts("main")
    assert (conflict.conflict.ours, conflict.conflict.theirs) == ("Omsk", "Tver")
    assert in_sheet(office, "Client 5")["City"] == "Tver"


def test_edit_that_was_hit_is_put_back_by_the_next_run_if_this_one_cannot(office: Office) -> None:
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 5'")
    office.server.before(batch(office, typed(office, 6, "City", "Tver")), **WRITE)
    office.server.fault(FaultKind.CUT, nth=2, **WRITE)
    with pytest.raises(Unreachable):
        office.sync()
    assert in_sheet(office, "Client 5")["City"] == "Omsk"
    settle(office)
    (conflict,) = office.app.store.findings.conflicts("main")
    assert (conflict.conflict.ours, conflict.conflict.theirs) == ("Omsk", "Tver")
    assert in_sheet(office, "Client 5")["City"] == "Tver"


def test_row_that_a_dead_run_hit_is_put_right_though_its_tab_was_stopped_meanwhile(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 5'")
    office.server.before(batch(office, insert_above(office)), **WRITE)
    dies_after_its_write(office, monkeypatch)
    tab = office.tab("Clients")
    place = tab.column("Note")
    tab.sheet.update_cell(1, place, "Name")
    office.sql("update branches set name = 'North' where id = (select min(id) from branches)")
    office.sql("insert into branches (name) values ('South')")
    assert office.sync().stops
    tab.sheet.update_cell(1, place, "Note")
    settle(office)
    cities = {row["Name"]: row["City"] for row in office.tab("Clients").rows()}
    assert cities == {f"Client {n}": "Omsk" if n == 5 else "Perm" for n in range(1, CLIENTS + 1)}
    assert office.sql("select count(*) from history where changes like '%Omsk%'") == [(1,)]


def test_row_that_we_add_while_staff_move_a_column_becomes_no_other_record(office: Office) -> None:
    office.sql("insert into clients (full_name, phone) values ('Client 9', '+79120000009')")
    tab = office.tab("Clients")
    column = tab.column("City") - 1
    source = {
        "sheetId": tab.sheet.id,
        "dimension": "COLUMNS",
        "startIndex": column,
        "endIndex": column + 1,
    }
    move = {"moveDimension": {"source": source, "destinationIndex": 1}}
    office.server.before(batch(office, move), **WRITE)
    settle(office)
    assert in_sheet(office, "Client 9")["Phone"] == "+7 912 000-00-09"
    assert office.sql("select count(*), count(archived_at) from clients") == [(CLIENTS + 1, 0)]


def test_formula_typed_into_the_cell_that_we_write_comes_back(office: Office) -> None:
    office.sql("update clients set note = 'ours' where full_name = 'Client 5'")
    request = typed(office, 6, "Note", "")
    request["updateCells"]["rows"][0]["values"][0]["userEnteredValue"] = {"formulaValue": '=B6&"!"'}
    office.server.before(batch(office, request), **WRITE)

    settle(office)

    tab = office.tab("Clients")
    cell = tab.sheet.cell(6, tab.column("Note"), value_render_option="FORMULA")
    assert cell.value == '=B6&"!"'


def test_row_deleted_while_we_write_to_it_stays_deleted_or_conflicts(office: Office) -> None:
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 5'")
    office.server.before(
        batch(office, {"deleteDimension": {"range": rows_of(office, 5, 6)}}), **WRITE
    )

    settle(office)

    (conflict,) = office.app.store.findings.conflicts("main")
    assert conflict.conflict.clash == "edit/delete"
    names = {row["Name"] for row in office.tab("Clients").rows()}
    assert names == {f"Client {n}" for n in range(1, CLIENTS + 1)} - {"Client 5"}


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.__name__)
def test_id_of_a_new_row_that_moved_ends_in_its_own_row(
    office: Office, move: Callable[[Office], dict[str, Any]]
) -> None:
    before = {row["Name"]: row["ID"] for row in office.tab("Clients").rows()}
    office.tab("Clients").append(Name="Newcomer", Phone="+79130000000")
    office.server.before(batch(office, move(office)), **WRITE)

    settle(office)

    after = {row["Name"]: row["ID"] for row in office.tab("Clients").rows()}
    assert after.pop("Newcomer") not in before.values()
    if move is delete_above:
        del before["Client 1"]
    assert after == before
    assert office.sql("select count(*) from clients where full_name = 'Newcomer'") == [(1,)]


@pytest.mark.parametrize("move", [insert_above, sort_backwards, move_row], ids=lambda m: m.__name__)
def test_row_deleted_by_the_store_is_the_right_one_though_rows_moved(
    office: Office, move: Callable[[Office], dict[str, Any]]
) -> None:
    office.sql("update clients set archived_at = '2026-01-01' where full_name = 'Client 6'")
    office.server.before(batch(office, move(office)), **WRITE)

    settle(office)

    names = {row["Name"] for row in office.tab("Clients").rows()}
    assert names == {f"Client {n}" for n in range(1, CLIENTS + 1)} - {"Client 6"}


def test_edit_of_a_row_that_the_store_deletes_is_kept_as_a_conflict(office: Office) -> None:
    office.sql("update clients set archived_at = '2026-01-01' where full_name = 'Client 6'")
    office.server.before(batch(office, typed(office, 7, "Note", "still here")), **WRITE)

    settle(office)

    assert in_sheet(office, "Client 6")["Note"] == "still here"
    (conflict,) = office.app.store.findings.conflicts("main")
    assert conflict.conflict.clash == "delete/edit"


def test_row_typed_where_we_add_one_survives(office: Office) -> None:
    office.sql(
        "insert into clients (full_name, phone, status, kind) values "
        "('From the store', '+79140000000', 'cold', 'customer')"
    )
    row = CLIENTS + 2
    office.server.before(
        batch(
            office,
            typed(office, row, "Name", "Typed meanwhile"),
            typed(office, row, "Phone", "+79150000000"),
        ),
        **WRITE,
    )

    settle(office)

    assert in_sheet(office, "Typed meanwhile")["ID"]
    assert in_sheet(office, "From the store")["ID"]


def test_row_that_moves_in_every_round_ends_the_run_without_loss(office: Office) -> None:
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 5'")
    office.server.before(batch(office, sort_backwards(office)), **WRITE)
    office.server.before(batch(office, move_row(office)), nth=2, **WRITE)

    settle(office)

    cities = {row["Name"]: row["City"] for row in office.tab("Clients").rows()}
    assert cities == {f"Client {n}": "Perm" for n in range(1, CLIENTS + 1)} | {"Client 5": "Omsk"}
