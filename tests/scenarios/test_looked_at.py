"""A run that looks at a part of a workbook looks at all that waits, whatever else it was told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import gspread
import pytest

from crm_sync.services.entry import Author
from crm_sync.services.uniting import Choice, merge, plan_merge
from tests.scenarios.office import Office, office_after

CLIENTS = 5


def begin(opened: Office) -> None:
    """Five clients with an agreement each, in agreement on both sides."""
    opened.sync()
    tab = opened.tab("Clients")
    for number in range(1, CLIENTS + 1):
        tab.append(
            Name=f"Client {number}",
            Phone=f"+7912000000{number}",
            City="Perm",
            Note=f"note {number}",
        )
    tab = opened.tab("Agreements")
    soon = opened.app.local_now().date() + timedelta(days=30)
    for number in range(1, CLIENTS + 1):
        tab.append(
            Client=f"Client {number}",
            What_was_agreed=f"deal {number}",
            Agreed_on="2026-03-10",
            Amount=100,
            Due=str(soon),
        )
    opened.sync()
    assert opened.disagreements() == []
    assert opened.app.store.findings.problems("main") == ()


@pytest.fixture
def office() -> Iterator[Office]:
    """The office after that."""
    with office_after(begin) as opened:
        yield opened


def forget_what_was_told(office: Office) -> None:
    """As somebody does who tidies up in the store with a program of their own."""
    office.sql("delete from problems")
    office.sql("delete from marks")


def told(office: Office) -> list[tuple[str, str]]:
    every = office.app.store.findings.problems("main")
    found = [item.problem for item in every if item.problem.table == "clients"]
    return [(problem.code, problem.record_id) for problem in found]


def work_elsewhere(office: Office) -> None:
    office.tab("Clients").put(CLIENTS + 1, "City", "Tver")
    office.sync()


def test_cell_that_will_not_do_is_told_again_though_its_problem_was_deleted(office: Office) -> None:
    office.tab("Clients").put(2, "Phone", "no phone")
    office.sync()
    before = told(office)
    assert before
    forget_what_was_told(office)
    work_elsewhere(office)
    assert told(office) == before


def test_row_that_is_held_stays_held_though_its_problem_was_deleted(office: Office) -> None:
    tab = office.tab("Clients")
    record_id = tab.grid[1][0]
    tab.put(2, "ID", "")
    for heading, text in (("Name", "Somebody"), ("Phone", "+79139999999")):
        tab.put(2, heading, text)
    office.sync()
    assert told(office) == [("V12", record_id)]
    forget_what_was_told(office)
    work_elsewhere(office)
    assert told(office) == [("V12", record_id)]
    assert office.sql("select count(*) from clients") == [(CLIENTS,)]


def test_contact_is_shown_in_the_row_of_its_client_though_nobody_touched_it(office: Office) -> None:
    office.tab("Contacts").append(
        Client="Client 3", When="2026-03-10", Reason="Cold call", Summary="said hello"
    )
    office.sync()
    shown = {row["Name"] for row in office.tab("Clients").rows() if row["Last contact"]}
    assert shown == {"Client 3"}


def test_status_that_is_renamed_in_the_store_is_renamed_in_all_rows_that_show_it(
    office: Office,
) -> None:
    shown = {row["Current agreement"] for row in office.tab("Clients").rows()}
    label = str(shown.pop()).rpartition(" · ")[2]
    office.sql("update statuses set en = 'Under way' where entity = 'agreement' and en = ?", label)
    office.sync()
    rows = office.tab("Clients").rows()
    assert len(rows) == CLIENTS
    assert all(str(row["Current agreement"]).endswith(" · Under way") for row in rows)


def test_language_that_was_changed_is_spoken_in_rows_that_nobody_touched(office: Office) -> None:
    office.app = replace(office.app, language="ru", fingerprint="of another language")
    before = {row["Current agreement"] for row in office.tab("Clients").rows()}
    office.sync()
    rows = office.tab("Clients").rows()
    assert before.isdisjoint(row["Current agreement"] for row in rows)


def test_owner_and_branch_that_are_renamed_in_the_store_are_renamed_in_all_rows(
    office: Office,
) -> None:
    office.tab("Branches").append(Name="Perm")
    office.tab("Employees").append(Name="Ivan", Branch="Perm")
    office.sync()
    tab = office.tab("Clients")
    for number in range(12):
        phone = f"+79130000{number:03}"
        tab.append(Name=f"Of Ivan {number}", Phone=phone, Owner="Ivan", Branch="Perm")
    office.sync()
    office.sync()
    office.sql("update employees set name = 'Petr' where name = 'Ivan'")
    office.sql("update branches set name = 'Omsk' where name = 'Perm'")

    office.sync()

    rows = office.tab("Clients").rows()[CLIENTS:]
    assert {(row["Owner"], row["Branch"]) for row in rows} == {("Petr", "Omsk")}
    assert told(office) == []
    assert office.sync().outcome == "unchanged"


def test_name_that_two_bore_is_renamed_in_the_cells_that_show_it_with_an_id(office: Office) -> None:
    employees, clients = office.tab("Employees"), office.tab("Clients")
    employees.append(Name="Anna")
    employees.append(Name="Boris")
    for number in range(2, CLIENTS + 2):
        clients.put(number, "Owner", ("Anna", "Boris")[number % 2])
    office.sync()
    office.sync()
    anna, boris = (row["ID"] for row in office.tab("Employees").rows())

    def shown(heading: str) -> list[str]:
        office.sync()
        assert told(office) == []
        assert office.disagreements() == []
        return [str(row[heading]) for row in office.tab("Clients").rows()]

    assert shown("Owner") == ["Anna", "Boris"] * 2 + ["Anna"]
    employees.put(2, "Name", "Boris")
    assert shown("Owner") == [f"Boris ({anna})", f"Boris ({boris})"] * 2 + [f"Boris ({anna})"]
    work_elsewhere(office)
    employees.put(2, "Name", "Zoya")
    assert shown("Owner") == ["Zoya", "Boris"] * 2 + ["Zoya"]

    name = "update statuses set en = ? where entity = 'client' and key = 'cold'"
    office.sql(name, "Offer made")
    assert shown("Status") == ["Offer made (cold)"] * CLIENTS
    office.sql(name, "New")
    assert shown("Status") == ["New"] * CLIENTS
    assert office.sync().outcome == "unchanged"


def test_name_and_id_that_disagree_wait_though_nobody_bears_the_name_any_more(
    office: Office,
) -> None:
    first, second = (row["ID"] for row in office.tab("Clients").rows()[:2])
    contacts = office.tab("Contacts")
    for typed in (f"Client 2 ({first})", f"Client 2 ({second})"):
        contacts.append(Client=typed, When="2026-03-10", Reason="Offer", Summary=typed)
    tab = office.tab("Clients")
    tab.put(3, "Name", "Renamed")
    for _ in range(2):
        office.sync()
        shown = [row["Client"] for row in office.tab("Contacts").rows()]
        assert shown == [f"Client 2 ({first})", f"Renamed ({second})"]
        assert office.sql("select client from contacts") == [(second,)]
        (told_of,) = office.app.store.findings.problems("main")
        assert told_of.problem.params["match"] == f"Client 1 ({first})"
        work_elsewhere(office)
    # An older cell that is pasted now still means the record that bore the name.
    office.tab("Contacts").append(
        Client=f"Client 2 ({second})", When="2026-03-11", Reason="Offer", Summary="pasted"
    )
    office.tab("Contacts").put(2, "Client", f"Client 1 ({first})")
    office.sync()
    shown = [row["Client"] for row in office.tab("Contacts").rows()]
    assert shown == [f"Client 1 ({first})", f"Renamed ({second})", f"Renamed ({second})"]
    assert office.app.store.findings.problems("main") == ()


def test_client_who_was_merged_is_told_with_the_one_to_name_instead(office: Office) -> None:
    office.sync()
    ids = [row["ID"] for row in office.tab("Clients").rows()]
    table, app = office.app.tab("clients").table, office.app
    for kept, gone in ((1, 0), (2, 1)):
        records = app.store.records.all(table)
        with app.store.lease():
            plan = plan_merge(
                app, table, records[ids[kept]], [records[ids[gone]]], Choice(usual=ids[kept])
            )
            merge(app, plan, Author("Owner"))
    office.sync()
    office.tab("Contacts").append(
        Client=f"Client 1 ({ids[0]})", When="2026-03-10", Reason="Offer", Summary="old"
    )
    for _ in range(2):
        office.sync()
        every = [item.problem for item in office.app.store.findings.problems("main")]
        (found,) = [item for item in every if item.table == "contacts"]
        assert found.message == '"{typed}" was merged into {match}.'
        assert found.params["match"] == f"Client 3 ({ids[2]})"
        work_elsewhere(office)


def test_formula_over_a_cell_that_a_run_wrote_is_read_by_the_next_run(office: Office) -> None:
    tab = office.tab("Agreements")
    amount = gspread.utils.rowcol_to_a1(3, tab.column("Amount"))
    tab.type(2, "Amount", f"={amount}*2")
    office.sync()
    office.sync()
    assert office.sync().outcome == "unchanged"
    office.sql("update agreements set amount = '5000' where subject = 'deal 2'")
    office.sync()
    office.sync()
    amounts = office.sql("select amount from agreements order by subject limit 2")
    assert [int(found) for (found,) in amounts] == [10000, 5000]
    # That run wrote as well, but nothing that the formula reads.
    assert office.sync().outcome == "unchanged"
