"""Staff decide in the tabs Problems and Conflicts; the next run carries it out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gspread
import pytest

from crm_sync.core.findings import Problem, Severity
from crm_sync.reports.decisions import Decision
from crm_sync.services.entry import Author
from crm_sync.services.problems import settle_problems
from crm_sync.services.review import Side, resolve
from crm_sync.services.uniting import unmerge
from crm_sync.sheet_server.faults import StaffAction
from tests.scenarios.office import Office, office_after, with_clients
from tests.scenarios.test_marks import is_quiet, looks


@pytest.fixture
def office() -> Iterator[Office]:
    """Three clients, in agreement on both sides."""
    with office_after(with_clients(3)) as opened:
        yield opened


def clash(office: Office) -> None:
    office.tab("Clients").type(2, "City", "Omsk")
    office.sql("update clients set city = 'Tver' where full_name = 'Client 1'")
    office.sync()


def city(office: Office) -> tuple[str, str]:
    """In the sheet and in the store."""
    ((stored,),) = office.sql("select city from clients where full_name = 'Client 1'")
    return office.tab("Clients").rows()[0]["City"], stored


def lines(office: Office, title: str) -> list[dict[str, Any]]:
    return [row for row in office.tab(title).rows() if isinstance(row["No."], int)]


@pytest.mark.parametrize(
    ("heading", "text", "left"),
    [
        ("Decision", "Keep mine", "Omsk"),
        ("Decision", "Take the store's", "Tver"),
        ("Or another value", "Tomsk", "Tomsk"),
    ],
)
def test_conflict_is_decided_in_the_sheet(
    office: Office, heading: str, text: str, left: str
) -> None:
    clash(office)
    tab = office.tab("Conflicts")
    (line,) = lines(office, "Conflicts")
    assert (line["Was"], line["In the store"], line["In the sheet"]) == ("Perm", "Tver", "Omsk")
    tab.type(line["#"], heading, text)

    office.sync()

    assert city(office) == (left, left)
    assert lines(office, "Conflicts") == []
    assert looks(office) == {}
    assert office.disagreements() == []
    assert is_quiet(office)
    assert {row[0] for row in office.sql("select resolution from conflicts")} <= {
        "sheet",
        "store",
        "value",
    }


@pytest.mark.parametrize(
    ("heading", "text", "left"),
    [("Decision", "Keep mine", "Omsk"), ("Or another value", "Tomsk", "Tomsk")],
)
def test_answer_typed_while_the_run_writes_the_tab_anew_is_taken(
    office: Office, heading: str, text: str, left: str
) -> None:
    clash(office)
    # A second conflict, so that the tab is to be written anew.
    office.tab("Clients").type(3, "City", "Kazan")
    office.sql("update clients set city = 'Ufa' where full_name = 'Client 2'")
    (line,) = lines(office, "Conflicts")
    cell = gspread.utils.rowcol_to_a1(line["#"], office.tab("Conflicts").column(heading))
    body = {
        "valueInputOption": "RAW",
        "data": [{"range": f"'Conflicts'!{cell}", "values": [[text]]}],
    }
    path = f"/v4/spreadsheets/{office.staff.id}/values:batchUpdate"
    office.server.before(
        StaffAction("POST", path, body), method="POST", path=r"spreadsheets/[^/:]+:batchUpdate$"
    )

    office.sync()

    assert city(office) == (left, left)
    assert [row["In the sheet"] for row in lines(office, "Conflicts")] == ["Kazan"]
    assert is_quiet(office)


@pytest.mark.parametrize(
    ("heading", "text", "left"),
    [("Or another value", "Kirov", "Kirov"), ("Decision", "Keep mine", "Omsk")],
)
def test_value_that_the_run_writes_over_is_told_where_another_answer_takes_its_place(
    office: Office, heading: str, text: str, left: str
) -> None:
    clash(office)
    office.tab("Clients").type(3, "City", "Kazan")
    office.sql("update clients set city = 'Ufa' where full_name = 'Client 2'")
    (line,) = lines(office, "Conflicts")
    path = f"/v4/spreadsheets/{office.staff.id}/values:batchUpdate"

    def typing(column: str, typed: str) -> StaffAction:
        cell = gspread.utils.rowcol_to_a1(line["#"], office.tab("Conflicts").column(column))
        data = [{"range": f"'Conflicts'!{cell}", "values": [[typed]]}]
        return StaffAction("POST", path, {"valueInputOption": "RAW", "data": data})

    write = {"method": "POST", "path": r"spreadsheets/[^/:]+:batchUpdate$"}
    office.server.before(typing("Or another value", "Tomsk"), **write)
    # The line is empty again when somebody else answers it.
    office.server.after(typing(heading, text), **write)

    office.sync()
    office.server.check_staff()

    assert city(office) == (left, left)
    (told,) = lines(office, "Problems")
    assert (told["Tab"], told["Typed"]) == ("Conflicts", "Tomsk")
    assert "another answer in its place" in told["What to do"]
    assert is_quiet(office)
    office.tab("Problems").type(told["#"], "Decision", "Accept as it is")
    office.sync()
    assert lines(office, "Problems") == []


def test_answer_far_down_a_long_list_that_the_run_writes_anew_is_taken(office: Office) -> None:
    many = [
        Problem(
            "conflicts", "V16", Severity.WARN, "Number {number}", typed=str(number), params=facts
        )
        for number in range(1100)
        if (facts := {"number": str(number)})
    ]
    office.app.store.findings.put_problems("main", "conflicts", many, office.app.clock.now())
    clash(office)
    last = lines(office, "Problems")[-1]
    assert last["#"] > 1000
    # A problem of another tab, so that the list is to be written anew.
    office.tab("Clients").type(3, "Phone", "none")
    cell = gspread.utils.rowcol_to_a1(last["#"], office.tab("Problems").column("Decision"))
    typed = {"range": f"'Problems'!{cell}", "values": [["Accept as it is"]]}
    body = {"valueInputOption": "RAW", "data": [typed]}
    path = f"/v4/spreadsheets/{office.staff.id}/values:batchUpdate"
    office.server.before(
        StaffAction("POST", path, body), method="POST", path=r"spreadsheets/[^/:]+:batchUpdate$"
    )

    office.sync()

    left = lines(office, "Problems")
    assert last["No."] not in {line["No."] for line in left}
    assert len(left) == len(many) - 1 + 1
    assert is_quiet(office)


def test_value_for_a_conflict_that_is_settled_already_is_told_until_it_is_accepted(
    office: Office,
) -> None:
    clash(office)
    (line,) = lines(office, "Conflicts")
    office.tab("Conflicts").type(line["#"], "Or another value", "Tomsk")
    office.sql("update clients set city = 'Omsk' where full_name = 'Client 1'")
    resolve(office.app, line["No."], Side.SHEET)

    office.sync()

    assert city(office) == ("Omsk", "Omsk")
    assert lines(office, "Conflicts") == []
    (line,) = lines(office, "Problems")
    assert (line["Tab"], line["Typed"]) == ("Conflicts", "Tomsk")
    assert "was settled before “Tomsk” was read" in line["What to do"]
    assert is_quiet(office)
    office.tab("Problems").type(line["#"], "Decision", "Accept as it is")
    office.sync()
    assert lines(office, "Problems") == []
    assert is_quiet(office)


def test_answer_that_will_not_do_stays_and_says_why(office: Office) -> None:
    clash(office)
    (line,) = lines(office, "Conflicts")
    office.tab("Conflicts").type(line["#"], "Decision", "whatever")
    office.sync()

    (line,) = lines(office, "Conflicts")
    assert line["Decision"] == "whatever"
    assert "“whatever” cannot be done here" in line["How to decide"]
    assert city(office) == ("Omsk", "Tver")
    assert is_quiet(office)

    office.tab("Conflicts").type(line["#"], "Decision", "keep mine")
    office.sync()
    assert city(office) == ("Omsk", "Omsk")


def test_choice_and_value_in_one_line_decide_nothing_until_one_of_them_goes(office: Office) -> None:
    clash(office)
    tab = office.tab("Conflicts")
    (line,) = lines(office, "Conflicts")
    tab.type(line["#"], "Decision", "Keep mine")
    tab.type(line["#"], "Or another value", "Tomsk")
    office.sync()

    (line,) = lines(office, "Conflicts")
    assert "not both" in line["How to decide"]
    assert city(office) == ("Omsk", "Tver")

    tab.put(line["#"], "Decision", "")
    office.sync()
    assert city(office) == ("Tomsk", "Tomsk")


def agreements(office: Office) -> None:
    """Two of them, each changed on both sides: the amount in the store, the currency here."""
    tab = office.tab("Agreements")
    for number in (1, 2):
        tab.append(
            Client=f"Client {number}",
            What_was_agreed=f"Roof {number}",
            Amount=100,
            Currency="RUB",
            Agreed_on="2026-03-10",
        )
    office.sync()
    office.sql("update agreements set amount = '200'")
    for row in (2, 3):
        office.tab("Agreements").put(row, "Currency", "USD")
    office.sync()


def test_decision_about_one_record_leaves_the_others_open(office: Office) -> None:
    agreements(office)
    found = office.app.store.findings.conflicts("main")
    first = found[0].conflict.record_id
    assert sorted(item.conflict.record_id == first for item in found) == [False] * 2 + [True] * 2

    resolve(office.app, found[0].id, Side.SHEET)
    left = office.app.store.findings.conflicts("main")
    assert [item.id for item in left] == [
        item.id for item in found if item.conflict.record_id != first
    ]
    office.sync()
    values = dict(office.sql("select id, amount || currency from agreements"))
    assert values.pop(first) == "100USD"
    assert list(values.values()) == ["200RUB"]


def test_row_that_comes_back_after_it_was_decided_that_it_goes_is_read_anew(
    office: Office,
) -> None:
    tab = office.tab("Clients")
    office.sql("update clients set city = 'Tver' where full_name = 'Client 1'")
    tab.sheet.delete_rows(2)
    office.sync()
    (found,) = office.app.store.findings.conflicts("main")
    resolve(office.app, found.id, Side.SHEET)
    tab.sheet.insert_row(tab.grid[1], 2)

    office.sync()
    office.sync()

    assert city(office) == ("Perm", "Perm")
    assert office.disagreements() == []


def test_value_of_ones_own_that_breaks_a_rule_stays_in_its_cell(office: Office) -> None:
    agreements(office)
    (row, *_) = office.tab("Agreements").rows()
    office.tab("Agreements").type(row["#"], "Due", "2026-03-20")
    office.sql("update agreements set due_date = '2026-03-30' where id = ?", row["ID"])
    office.sync()
    (line,) = [line for line in lines(office, "Conflicts") if "Due" in map(str, line.values())]
    office.tab("Conflicts").put(line["#"], "Or another value", "2026-03-01")
    office.sync()
    assert office.sql("select due_date from agreements where id = ?", row["ID"]) == [
        ("2026-03-30",)
    ]
    assert any(
        item.conflict.field == "due_date" for item in office.app.store.findings.conflicts("main")
    )


def test_decision_follows_its_line_when_staff_sort_the_list(office: Office) -> None:
    clash(office)
    office.tab("Clients").type(3, "City", "Kazan")
    office.sql("update clients set city = 'Ufa' where full_name = 'Client 2'")
    office.sync()
    tab = office.tab("Conflicts")
    first, second = tab.sheet.get("A2:Z3", value_render_option="UNFORMATTED_VALUE")
    tab.sheet.update([second, first], "A2", value_input_option="RAW")
    tab.type(3, "Decision", "Take the store's")
    office.sync()

    assert city(office) == ("Tver", "Tver")
    (line,) = lines(office, "Conflicts")
    assert line["In the sheet"] == "Kazan"


def test_store_value_is_put_back_where_staff_ask_for_it(office: Office) -> None:
    office.tab("Clients").type(2, "Phone", "8 912 34")
    office.sync()
    (line,) = lines(office, "Problems")
    assert (line["Cell"], line["Typed"]) == ("F2", "8 912 34")
    assert line["Record"].startswith("Client 1 (C-")
    office.tab("Problems").type(line["#"], "Decision", "Take the store's")

    office.sync()

    assert office.tab("Clients").rows()[0]["Phone"] == "+7 912 000-00-01"
    assert lines(office, "Problems") == []
    assert looks(office) == {}
    assert office.disagreements() == []
    assert is_quiet(office)


def test_accepted_warning_is_told_again_only_when_it_changes(office: Office) -> None:
    office.tab("Contacts").append(Client="Client 1", When="3/13/2026", Reason="Offer")
    office.sync()
    contacts = office.tab("Contacts")
    contacts.type(2, "Next step", "call")
    contacts.type(2, "Next at", "1/15/2090")
    office.sync()
    (line,) = [row for row in lines(office, "Problems") if row["Code"] == "V08"]
    office.tab("Problems").type(line["#"], "Decision", "Accept as it is")
    office.sync()
    assert [row for row in lines(office, "Problems") if row["Code"] == "V08"] == []
    assert (2, "Next at") not in looks(office, "Contacts")

    contacts.type(2, "Next at", "1/16/2090")
    office.sync()

    assert [row["Code"] for row in lines(office, "Problems")].count("V08") == 1


def test_duplicates_are_told_in_both_rows_and_merged_on_request(office: Office) -> None:
    office.tab("Contacts").append(Client="Client 2", When="3/13/2026", Reason="Offer")
    office.tab("Clients").type(3, "Phone", "8 912 000 00 01")
    office.tab("Clients").type(3, "E-mail", "Two@Example.org")
    office.sync()
    found = lines(office, "Problems")
    assert [(line["Code"], line["Cell"]) for line in found] == [("V10", "F2"), ("V10", "F3")]
    assert "is also that of Client 2 (C-" in found[0]["What to do"]
    office.tab("Problems").type(found[1]["#"], "Decision", "Merge duplicates")

    office.sync()
    office.sync()

    names = [row["Name"] for row in office.tab("Clients").rows()]
    assert names == ["Client 1", "Client 3"]
    assert office.tab("Clients").rows()[0]["E-mail"] == "Two@example.org"
    assert office.tab("Contacts").rows()[0]["Client"].startswith("Client 1 (C-")
    assert lines(office, "Problems") == []
    assert looks(office) == {}
    assert office.disagreements() == []
    assert is_quiet(office)


def test_duplicate_that_comes_from_the_store_is_told_in_both_rows(office: Office) -> None:
    office.sql("update clients set archived_at = '2026-03-01' where full_name = 'Client 3'")
    office.sync()
    office.sql(
        "update clients set archived_at = null, phone = '+79120000001' where full_name = 'Client 3'"
    )

    office.sync()

    told = {row["What to do"] for row in lines(office, "Problems")}
    office.sync()
    found = lines(office, "Problems")
    assert [line["Cell"] for line in found] == ["F2", "F4"]
    assert {row["What to do"] for row in found} == told
    for line, other in zip(found, ("Client 3", "Client 1"), strict=True):
        assert f"is also that of {other} (C-" in line["What to do"]
    assert looks(office).keys() == {(2, "Phone"), (4, "Phone")}
    assert is_quiet(office)


def test_duplicates_in_a_tab_that_is_made_anew_are_told_in_both_rows(office: Office) -> None:
    office.sql("update clients set phone = '+79120000001' where full_name = 'Client 3'")
    office.staff.del_worksheet(office.staff.worksheet("Clients"))
    office.sync(allow=("clients:new-tab",))
    office.sync()
    assert [line["Cell"] for line in lines(office, "Problems")] == ["F2", "F4"]
    assert looks(office).keys() == {(2, "Phone"), (4, "Phone")}
    assert is_quiet(office)


def test_decision_is_about_what_stood_there_when_it_was_made(office: Office) -> None:
    office.tab("Clients").type(3, "Phone", "12")
    office.sync()
    number = lines(office, "Problems")[0]["#"]
    office.tab("Problems").type(number, "Decision", "Take the store's")
    office.tab("Clients").type(3, "Phone", "8 912 000 00 2")
    office.sync()

    assert office.tab("Clients").rows()[1]["Phone"] == "8 912 000 00 2"
    line = lines(office, "Problems")[0]
    assert line["Decision"] == ""
    assert line["What to do"].startswith("This has changed since “Take the store's” was chosen")


def test_merge_is_with_the_client_whom_the_line_named_and_no_other(office: Office) -> None:
    office.tab("Clients").type(3, "Phone", "8 912 000 00 01")
    office.sync()
    line = lines(office, "Problems")[0]
    assert "is also that of Client 2 (C-" in line["What to do"]
    office.tab("Problems").type(line["#"], "Decision", "Merge duplicates")
    office.sql("update clients set phone = '+79120000077' where full_name = 'Client 2'")
    office.sql("update clients set phone = '+79120000001' where full_name = 'Client 3'")

    office.sync()

    assert [row["Name"] for row in office.tab("Clients").rows()] == [
        *("Client 1", "Client 2", "Client 3"),
    ]
    told = lines(office, "Problems")[0]["What to do"]
    assert told.startswith("It is shared with another one now")
    assert "is also that of Client 3 (C-" in told
    assert office.disagreements() == []


def test_merge_that_was_done_is_not_done_to_the_next_one(office: Office) -> None:
    office.tab("Clients").type(3, "Phone", "8 912 000 00 01")
    office.sync()
    office.tab("Problems").type(lines(office, "Problems")[0]["#"], "Decision", "Merge duplicates")
    # A run that dies right after a merge leaves the answer in its cell, and its line open.
    found = office.app.store.findings.problems("main")[0]
    settle_problems(office.app, lambda: [(found, Decision.MERGE)])
    office.sql("update clients set phone = '+79120000001' where full_name = 'Client 3'")

    office.sync()
    office.sync()

    names = [row["Name"] for row in office.tab("Clients").rows()]
    assert names == ["Client 1", "Client 3"]
    assert {row["Decision"] for row in lines(office, "Problems")} == {""}


def test_merge_that_staff_decided_can_be_taken_back(office: Office) -> None:
    office.tab("Contacts").append(Client="Client 2", When="3/13/2026", Reason="Offer")
    office.sync()
    gone = next(row["ID"] for row in office.tab("Clients").rows() if row["Name"] == "Client 2")
    office.tab("Clients").type(3, "Phone", "8 912 000 00 01")
    office.sync()
    office.tab("Problems").type(lines(office, "Problems")[1]["#"], "Decision", "Merge duplicates")
    office.sync()

    _, undone = unmerge(office.app, str(gone), Author("Petrova"))
    office.sync()

    assert undone.kept == ()
    names = [row["Name"] for row in office.tab("Clients").rows()]
    assert names == ["Client 1", "Client 3", "Client 2"]
    assert office.tab("Contacts").rows()[0]["Client"] == f"Client 2 ({gone})"
    assert office.disagreements() == []


def test_decision_that_a_formula_hindered_is_done_when_the_cell_was_cleared(office: Office) -> None:
    tab = office.tab("Clients")
    place = {"sheetId": tab.sheet.id, "rowIndex": 1, "columnIndex": tab.column("City") - 1}
    cell = {"userEnteredValue": {"formulaValue": '="Om"&"sk"'}}
    request = {"start": place, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}
    office.staff.batch_update({"requests": [{"updateCells": request}]})
    office.sync()
    office.sql("update clients set city = 'Tver' where full_name = 'Client 1'")
    office.sync()
    (line,) = lines(office, "Conflicts")
    office.tab("Conflicts").type(line["#"], "Decision", "Take the store's")
    office.sync()
    assert city(office) == ("Omsk", "Tver")
    tab.put(2, "City", "")
    for _ in range(2):
        office.sync()
    assert city(office) == ("Tver", "Tver")


def test_decision_for_the_sheet_is_about_the_value_of_the_store_that_was_shown(
    office: Office,
) -> None:
    clash(office)
    (line,) = lines(office, "Conflicts")
    office.tab("Conflicts").type(line["#"], "Decision", "Keep mine")
    office.sql("update clients set city = 'Ufa' where full_name = 'Client 1'")
    office.sync()
    office.sync()
    (line,) = lines(office, "Conflicts")
    assert (line["In the store"], line["In the sheet"]) == ("Ufa", "Omsk")
