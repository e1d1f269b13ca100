"""Several workbooks on one store: each shows its own, and records move between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.fleet import THREE, Fleet, assert_settled, begin, copied, open_fleet, settle
from tests.unit.store.builders import folder_in_memory

CLIENTS = {"Alfa": "Anna Ivanova", "Beta": "Anna Ivanova", "Gamma": "Pavel Petrov"}


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    """The folder of a company with an office that shows all, and two employees with a workbook
    each.
    """
    with folder_in_memory() as folder:
        with open_fleet(folder, THREE) as opened:
            begin(opened, CLIENTS)
        yield folder


@pytest.fixture
def fleet(prepared: Path) -> Iterator[Fleet]:
    """A copy of that company."""
    with copied(prepared) as folder, open_fleet(folder, THREE) as opened:
        yield opened


def shown(fleet: Fleet) -> dict[str, set[str]]:
    return {name: set(fleet.clients(name)) for name in fleet.app.bound}


def test_each_workbook_holds_only_its_own_rows(fleet: Fleet) -> None:
    assert shown(fleet) == {
        "office": {"Alfa", "Beta", "Gamma"},
        "anna": {"Alfa", "Beta"},
        "petrov": {"Gamma"},
    }
    assert "0000002" not in fleet.texts("anna").replace(" ", "").replace("-", "")


@pytest.mark.parametrize("order", [("anna", "petrov", "office"), ("office", "petrov", "anna")])
def test_owner_changed_in_the_sheet_moves_the_row(fleet: Fleet, order: tuple[str, ...]) -> None:
    fleet.type("anna", "Alfa", "Owner", "Pavel Petrov")
    for name in [*order, *order]:
        fleet.sync(name)
        assert any("Alfa" in fleet.clients(who) for who in ("anna", "petrov"))
    assert shown(fleet)["anna"] == {"Beta"}
    assert shown(fleet)["petrov"] == {"Alfa", "Gamma"}
    assert fleet.owners()["Alfa"] == "Pavel Petrov"
    assert_settled(fleet, *order)
    assert fleet.sql("select count(*) from history where op = 'archive'") == [(0,)]


def test_owner_changed_in_the_store_moves_the_row(fleet: Fleet) -> None:
    fleet.sql(
        "update clients set owner = (select id from employees where name = 'Pavel Petrov')"
        " where full_name = 'Alfa'"
    )
    fleet.round("anna", "petrov", "office")
    assert "Alfa" in shown(fleet)["petrov"]
    fleet.round("anna", "petrov", "office")
    assert shown(fleet)["anna"] == {"Beta"}
    # Nor does the hidden tab in which each write keeps what it met.
    assert "Alfa" not in fleet.texts("anna")
    assert_settled(fleet)


def test_name_of_a_scope_that_passes_to_a_colleague_takes_the_rows_along(fleet: Fleet) -> None:
    fleet.sql(
        "update employees set name = case name when 'Anna Ivanova' then 'Pavel Petrov'"
        " else 'Anna Ivanova' end"
    )
    result = fleet.sync("anna")
    (entered,) = [item for item in result.notices if item.code == "ENTERED"]
    # Nobody has touched the configuration.
    assert "config.toml" not in entered.message
    fleet.round("petrov", "anna", "office")
    assert shown(fleet)["anna"] == {"Gamma"}
    assert shown(fleet)["petrov"] == {"Alfa", "Beta"}


def test_record_may_go_to_and_fro(fleet: Fleet) -> None:
    for book, owner in (("anna", "Pavel Petrov"), ("petrov", "Anna Ivanova")) * 2:
        fleet.type(book, "Alfa", "Owner", owner)
        settle(fleet)
        assert fleet.owners()["Alfa"] == owner
    assert shown(fleet)["anna"] == {"Alfa", "Beta"}
    assert shown(fleet)["petrov"] == {"Gamma"}


def test_edit_in_a_row_that_leaves_is_taken_first(fleet: Fleet) -> None:
    fleet.sql(
        "update clients set owner = (select id from employees where name = 'Pavel Petrov')"
        " where full_name = 'Alfa'"
    )
    fleet.sync("petrov")
    fleet.type("anna", "Alfa", "City", "Perm")
    settle(fleet)
    assert shown(fleet)["anna"] == {"Beta"}
    assert fleet.clients("petrov")["Alfa"]["City"] == "Perm"


def test_conflict_keeps_the_row_in_its_old_workbook(fleet: Fleet) -> None:
    fleet.sql(
        "update clients set city = 'Omsk', owner ="
        " (select id from employees where name = 'Pavel Petrov') where full_name = 'Alfa'"
    )
    fleet.type("anna", "Alfa", "City", "Perm")
    fleet.round()
    fleet.round()
    assert fleet.clients("anna")["Alfa"]["City"] == "Perm"
    assert fleet.clients("petrov")["Alfa"]["City"] == "Omsk"
    (conflict,) = fleet.app.store.findings.conflicts("anna")
    assert (conflict.conflict.field, conflict.conflict.theirs) == ("city", "Perm")


def test_new_client_belongs_to_the_employee_whose_workbook_it_is_in(fleet: Fleet) -> None:
    fleet.tab("anna").append(Name="Delta", Phone="+79120000077")
    settle(fleet)
    assert fleet.owners()["Delta"] == "Anna Ivanova"
    assert fleet.clients("anna")["Delta"]["Owner"] == "Anna Ivanova"


def test_duplicate_that_a_workbook_does_not_show_is_not_named_there(fleet: Fleet) -> None:
    fleet.type("anna", "Beta", "Phone", "8 912 000 00 02")

    settle(fleet)

    told = {
        name: [
            fleet.app.say(found.problem.message, **found.problem.params).partition(" (C-")[0]
            for found in fleet.app.store.findings.problems(name)
        ]
        for name in ("office", "anna")
    }
    shared = "+7 912 000-00-02 is also that of"
    assert told == {
        "office": [f"{shared} Gamma", f"{shared} Beta"],
        "anna": [f"{shared} a client who is not in this workbook."],
    }


def test_new_client_for_a_colleague_goes_to_the_colleague(fleet: Fleet) -> None:
    fleet.tab("anna").append(Name="Delta", Phone="+79120000077", Owner="Pavel Petrov")
    settle(fleet, "anna", "petrov", "office")
    assert "Delta" in shown(fleet)["petrov"]
    assert "Delta" not in shown(fleet)["anna"]


def test_contacts_and_agreements_follow_their_client(fleet: Fleet) -> None:
    contacts = fleet.tab("anna", "Contacts")
    contacts.append(Client="Alfa", When="2026-03-02", Reason="Offer", Summary="called")
    settle(fleet)
    assert [row["Summary"] for row in fleet.tab("anna", "Contacts").rows()] == ["called"]
    assert fleet.tab("anna", "Contacts").rows()[0]["Employee"] == "Anna Ivanova"
    fleet.type("anna", "Alfa", "Owner", "Pavel Petrov")
    settle(fleet)
    assert fleet.tab("anna", "Contacts").rows() == []
    assert [row["Summary"] for row in fleet.tab("petrov", "Contacts").rows()] == ["called"]


def test_edits_of_one_record_in_two_workbooks_meet_in_the_store(fleet: Fleet) -> None:
    fleet.type("anna", "Alfa", "City", "Perm")
    fleet.type("office", "Alfa", "Address", "Lenina 1")
    settle(fleet)
    for name in ("anna", "office"):
        row = fleet.clients(name)["Alfa"]
        assert (row["City"], row["Address"]) == ("Perm", "Lenina 1")


def test_delete_in_one_workbook_and_edit_in_the_other_is_a_conflict(fleet: Fleet) -> None:
    for order in (("office", "anna"), ("anna", "office")):
        fleet.delete("anna", "Beta")
        fleet.type("office", "Beta", "City", "Perm")
        fleet.round(*order)
        fleet.round(*order)
        clashes = [item.conflict for item in fleet.app.store.findings.conflicts()]
        assert [(item.record_id, item.field) for item in clashes] != []
        return


def test_delete_in_an_employees_workbook_archives_the_client_everywhere(fleet: Fleet) -> None:
    fleet.delete("anna", "Beta")
    settle(fleet)
    assert shown(fleet) == {"office": {"Alfa", "Gamma"}, "anna": {"Alfa"}, "petrov": {"Gamma"}}


def cut(fleet: Fleet, name: str, client: str) -> list[object]:
    tab = fleet.tab(name)
    row = next(row for row in tab.rows() if row["Name"] == client)
    tab.sheet.delete_rows(row["#"])
    return [row[heading] for heading in tab.headings]


def paste(fleet: Fleet, name: str, cells: list[object]) -> None:
    sheet = fleet.book(name).worksheet("Clients")
    sheet.update([cells], f"A{len(sheet.get()) + 1}", value_input_option="RAW")


@pytest.mark.parametrize("order", [("anna", "petrov", "office"), ("petrov", "anna", "office")])
def test_row_cut_out_of_one_workbook_and_pasted_into_another_is_a_move(
    fleet: Fleet, order: tuple[str, ...]
) -> None:
    before = fleet.sql("select id from clients where full_name = 'Alfa'")
    paste(fleet, "petrov", cut(fleet, "anna", "Alfa"))
    settle(fleet, *order)
    assert fleet.owners()["Alfa"] == "Pavel Petrov"
    assert shown(fleet) == {
        "office": {"Alfa", "Beta", "Gamma"},
        "anna": {"Beta"},
        "petrov": {"Alfa", "Gamma"},
    }
    assert fleet.sql("select id from clients where full_name = 'Alfa'") == before


def test_row_copied_into_another_workbook_is_held_and_shows_nothing(fleet: Fleet) -> None:
    alfa = fleet.sql("select id from clients where full_name = 'Alfa'")[0][0]
    paste(fleet, "petrov", [alfa, "", "", "Alfa"])
    fleet.round()
    fleet.round()
    assert fleet.clients("petrov")["Alfa"]["Phone"] == ""
    assert fleet.clients("anna")["Alfa"]["Phone"] != ""
    (problem,) = fleet.app.store.findings.problems("petrov")
    assert (problem.problem.code, problem.problem.typed) == ("V12", alfa)
