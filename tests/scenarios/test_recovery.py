"""A workbook or a store that was put back, copied or handed over: the run says so and changes
nothing; `recover` heals it, and nothing is spread as an edit or a delete.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import gspread
import pytest

from crm_sync.config import load_config
from crm_sync.core.findings import Side
from crm_sync.core.stamp import Standing
from crm_sync.errors import OtherStore, StoreOlder, UserError, WorkbookOlder, WrongWorkbook
from crm_sync.model import TABLES
from crm_sync.services.application import Application, BoundWorkbook
from crm_sync.services.recovery import recover
from crm_sync.services.sync import sync
from crm_sync.wiring import open_application
from tests.scenarios.office import Office, lay_out, open_office, staff_client
from tests.unit.store.builders import folder_in_memory

CLIENTS = 12
SERVICE_ACCOUNT = "crm-sync@crm-sync-local.iam.gserviceaccount.com"


class Shop:
    """An office whose machine can be switched off, so that files can be put back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stack = ExitStack()
        self.office = self.stack.enter_context(open_office(folder))

    def keep(self, *names: str) -> None:
        """Copies files of the office aside."""
        self.stack.close()
        for name in names:
            shutil.copy(self.folder / name, self.folder / f"{name}.kept")
        self.open()

    def put_back(self, *names: str) -> None:
        """Puts the copies in their place."""
        self.stack.close()
        for name in names:
            shutil.copy(self.folder / f"{name}.kept", self.folder / name)
        self.open()

    def exchange(self, name: str) -> None:
        """Puts the copy in the place of the file, and the file in that of the copy."""
        self.stack.close()
        aside = self.folder / f"{name}.aside"
        (self.folder / name).rename(aside)
        (self.folder / f"{name}.kept").rename(self.folder / name)
        aside.rename(self.folder / f"{name}.kept")
        self.open()

    def lose(self, name: str) -> None:
        """The file is gone, and so are the backups."""
        self.stack.close()
        (self.folder / name).unlink()
        shutil.rmtree(self.folder / "backups", ignore_errors=True)
        self.open()

    def open(self) -> None:
        self.stack = ExitStack()
        self.office = self.stack.enter_context(open_office(self.folder))

    @property
    def cities(self) -> dict[str, str]:
        return {str(row["Name"]): str(row["City"]) for row in self.office.tab("Clients").rows()}

    @property
    def ids(self) -> dict[str, str]:
        return {str(row["Name"]): str(row["ID"]) for row in self.office.tab("Clients").rows()}


def begin(office: Office) -> None:
    """Twelve clients with a contact, in agreement."""
    office.sync()
    tab = office.tab("Clients")
    for n in range(1, CLIENTS + 1):
        tab.append(Name=f"Client {n:02}", Phone=f"+791200000{n:02}", City="Perm")
    office.tab("Contacts").append(
        Client="Client 03", When="2026-03-10", Reason="Cold call", Summary="first"
    )
    office.sync()
    assert office.disagreements() == []


@pytest.fixture
def shop() -> Iterator[Shop]:
    """The shop after that."""
    with folder_in_memory() as folder:
        lay_out(folder, begin)
        opened = Shop(folder)
        yield opened
        opened.stack.close()


def change(office: Office, name: str, heading: str, value: str) -> None:
    tab = office.tab("Clients")
    row = next(row["#"] for row in tab.rows() if row["Name"] == name)
    tab.put(row, heading, value)


def refused(office: Office, kind: type[UserError]) -> None:
    """The run and its dry run stop, and change nothing on either side."""
    before = office.tab("Clients").grid, office.sql("select * from clients")
    for dry_run in (True, False):
        with pytest.raises(kind):
            office.sync(dry_run=dry_run)
    assert (office.tab("Clients").grid, office.sql("select * from clients")) == before


def settled(office: Office) -> None:
    for _ in range(2):
        office.sync()
    assert office.disagreements() == []
    assert office.sync().outcome == "unchanged"


def a_days_work(shop: Shop) -> None:
    """Edits, a new row and a deleted one, all synced."""
    office = shop.office
    for n in range(1, CLIENTS):
        change(office, f"Client {n:02}", "City", f"Omsk {n}")
    office.tab("Clients").append(Name="Newcomer", Phone="+79130000001", City="Tver")
    rows = office.tab("Clients").rows()
    gone = next(row["#"] for row in rows if row["Name"] == "Client 12")
    office.tab("Clients").sheet.delete_rows(gone)
    office.sync(allow=(f"clients:city:{CLIENTS - 1}",))
    assert office.disagreements() == []


def test_workbook_put_back_and_edited_up_to_the_version_that_is_remembered_is_looked_at(
    shop: Shop,
) -> None:
    office = shop.office
    office.sync()
    shop.keep("workbook.db")
    office = shop.office
    before = version(office)
    change(office, "Client 01", "City", "Omsk")
    office.sync()
    remembered = version(office)
    assert office.sync().outcome == "unchanged"
    shop.put_back("workbook.db")
    office = shop.office
    for number in range(remembered - before):
        change(office, "Client 02", "City", f"Tver {number}")
    refused(office, WorkbookOlder)


def version(office: Office) -> int:
    binding = office.app.store.bases.binding("main")
    assert binding is not None
    return office.app.workbooks.open("main", binding.spreadsheet_id).probe()


def test_workbook_put_back_to_an_older_state_is_no_edit_and_no_delete(shop: Shop) -> None:
    shop.keep("workbook.db")
    a_days_work(shop)
    cities, ids = shop.cities, shop.ids
    shop.put_back("workbook.db")
    refused(shop.office, WorkbookOlder)

    looked = recover(shop.office.app, "main", dry_run=True)
    assert (looked.standing, looked.run) == (Standing.BOOK_OLD, None)
    assert looked.count("older_cells") == CLIENTS - 1
    assert (looked.count("missing_rows"), looked.count("left_rows")) == (1, 1)
    refused(shop.office, WorkbookOlder)

    assert recover(shop.office.app, "main").run is not None

    settled(shop.office)
    assert (shop.cities, shop.ids) == (cities, ids)


def test_workbook_put_back_behind_a_run_that_had_nothing_to_write_is_noticed(shop: Shop) -> None:
    shop.keep("workbook.db")
    a_days_work(shop)
    shop.office.staff.add_worksheet("Mine", 5, 5)
    _, requests = shop.office.counted_sync()
    assert len(requests) > 1
    assert not [path for _, path in requests if path.endswith(":batchUpdate")]

    shop.put_back("workbook.db")

    refused(shop.office, WorkbookOlder)


def test_what_staff_typed_into_the_older_state_is_kept(shop: Shop) -> None:
    shop.keep("workbook.db")
    a_days_work(shop)
    shop.put_back("workbook.db")
    change(shop.office, "Client 05", "City", "Kazan")
    change(shop.office, "Client 05", "Note", "rang twice")
    shop.office.tab("Clients").append(Name="Another", Phone="+79130000002")

    assert recover(shop.office.app, "main").count("edits") == 2

    settled(shop.office)
    assert shop.cities["Client 05"] == "Kazan"
    assert shop.cities["Client 06"] == "Omsk 6"
    assert "Another" in shop.cities
    assert shop.office.sql("select note from clients where full_name = 'Client 05'") == [
        ("rang twice",)
    ]


def test_older_state_of_a_workbook_can_be_kept_and_counts_as_edits(shop: Shop) -> None:
    shop.keep("workbook.db")
    change(shop.office, "Client 01", "City", "Omsk")
    shop.office.sync()
    shop.put_back("workbook.db")
    refused(shop.office, WorkbookOlder)

    recover(shop.office.app, "main", take=Side.SHEET)

    settled(shop.office)
    assert set(shop.cities.values()) == {"Perm"}


def test_older_state_that_would_change_very_much_is_kept_only_when_that_is_allowed(
    shop: Shop,
) -> None:
    shop.keep("workbook.db")
    a_days_work(shop)
    shop.put_back("workbook.db")
    run = recover(shop.office.app, "main", take=Side.SHEET).run
    assert run is not None
    assert [stop.code for stop in run.stops] == ["E-MANY-CHANGES"]
    assert shop.office.sql("select count(*) from clients where city = 'Perm'") == [(1,)]


def test_id_of_a_row_that_waits_is_given_to_no_other_by_a_store_that_was_put_back(
    shop: Shop,
) -> None:
    shop.keep("crm.db")
    shop.office.tab("Clients").append(Name="Newcomer", Phone="+79130000001")
    shop.office.sync()
    waiting = shop.ids["Newcomer"]
    change(shop.office, "Newcomer", "Name", "")
    shop.put_back("crm.db")
    recover(shop.office.app, "main")
    shop.office.tab("Clients").append(Name="Later", Phone="+79130000003")
    shop.office.sync()
    assert shop.ids["Later"] not in ("", waiting)


@pytest.mark.parametrize("is_older", [False, True])
def test_store_that_means_others_by_the_ids_of_a_workbook_does_not_take_it_over(
    shop: Shop, *, is_older: bool
) -> None:
    ids = sorted(shop.ids.values())
    shop.keep("crm.db")
    shop.lose("crm.db")
    shop.office.sql("insert into clients (id, full_name) values (?, 'Somebody else')", ids[0])
    if is_older:
        shop.exchange("crm.db")
        change(shop.office, "Client 01", "City", "Omsk")
        shop.office.sync()
        shop.exchange("crm.db")
    shop.office.app = bound_to(shop.office, "main", spreadsheet_id(shop))
    with pytest.raises(OtherStore, match="different records by the same ids"):
        recover(shop.office.app, "main")
    assert shop.office.sql("select id, full_name from clients") == [(ids[0], "Somebody else")]


def test_store_put_back_from_a_backup_catches_up_with_the_workbook(shop: Shop) -> None:
    shop.keep("crm.db")
    a_days_work(shop)
    cities, ids = shop.cities, shop.ids
    shop.put_back("crm.db")
    refused(shop.office, StoreOlder)

    assert recover(shop.office.app, "main").records_adopted == 1

    settled(shop.office)
    assert (shop.cities, shop.ids) == (cities, ids)
    shop.office.tab("Clients").append(Name="Later", Phone="+79130000003")
    settled(shop.office)
    assert len(set(shop.ids.values())) == len(shop.ids)


def newcomer_copied(shop: Shop, place: int) -> dict[str, str]:
    """Two clients have come since the store was kept, and the first was copied with its id as row
    `place`; gives the ids before that.
    """
    shop.keep("crm.db")
    clients = shop.office.tab("Clients")
    for name in ("Newcomer", "Another"):
        clients.append(Name=name, Phone=f"+7913000000{len(name)}")
    shop.office.tab("Contacts").append(
        Client="Newcomer", When="2026-03-11", Reason="Cold call", Summary="second"
    )
    shop.office.sync()
    ids = shop.ids
    clients = shop.office.tab("Clients")
    (row,) = [row for row in clients.grid if "Newcomer" in row]
    copy = [{"Newcomer": "Copied"}.get(str(cell), cell) for cell in row]
    clients.sheet.insert_row(copy, place, value_input_option="RAW")
    shop.put_back("crm.db")
    refused(shop.office, StoreOlder)
    recover(shop.office.app, "main")
    return ids


@pytest.mark.parametrize("place", [2, CLIENTS + 4])
def test_original_of_a_row_copied_since_the_backup_of_the_store_keeps_its_id(
    shop: Shop, place: int
) -> None:
    ids = newcomer_copied(shop, place)

    settled(shop.office)

    found = shop.ids
    assert found.pop("Copied") not in {"", *ids.values()}
    assert found == ids
    assert shop.office.tab("Contacts").rows()[-1]["Client"] == f"Newcomer ({ids['Newcomer']})"


def test_row_copied_beside_itself_since_the_backup_of_the_store_waits_for_a_person(
    shop: Shop,
) -> None:
    ids = newcomer_copied(shop, CLIENTS + 2)

    shop.office.sync()

    problems = [item.problem for item in shop.office.app.store.findings.problems("main")]
    rows = [(problem.table, problem.row) for problem in problems]
    # With them waits the contact: it names Newcomer, and whose the id is nobody has said.
    assert rows == [("clients", CLIENTS + 1), ("clients", CLIENTS + 2), ("contacts", 2)]
    assert "Leave {id} in the row that is this record" in problems[0].remedy
    assert set(shop.ids.values()) == set(ids.values())
    change(shop.office, "Copied", "ID", "")
    settled(shop.office)
    found = shop.ids
    assert found.pop("Copied") not in {"", *ids.values()}
    assert found == ids
    assert shop.office.tab("Contacts").rows()[-1]["Client"] == f"Newcomer ({ids['Newcomer']})"


def test_row_renamed_since_the_backup_of_a_store_that_had_not_placed_it_is_that_record(
    shop: Shop,
) -> None:
    clients = next(table for table in TABLES if table.name == "clients")
    (new_id,) = shop.office.app.store.records.mint(clients, 1)
    shop.office.sql(
        "insert into clients (id, full_name, phone) values (?, 'Placed', '+79130000009')", new_id
    )
    shop.keep("crm.db")
    settled(shop.office)
    change(shop.office, "Placed", "Name", "Renamed")
    shop.put_back("crm.db")
    refused(shop.office, StoreOlder)

    assert recover(shop.office.app, "main").records_adopted == 0

    settled(shop.office)
    assert shop.ids["Renamed"] == new_id


def test_new_empty_store_takes_over_a_full_workbook_with_its_ids(shop: Shop) -> None:
    cities, ids = shop.cities, shop.ids
    contacts = shop.office.tab("Contacts").grid
    shop.lose("crm.db")
    refused_first(shop)

    assert recover(shop.office.app, "main").standing is Standing.OTHER_STORE

    settled(shop.office)
    assert (shop.cities, shop.ids) == (cities, ids)
    assert shop.office.tab("Contacts").grid == contacts
    assert shop.office.sql("select count(*) from clients where archived_at is null") == [(CLIENTS,)]


def test_new_empty_store_does_not_give_new_ids_to_a_workbook_without_a_stamp(shop: Shop) -> None:
    ids = shop.ids
    journal = next(item for item in shop.office.staff.worksheets() if item.title == "_crm_journal")
    shop.office.staff.del_worksheet(journal)
    shop.lose("crm.db")
    refused_first(shop)
    recover(shop.office.app, "main")
    settled(shop.office)
    assert shop.ids == ids


def refused_first(shop: Shop) -> None:
    """The first run of a new store stops at a workbook of another, whose id it is told."""
    shop.office.app = bound_to(shop.office, "main", spreadsheet_id(shop))
    with pytest.raises(OtherStore):
        shop.office.sync()
    assert shop.office.sql("select count(*) from clients") == [(0,)]


def spreadsheet_id(shop: Shop) -> str:
    client = staff_client(shop.office.server.url)
    (found,) = client.list_spreadsheet_files()
    return str(found["id"])


def shared(book: gspread.Spreadsheet) -> gspread.Spreadsheet:
    """The spreadsheet, shared with the account that syncs."""
    book.share(SERVICE_ACCOUNT, perm_type="user", role="writer", notify=False)
    return book


def bound_to(office: Office, name: str, file: str) -> Application:
    return replace(office.app, bound={name: BoundWorkbook(name, name, file)})


def test_two_stores_on_one_workbook_notice_each_other(shop: Shop, tmp_path: Path) -> None:
    file = spreadsheet_id(shop)
    first = shop.office.app
    config = (shop.folder / "config.toml").read_text()
    config = config.replace('"workbook.db"', f'"{shop.folder / "workbook.db"}"\nid = "{file}"')
    (tmp_path / "config.toml").write_text(config)
    with open_application(load_config(tmp_path / "config.toml")) as second:
        with pytest.raises(OtherStore):
            sync(second, "main")
        recover(second, "main")
        sync(second, "main")
        with pytest.raises(OtherStore):
            sync(first, "main")
        recover(first, "main")
        with pytest.raises(OtherStore):
            sync(second, "main")
    settled(shop.office)


def test_copy_of_a_workbook_is_refused_until_it_is_told_what_it_is(shop: Shop) -> None:
    office = shop.office
    copy = shared(staff_client(office.server.url).copy(office.staff.id, title="Copy of CRM"))
    config = (shop.folder / "config.toml").read_text()
    more = f'[[workbooks]]\nname = "copy"\nkind = "local"\ndata = "workbook.db"\nid = "{copy.id}"\n'
    (shop.folder / "both.toml").write_text(config + more)
    with open_application(load_config(shop.folder / "both.toml")) as app:
        with pytest.raises(WrongWorkbook):
            sync(app, "copy")
        change(office, "Client 01", "City", "Omsk")
        office.sync()

        assert recover(app, "copy").standing is Standing.COPY

        sync(app, "copy")
        assert sync(app, "copy").outcome == "unchanged"
    rows = copy.worksheet("Clients").get_all_values()
    assert [row[10] for row in rows if row[3] == "Client 01"] == ["Omsk"]
    settled(office)


def test_workbook_that_moved_to_a_copy_goes_on_where_it_stopped(shop: Shop) -> None:
    office = shop.office
    copy = shared(staff_client(office.server.url).copy(office.staff.id, title="Copy of CRM"))
    change(office, "Client 01", "City", "Omsk")
    office.sync()
    copy.worksheet("Clients").update([["Tver"]], "K3")
    copy.worksheet("Contacts").update_title("Talks")
    office.app = bound_to(office, "main", copy.id)
    with pytest.raises(WrongWorkbook):
        office.sync()

    found = recover(office.app, "main")

    assert (found.moved_from, found.fresh) == (office.staff.id, False)
    titles = [sheet.title for sheet in copy.worksheets()]
    assert ("Talks" in titles, "Contacts" in titles) == (True, False)
    copy.worksheet("Talks").update_title("Contacts")
    office._book = copy
    settled(office)
    assert shop.cities["Client 01"] == "Omsk"
    assert shop.cities["Client 02"] == "Tver"


def test_workbook_that_moved_to_a_blank_file_is_filled_from_the_store(shop: Shop) -> None:
    office = shop.office
    cities = shop.cities
    blank = shared(staff_client(office.server.url).create("Blank"))
    office.app = bound_to(office, "main", blank.id)
    with pytest.raises(WrongWorkbook):
        office.sync()

    assert recover(office.app, "main").fresh

    office._book = blank
    settled(office)
    assert shop.cities == cities
