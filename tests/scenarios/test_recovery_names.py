"""A store or a workbook that was put back meets the other one, in which people and lists are called
otherwise: the cells of a workbook mean what its own tabs say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from crm_sync.services.recovery import recover
from tests.scenarios.office import Office, lay_out
from tests.scenarios.test_recovery import CLIENTS, Shop, begin, change, settled
from tests.unit.store.builders import folder_in_memory

ANNA, BORIS = "Anna Ivanova", "Boris Petrov"


def staffed(office: Office) -> None:
    """The shop with two employees, of whom one has a client."""
    begin(office)
    for name in (ANNA, BORIS):
        office.tab("Employees").append(Name=name, Active=True)
    change(office, "Client 01", "Owner", ANNA)
    settled(office)


@pytest.fixture
def shop() -> Iterator[Shop]:
    """The shop after that, the store of then kept aside."""
    with folder_in_memory() as folder:
        lay_out(folder, staffed)
        opened = Shop(folder)
        opened.keep("crm.db")
        yield opened
        opened.stack.close()


def called(office: Office, title: str, heading: str, was: str, now: object) -> None:
    """Types something else over a cell of a list, which holds what it `was`."""
    tab = office.tab(title)
    tab.put(next(row["#"] for row in tab.rows() if row[heading] == was), heading, now)


def swap_names(office: Office) -> None:
    called(office, "Employees", "Name", ANNA, "?")
    called(office, "Employees", "Name", BORIS, ANNA)
    called(office, "Employees", "Name", "?", BORIS)


def owners(office: Office) -> dict[str, str]:
    return dict(
        office.sql(
            "select full_name, owner from clients where owner is not null and archived_at is null"
        )
    )


def shown(office: Office) -> dict[str, str]:
    return {row["Name"]: row["Owner"] for row in office.tab("Clients").rows() if row["Owner"]}


def held(office: Office) -> list[list[tuple[object, ...]]]:
    """What the store holds of those who were added."""
    return [
        office.sql(f"select {fields} from {table} where archived_at is null order by id")
        for table, fields in (
            ("clients", "id, full_name, status, owner"),
            ("contacts", "id, client, summary, employee"),
            ("agreements", "id, client, subject"),
        )
    ]


def test_cell_means_who_bears_the_name_in_the_workbook_now(shop: Shop) -> None:
    swap_names(shop.office)
    shop.office.sync()
    shop.office.tab("Clients").append(Name="Newcomer", Phone="+79130000001", Owner=ANNA)
    settled(shop.office)
    before, seen = owners(shop.office), shown(shop.office)
    shop.put_back("crm.db")

    recover(shop.office.app, "main")

    settled(shop.office)
    assert (owners(shop.office), shown(shop.office)) == (before, seen)


def test_what_was_renamed_or_closed_keeps_no_record_from_coming_back_with_its_id(
    shop: Shop,
) -> None:
    office = shop.office
    called(office, "Statuses", "In English", "Cold", "Chilly")
    change(office, "Client 02", "Name", "Quite Another")
    office.tab("Clients").append(Name="Newcomer", Phone="+79130000001", Owner=ANNA)
    office.sync()
    for client in ("Newcomer", "Quite Another"):
        office.tab("Contacts").append(
            Client=client, When="2026-03-11", Reason="Cold call", Summary=f"to {client}"
        )
    office.tab("Agreements").append(
        Client="Newcomer", What_was_agreed="deal", State="Draft", Agreed_on="2026-03-11"
    )
    settled(office)
    staff = office.tab("Employees")
    staff.put(next(row["#"] for row in staff.rows() if row["Name"] == ANNA), "Active", False)
    office.sync()
    before = held(office)
    assert [len(records) for records in before] == [CLIENTS + 1, 3, 1]
    shop.put_back("crm.db")

    recover(shop.office.app, "main")

    shop.office.sync()
    assert shop.office.sync().outcome == "unchanged"
    assert held(shop.office) == before


def test_name_that_nobody_bears_any_more_is_that_of_who_bore_it(shop: Shop) -> None:
    shop.office.tab("Clients").append(Name="Newcomer", Phone="+79130000001", Owner=ANNA)
    settled(shop.office)
    before = held(shop.office)
    shop.put_back("crm.db")
    called(shop.office, "Employees", "Name", ANNA, "Anna Sidorova")
    called(shop.office, "Statuses", "In English", "Cold", "Chilly")

    recover(shop.office.app, "main")

    settled(shop.office)
    assert held(shop.office) == before
    assert shown(shop.office)["Newcomer"] == "Anna Sidorova"


def test_old_client_given_to_who_bears_the_former_name_of_its_owner_is_asked_about(
    shop: Shop,
) -> None:
    swap_names(shop.office)
    shop.office.sync()
    change(shop.office, "Client 01", "Owner", ANNA)
    shop.office.sync()
    shop.put_back("crm.db")

    recover(shop.office.app, "main")

    shop.office.sync()
    (clash,) = (item.conflict for item in shop.office.app.store.findings.conflicts("main"))
    assert (clash.table, clash.field) == ("clients", "owner")
    assert shown(shop.office)["Client 01"] == ANNA


def test_name_that_both_sides_changed_stays_a_conflict(shop: Shop) -> None:
    called(shop.office, "Employees", "Name", ANNA, "Anna Sidorova")
    shop.office.tab("Clients").append(Name="Newcomer", Phone="+79130000001", Owner="Anna Sidorova")
    settled(shop.office)
    before = owners(shop.office)
    shop.put_back("crm.db")
    shop.office.sql("update employees set name = 'Anna Orlova' where name = ?", ANNA)

    recover(shop.office.app, "main")

    shop.office.sync()
    (clash,) = (item.conflict for item in shop.office.app.store.findings.conflicts("main"))
    assert (clash.table, clash.field) == ("employees", "name")
    assert owners(shop.office) == before


def rename_one(office: Office) -> None:
    called(office, "Employees", "Name", ANNA, "Anna Sidorova")


@pytest.mark.parametrize("rename", [swap_names, rename_one])
def test_older_workbook_is_read_by_its_own_names_and_shows_those_of_now(
    shop: Shop, rename: Callable[[Office], None]
) -> None:
    change(shop.office, "Client 02", "Owner", BORIS)
    settled(shop.office)
    shop.keep("workbook.db")
    rename(shop.office)
    settled(shop.office)
    before, seen = owners(shop.office), shown(shop.office)
    shop.put_back("workbook.db")

    assert recover(shop.office.app, "main").count("edits") == 0

    settled(shop.office)
    assert (owners(shop.office), shown(shop.office)) == (before, seen)


def test_name_typed_into_an_older_workbook_that_has_passed_to_another_is_asked_about(
    shop: Shop,
) -> None:
    shop.office.tab("Employees").append(Name="Clara Orlova", Active=True)
    change(shop.office, "Client 02", "Owner", "Clara Orlova")
    settled(shop.office)
    shop.keep("workbook.db")
    swap_names(shop.office)
    settled(shop.office)
    before = owners(shop.office)
    shop.put_back("workbook.db")
    change(shop.office, "Client 02", "Owner", ANNA)

    assert recover(shop.office.app, "main").count("edits") == 1

    shop.office.sync()
    (clash,) = (item.conflict for item in shop.office.app.store.findings.conflicts("main"))
    assert (clash.table, clash.field) == ("clients", "owner")
    assert owners(shop.office) == before
    assert shown(shop.office)["Client 02"] == ANNA
