"""What people do to their sheets in a day, over real HTTP: each edit ends where it belongs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from crm_sync.errors import Unreachable
from crm_sync.sheet_server.faults import FaultKind, StaffAction
from tests.scenarios.office import Office, Tab, office_after, open_office, with_clients
from tests.unit.store.builders import folder_in_memory

CLIENTS = 8


@pytest.fixture
def empty_office() -> Iterator[Office]:
    """An office on its first morning."""
    with folder_in_memory() as folder, open_office(folder) as opened:
        yield opened


@pytest.fixture
def office() -> Iterator[Office]:
    """Eight clients, in agreement on both sides."""
    with office_after(with_clients(CLIENTS)) as opened:
        yield opened


def settle(office: Office, runs: int = 2) -> None:
    """At most two runs bring agreement; the one after that writes nothing and reads no cell."""
    for _ in range(runs):
        office.sync()
    assert office.disagreements() == []
    result, requests = office.counted_sync()
    assert (result.outcome, [method for method, _ in requests]) == ("unchanged", ["GET"])


def batch(office: Office, *requests: dict[str, Any]) -> None:
    path = f"/v4/spreadsheets/{office.staff.id}:batchUpdate"
    office.server.act(StaffAction("POST", path, {"requests": list(requests)}))


def dimension(tab: Tab, kind: str, start: int, end: int) -> dict[str, Any]:
    return {"sheetId": tab.sheet.id, "dimension": kind, "startIndex": start, "endIndex": end}


def by_name(office: Office) -> dict[str, dict[str, Any]]:
    """The rows of clients by name; each name once."""
    rows = office.tab("Clients").rows()
    found = {row["Name"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def history_length(office: Office) -> int:
    return int(office.sql("select count(*) from history")[0][0])


def problems(office: Office) -> list[tuple[str, str]]:
    """Code and typed text of what waits for a person."""
    found = office.app.store.findings.problems("main")
    return [(item.problem.code, item.problem.typed) for item in found]


def test_workbook_is_made_with_its_tabs_and_the_next_run_is_free(empty_office: Office) -> None:
    first = empty_office.sync()
    assert first.outcome == "synced"
    titles = [sheet.title for sheet in empty_office.staff.worksheets()]
    assert titles[:3] == ["Clients", "Contacts", "Agreements"]
    settle(empty_office)


def test_sorting_inserting_and_moving_change_no_record(office: Office) -> None:
    before, ids = history_length(office), {k: v["ID"] for k, v in by_name(office).items()}
    tab = office.tab("Clients")
    sort = {
        "range": {"sheetId": tab.sheet.id, "startRowIndex": 1, "endRowIndex": CLIENTS + 1},
        "sortSpecs": [{"dimensionIndex": tab.column("Name") - 1, "sortOrder": "DESCENDING"}],
    }
    batch(
        office,
        {"sortRange": sort},
        {"insertDimension": {"range": dimension(tab, "ROWS", 3, 6)}},
        {
            "moveDimension": {
                "source": dimension(tab, "COLUMNS", tab.column("Name") - 1, tab.column("Name")),
                "destinationIndex": 0,
            }
        },
    )
    batch(office, {"insertDimension": {"range": dimension(tab, "COLUMNS", 2, 4)}})

    settle(office)

    assert {name: row["ID"] for name, row in by_name(office).items()} == ids
    assert history_length(office) == before


def test_hiding_freezing_another_locale_and_time_zone_change_no_record(office: Office) -> None:
    office.tab("Agreements").append(
        Client="Client 1", What_was_agreed="deal", Agreed_on="2026-03-10", Amount="1234.5"
    )
    office.tab("Contacts").append(
        Client="Client 1", When="2026-03-10 23:30", Reason="Cold call", Summary="first"
    )
    settle(office)
    before = history_length(office)
    tab = office.tab("Contacts")
    hidden = {"sheetId": tab.sheet.id, "hidden": True, "gridProperties": {"frozenRowCount": 2}}
    fields = "hidden,gridProperties.frozenRowCount"
    book = {"locale": "de_DE", "timeZone": "Asia/Tokyo"}
    batch(
        office,
        {"updateSheetProperties": {"properties": hidden, "fields": fields}},
        {
            "updateDimensionProperties": {
                "range": dimension(tab, "ROWS", 1, 2),
                "properties": {"hiddenByUser": True},
                "fields": "hiddenByUser",
            }
        },
        {"updateSpreadsheetProperties": {"properties": book, "fields": "locale,timeZone"}},
    )
    settle(office)
    assert history_length(office) == before


def test_title_rows_above_the_headings_do_not_hide_them(office: Office) -> None:
    tab = office.tab("Clients")
    batch(office, {"insertDimension": {"range": dimension(tab, "ROWS", 0, 2)}})
    tab.sheet.update([["Our clients"]], "A1")
    number = len(tab.grid) + 3
    tab.sheet.update([["", "", "", "Below a title", "", "+79130000000"]], f"A{number}")

    office.sync()

    assert office.sql("select phone from clients where full_name = 'Below a title'") == [
        ("+79130000000",)
    ]
    assert office.tab("Clients").grid[number - 1][0]


def test_deleted_row_archives_its_record_and_a_row_put_back_restores_it(office: Office) -> None:
    tab = office.tab("Clients")
    kept = tab.grid[3]
    tab.sheet.delete_rows(4)
    settle(office)
    assert office.sql("select archived_at is not null from clients where full_name='Client 3'") == [
        (1,)
    ]

    tab.sheet.update([kept], "A20", value_input_option="RAW")
    settle(office)

    (row,) = office.sql("select id, archived_at, city from clients where full_name = 'Client 3'")
    assert row == (kept[0], None, "Perm")


def test_row_that_is_put_back_after_a_run_that_died_restores_its_record(office: Office) -> None:
    tab = office.tab("Clients")
    kept = tab.grid[3]
    tab.sheet.delete_rows(4)
    office.server.fault(FaultKind.CUT, method="POST", path=r"spreadsheets/[^/:]+:batchUpdate$")
    with pytest.raises(Unreachable):
        office.sync()

    tab.sheet.update([kept], "A20", value_input_option="RAW")
    settle(office)

    assert by_name(office)["Client 3"]["ID"] == kept[0]
    assert office.sql("select count(*) from clients where archived_at is null") == [(CLIENTS,)]


def test_own_columns_travel_with_their_rows_byte_for_byte(office: Office) -> None:
    tab = office.tab("Clients")
    width = len(tab.headings)
    tab.sheet.add_cols(2)
    own = {n: f" {n} é\u200b «own»\t{n / 3}" for n in range(2, CLIENTS + 2)}
    tab.sheet.update([["Shoe size", "My own"]], f"{column_name(width)}1", value_input_option="RAW")
    for row, text in own.items():
        cells = [[f"=ROW()*{row}", text]]
        tab.sheet.update([cells[0][:1]], f"{column_name(width)}{row}", raw=False)
        tab.sheet.update([[text]], f"{column_name(width + 1)}{row}", raw=True)
    expected = {row["Name"]: row["My own"] for row in office.tab("Clients").rows()}
    office.sql("update clients set city = 'Omsk' where full_name in ('Client 2', 'Client 5')")
    office.tab("Clients").sheet.delete_rows(2)
    tab = office.tab("Clients")
    tab.append(Name="Newcomer", Phone="+79139999999")

    settle(office)

    found = {row["Name"]: row["My own"] for row in office.tab("Clients").rows()}
    del expected["Client 1"]
    assert found == expected | {"Newcomer": ""}
    formulas = office.tab("Clients").sheet.get(
        f"{column_name(width)}2:{column_name(width)}{CLIENTS}",
        value_render_option="FORMULA",  # type: ignore[arg-type]
    )
    assert [cell for (cell,) in formulas] == [f"=ROW()*{n}" for n in range(3, CLIENTS + 2)]


def column_name(index: int) -> str:
    """The letter of a zero-based column among the first 52."""
    return chr(ord("A") + index) if index < 26 else "A" + chr(ord("A") + index - 26)


def test_formula_is_read_and_never_overwritten(office: Office) -> None:
    tab = office.tab("Clients")
    start = {"sheetId": tab.sheet.id, "rowIndex": 2, "columnIndex": tab.column("Note") - 1}
    typed = {"values": [{"userEnteredValue": {"formulaValue": '="from " & K3'}}]}
    fields = "userEnteredValue"
    batch(office, {"updateCells": {"start": start, "rows": [typed], "fields": fields}})
    settle(office)
    assert office.sql("select note from clients where full_name='Client 2'") == [("from Perm",)]

    office.sql("update clients set note = 'ours' where full_name = 'Client 2'")
    settle(office)

    cell = tab.sheet.cell(3, tab.column("Note"), value_render_option="FORMULA")
    assert cell.value == '="from " & K3'
    (conflict,) = office.app.store.findings.conflicts("main")
    assert (conflict.conflict.clash, conflict.conflict.ours) == ("edit/formula", "ours")


def test_blank_rows_between_are_no_records(office: Office) -> None:
    tab = office.tab("Clients")
    batch(office, {"insertDimension": {"range": dimension(tab, "ROWS", 2, 5)}})
    tab.sheet.update([["Zed", "", "+79140000000"]], f"D{len(tab.grid) + 20}")

    settle(office)

    assert len(office.tab("Clients").rows()) == CLIENTS + 1
    assert office.sql("select count(*) from clients") == [(CLIENTS + 1,)]


def test_half_typed_row_is_told_of_by_the_second_run_though_nothing_else_changes(
    office: Office,
) -> None:
    office.tab("Clients").append(Phone="+79120000011", City="Omsk")
    office.sync()
    assert office.tab("Problems").rows()[0]["No."] != 1
    settle(office, runs=1)
    (told,) = office.tab("Problems").rows()
    assert (told["Severity"], told["Column"]) == ("unfinished row", "Name")


def test_half_typed_row_waits_and_is_taken_when_it_is_whole(office: Office) -> None:
    row = office.tab("Clients").append(City="Tver")
    settle(office)
    assert office.sql("select count(*) from clients") == [(CLIENTS,)]
    assert {code for code, _ in problems(office)} == {"V02", "V03"}

    tab = office.tab("Clients")
    tab.type(row, "Name", "Late Name")
    settle(office)
    assert office.sql("select count(*) from clients") == [(CLIENTS,)]
    tab.type(row, "E-mail", "late@example.org")
    settle(office)

    assert office.sql("select city, email from clients where full_name = 'Late Name'") == [
        ("Tver", "late@example.org")
    ]
    assert problems(office) == []


def test_bad_cell_stops_at_its_cell(office: Office) -> None:
    tab = office.tab("Clients")
    tab.type(4, "Phone", "ask Anna")
    tab.type(4, "City", "Kazan")

    settle(office)

    assert office.sql("select phone, city from clients where full_name='Client 3'") == [
        ("+79120000003", "Kazan")
    ]
    assert by_name(office)["Client 3"]["Phone"] == "ask Anna"
    (found,) = office.app.store.findings.problems("main")
    problem = found.problem
    assert (problem.table, problem.row, problem.column, problem.typed, problem.stored) == (
        "clients",
        3,
        tab.column("Phone") - 1,
        "ask Anna",
        "+79120000003",
    )
    tab.type(4, "Phone", "+7 913 000-00-03")
    settle(office)
    assert problems(office) == []
    assert office.sql("select phone from clients where full_name='Client 3'") == [("+79130000003",)]


@pytest.mark.parametrize("typed", ["", "x?", "c-999999", "С-000013", "#REF!", "12"])
def test_erased_or_mangled_id_comes_back(office: Office, typed: str) -> None:
    before = {name: row["ID"] for name, row in by_name(office).items()}
    office.tab("Clients").put(5, "ID", typed)

    settle(office)

    assert {name: row["ID"] for name, row in by_name(office).items()} == before
    assert office.sql("select count(*) from clients") == [(CLIENTS,)]


def test_all_ids_erased_at_once_come_back(office: Office) -> None:
    before = {name: row["ID"] for name, row in by_name(office).items()}
    office.tab("Clients").sheet.update([[""]] * CLIENTS, "A2")

    settle(office)

    assert {name: row["ID"] for name, row in by_name(office).items()} == before


@pytest.mark.parametrize("edited", ["Perm", "Kazan"])
def test_id_that_was_dragged_over_other_rows_comes_back_in_each(
    office: Office, edited: str
) -> None:
    before = {name: row["ID"] for name, row in by_name(office).items()}
    tab = office.tab("Clients")
    tab.put(3, "City", edited)
    tab.put(4, "ID", str(tab.grid[2][0]))
    tab.put(5, "ID", str(tab.grid[2][0]))

    settle(office)

    assert by_name(office)["Client 2"]["City"] == edited
    assert {name: row["ID"] for name, row in by_name(office).items()} == before
    assert office.sql("select count(*) from clients") == [(CLIENTS,)]


def test_ids_that_changed_places_are_edits_of_nobody_else(office: Office) -> None:
    """Two rows whose ids were swapped by hand: neither value is lost, and no third row changes."""
    tab = office.tab("Clients")
    first, second = tab.grid[1][0], tab.grid[2][0]
    tab.put(2, "ID", second)
    tab.put(3, "ID", first)

    settle(office)

    phones = {row["Phone"] for row in office.tab("Clients").rows()}
    assert phones == {f"+7912000000{n}" for n in range(1, CLIENTS + 1)}
    assert office.sql("select count(*) from clients where archived_at is null") == [(CLIENTS,)]


def test_copied_row_becomes_a_record_of_its_own(office: Office) -> None:
    tab = office.tab("Clients")
    source = tab.grid[3]
    tab.sheet.update([source], "A10", value_input_option="RAW")
    tab.put(10, "Name", "Copy of 3")

    settle(office)

    rows = by_name(office)
    assert rows["Client 3"]["ID"] == source[0]
    assert rows["Copy of 3"]["ID"] not in ("", source[0])
    assert rows["Copy of 3"]["City"] == "Perm"


def test_two_changed_rows_with_one_id_wait_for_a_person(office: Office) -> None:
    tab = office.tab("Clients")
    source = tab.grid[3]
    tab.sheet.update([source], "A10", value_input_option="RAW")
    tab.put(4, "City", "Kazan")
    tab.put(10, "City", "Tver")
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 1'")

    for _ in range(2):
        office.sync()

    assert {code for code, _ in problems(office)} == {"V12"}
    cities = [row["City"] for row in office.tab("Clients").rows() if row["Name"] == "Client 3"]
    assert cities == ["Kazan", "Tver"]
    assert by_id(office, str(office.tab("Clients").grid[1][0]))["City"] == "Omsk"

    tab.put(10, "ID", "")
    settle(office)
    assert office.sql("select city from clients where full_name = 'Client 3' order by id") == [
        ("Kazan",),
        ("Tver",),
    ]


def by_id(office: Office, record_id: str) -> dict[str, Any]:
    (row,) = (row for row in office.tab("Clients").rows() if row["ID"] == record_id)
    return row


def test_client_and_contact_and_agreement_typed_in_one_go_find_each_other(office: Office) -> None:
    office.tab("Clients").append(Name="Anna Petrova", Phone="+79150000000")
    office.tab("Contacts").append(
        Client="Anna Petrova", When="2026-03-10", Reason="Cold call", Summary="said hello"
    )
    agreements = office.tab("Agreements")
    agreements.append(
        Client="8 915 000-00-00", What_was_agreed="Roof", Agreed_on="2026-03-10", Amount=1500
    )

    settle(office)

    (client,) = office.sql("select id from clients where full_name = 'Anna Petrova'")
    assert office.sql("select client, summary from contacts") == [(client[0], "said hello")]
    assert office.sql("select client, amount from agreements") == [(client[0], "1500")]
    (row,) = office.tab("Contacts").rows()
    assert row["Client"] == f"Anna Petrova ({client[0]})"


def test_direct_edits_of_the_store_reach_the_sheet(office: Office) -> None:
    office.sql(
        "insert into clients (full_name, phone, status, kind, city) values "
        "('From SQL', '+79160000000', 'cold', 'customer', 'Ufa')"
    )
    office.sql("update clients set note = 'by SQL' where full_name = 'Client 2'")
    office.sql("delete from clients where full_name = 'Client 4'")
    office.sql("update clients set archived_at = '2026-01-01' where full_name = 'Client 6'")

    settle(office)

    rows = by_name(office)
    assert rows["From SQL"]["ID"]
    assert rows["From SQL"]["City"] == "Ufa"
    assert rows["Client 2"]["Note"] == "by SQL"
    assert "Client 4" not in rows
    assert "Client 6" not in rows


def test_junk_in_the_store_stops_at_its_field(office: Office) -> None:
    office.tab("Agreements").append(
        Client="Client 1", What_was_agreed="Roof", Agreed_on="2026-03-10", Amount=1500
    )
    office.sync()
    office.sql("update agreements set amount = 'a lot', due_date = 'soon', unit = 'm2'")
    office.sql("update clients set phone = 'ask', touch_every_days = -5, note = 'good'")
    office.tab("Agreements").type(2, "Qty", 3)

    settle(office)

    (row,) = office.tab("Agreements").rows()
    assert (row["Amount"], row["Due"], row["Unit"], row["Qty"]) == (1500, "", "m2", 3)
    assert {row["Note"] for row in office.tab("Clients").rows()} == {"good"}
    stored = [item.problem.stored for item in office.app.store.findings.problems("main")]
    assert {"a lot", "soon", "ask", -5} <= set(stored)


def test_edits_of_both_sides_in_one_row_merge_field_by_field(office: Office) -> None:
    office.tab("Clients").type(3, "City", "Kazan")
    office.sql("update clients set note = 'ours', email = 'a@b.org' where full_name = 'Client 2'")

    settle(office)

    assert office.sql("select city, note, email from clients where full_name='Client 2'") == [
        ("Kazan", "ours", "a@b.org")
    ]
    assert office.app.store.findings.conflicts("main") == ()


def test_equal_edits_of_both_sides_are_agreement(office: Office) -> None:
    office.tab("Clients").type(3, "Phone", "8 (917) 000-00-00")
    office.sql("update clients set phone = '+79170000000' where full_name = 'Client 2'")

    settle(office)

    assert office.app.store.findings.conflicts("main") == ()
    assert by_name(office)["Client 2"]["Phone"] == "8 (917) 000-00-00"


def test_conflict_keeps_both_values_until_it_is_decided(office: Office) -> None:
    office.tab("Clients").type(3, "City", "Kazan")
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 2'")

    settle(office)

    (found,) = office.app.store.findings.conflicts("main")
    conflict = found.conflict
    assert (conflict.base, conflict.ours, conflict.theirs) == ("Perm", "Omsk", "Kazan")
    assert by_name(office)["Client 2"]["City"] == "Kazan"
    assert office.sql("select city from clients where full_name='Client 2'") == [("Omsk",)]


@pytest.mark.slow
def test_two_hundred_random_edits_on_both_sides_end_in_agreement(office: Office) -> None:
    chance = random.Random(200)
    for number in range(6):
        office.tab("Contacts").append(
            Client=f"Client {number + 1}",
            When="2026-03-10",
            Reason="Cold call",
            Summary=f"touch {number}",
        )
        office.tab("Agreements").append(
            Client=f"Client {number + 1}",
            What_was_agreed=f"deal {number}",
            Agreed_on="2026-03-10",
            Amount=100 * number,
        )
    settle(office)
    for round_ in range(10):
        for step in range(20):
            edit(office, chance, f"{round_:02}{step:02}")
        if chance.random() < 0.5:
            office.sync()
    settle(office)
    typed = office.sql("select count(*) from history where source = 'sheet:main'")
    assert typed[0][0] > 50


SHEET_CELLS = {
    "Clients": ("City", "Note", "Name"),
    "Contacts": ("Summary", "Next step"),
    "Agreements": ("What was agreed", "Unit"),
}
STORE_FIELDS = {
    "clients": ("city", "note", "address"),
    "contacts": ("summary", "next_step"),
    "agreements": ("subject", "unit"),
}


def edit(office: Office, chance: random.Random, token: str) -> None:
    """One edit of one side. Fields are apart often enough that most merge by themselves."""
    if chance.random() < 0.5:
        title = chance.choice(list(SHEET_CELLS))
        tab = office.tab(title)
        rows = tab.rows()
        kind = chance.random()
        if kind < 0.75 and rows:
            row = chance.choice(rows)
            tab.put(row["#"], chance.choice(SHEET_CELLS[title]), f"typed {token}")
        elif kind < 0.85 and title == "Clients":
            tab.append(Name=f"New {token}", Phone=f"+7918000{token}")
        elif kind < 0.9 and len(rows) > 4:
            tab.sheet.delete_rows(chance.choice(rows)["#"])
        else:
            tab.sheet.insert_row([], chance.randrange(2, 6))
        return
    table = chance.choice(list(STORE_FIELDS))
    kind = chance.random()
    if kind < 0.8:
        field = chance.choice(STORE_FIELDS[table])
        office.sql(
            f"update {table} set {field} = ? where id = (select id from {table}"
            " where archived_at is null order by id limit 1 offset ?)",
            f"stored {token}",
            chance.randrange(6),
        )
    elif kind < 0.9:
        office.sql(
            "insert into clients (full_name, phone, status, kind) values (?, ?, 'cold',"
            " 'customer')",
            f"Inserted {token}",
            f"+7919000{token}",
        )
    else:
        office.sql(
            "update contacts set archived_at = '2026-01-01' where id = (select id from contacts"
            " where archived_at is null order by id limit 1)"
        )


@pytest.mark.parametrize("rows", [10, pytest.param(5_000, marks=pytest.mark.slow)])
def test_requests_of_a_run_do_not_grow_with_the_rows(empty_office: Office, rows: int) -> None:
    office = empty_office
    office.sync()
    tab = office.tab("Clients")
    cells = [["", "", "", f"Client {n}", "", f"+7912{n:07}"] for n in range(rows)]
    tab.sheet.resize(rows=rows + 10)
    tab.sheet.update(cells, "A2", value_input_option="RAW")

    _, first = office.counted_sync()
    _, unchanged = office.counted_sync()
    tab.put(3, "City", "Kazan")
    office.sql("update clients set note = 'ours' where full_name = 'Client 5'")
    _, changed = office.counted_sync()
    _, again = office.counted_sync()

    assert office.sql("select count(*) from clients") == [(rows,)]
    assert office.sql("select full_name, city from clients where city is not null") == [
        ("Client 1", "Kazan")
    ]
    assert office.tab("Clients").rows()[5]["Note"] == "ours"
    assert len(first) <= 6
    assert len(changed) <= 6
    assert len(unchanged) == len(again) == 1


def test_key_of_another_status_is_not_taken(office: Office) -> None:
    tab = office.tab("Statuses")
    cold = next(row for row in tab.rows() if (row["For"], row["Key"]) == ("Client", "cold"))
    added = tab.append(For="Client", Key="cold", In_English="Icy", Active="yes")
    office.sync()
    (problem,) = office.tab("Problems").rows()
    assert (problem["Tab"], problem["Cell"], problem["Typed"]) == ("Statuses", f"C{added}", "cold")
    assert "“cold” is the key of “Cold” already." in problem["What to do"]
    assert office.sql("select en from statuses where key = 'cold' and entity = 'client'") == [
        (cold["In English"],)
    ]
    other = next(row for row in tab.rows() if (row["For"], row["Key"]) == ("Client", "served"))
    tab.put(other["#"], "Key", "cold")
    tab.put(added, "Key", "icy")
    office.sync()
    assert {row["Cell"] for row in office.tab("Problems").rows()} == {f"C{other['#']}"}
    tab.put(other["#"], "Key", "served")
    for _ in range(2):
        office.sync()
    assert office.disagreements() == []
    assert office.sql("select key from statuses where en = 'Icy'") == [("icy",)]
