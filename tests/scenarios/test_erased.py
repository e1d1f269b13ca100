"""People who were erased as the law asks stay so, whatever is put back into the workbook."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm_sync.core.findings import Side
from crm_sync.services.erase import erase, look
from crm_sync.services.recovery import recover
from crm_sync.sheet_server.faults import FaultKind
from tests.scenarios.office import Office, lay_out, office_after, with_clients
from tests.scenarios.test_recovery import Shop, begin, change
from tests.unit.store.builders import folder_in_memory


@pytest.fixture
def office() -> Iterator[Office]:
    """Eight clients, in agreement on both sides."""
    with office_after(with_clients(8)) as opened:
        yield opened


def forget(office: Office, name: str) -> str:
    """Erases a client at once, and gives their id."""
    found = look(office.app, name)
    erased = erase(office.app, found, by="test", now=True)
    assert erased.failed == ()
    return found.named.person


def rests(office: Office) -> None:
    """The next run writes nothing."""
    assert office.disagreements() == []
    result, requests = office.counted_sync()
    assert (result.outcome, [method for method, _ in requests]) == ("unchanged", ["GET"])


def names(office: Office) -> list[str]:
    return [str(row["Name"]) for row in office.tab("Clients").rows()]


def test_row_that_is_put_back_goes_again_and_nothing_of_it_is_kept(office: Office) -> None:
    (row,) = [row for row in office.tab("Clients").rows() if row["Name"] == "Client 3"]
    cells = {k.replace(" ", "_"): v for k, v in row.items() if k != "#"} | {"Phone": "+79120000003"}
    person = forget(office, "Client 3")
    tab = office.tab("Clients")
    for _ in range(2):
        tab.append(**cells)
    tab.sheet.add_cols(1)
    tab.sheet.update_cell(len(tab.grid), len(tab.headings) + 1, "likes tea")

    result = office.sync()

    assert [item.params["id"] for item in result.notices] == [person, person]
    assert "Client 3" not in names(office)
    kept = (office.folder / "crm.db").read_bytes()
    assert b"Client 3" not in kept
    assert b"likes tea" not in kept
    rests(office)


def test_person_typed_anew_without_the_id_is_a_new_client(office: Office) -> None:
    person = forget(office, "Client 3")
    office.tab("Clients").append(Name="Client 3", Phone="+79120000003")
    office.sync()
    rests(office)
    ids = {row["Name"]: row["ID"] for row in office.tab("Clients").rows()}
    assert ids["Client 3"] not in ("", person)


def test_row_over_whose_id_that_of_somebody_erased_was_typed_is_what_it_was(office: Office) -> None:
    person = forget(office, "Client 3")
    tab = office.tab("Clients")
    (row,) = [row for row in tab.rows() if row["Name"] == "Client 5"]
    tab.put(row["#"], "ID", person)
    tab.put(row["#"], "City", "Omsk")
    office.sync()
    rests(office)
    (found,) = [found for found in office.tab("Clients").rows() if found["Name"] == "Client 5"]
    assert (found["ID"], found["City"]) == (row["ID"], "Omsk")


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Twelve clients with a contact; the notes of others name one of them, others say much else."""
    with folder_in_memory() as folder:
        lay_out(folder, begin)
        opened = Shop(folder)
        change(opened.office, "Client 05", "Note", "sent by Client 03, likes tea")
        change(opened.office, "Client 06", "Note", "likes coffee")
        opened.office.tab("Contacts").type(2, "Summary", "said at first")
        opened.office.sync()
        yield opened
        opened.stack.close()


@pytest.mark.parametrize("take", [None, Side.SHEET])
def test_older_state_of_a_workbook_does_not_bring_back_whom_the_law_wants_forgotten(
    shop: Shop, take: Side | None
) -> None:
    shop.keep("workbook.db")
    forget(shop.office, "Client 03")
    change(shop.office, "Client 04", "City", "Omsk")
    shop.office.sync()
    shop.put_back("workbook.db")
    change(shop.office, "Client 06", "Note", "likes cocoa")

    recover(shop.office.app, "main", take=take)

    office = shop.office
    office.sync()
    grids = str([sheet.get() for sheet in office.staff.worksheets()])
    content = (shop.folder / "crm.db").read_bytes()
    for word in ("Client 03", "+79120000003", "said at first"):
        assert word not in grids
        assert word.encode() not in content
    notes = {row["Name"]: row["Note"] for row in office.tab("Clients").rows() if row["Note"]}
    assert notes == {"Client 05": "sent by Erased, likes tea", "Client 06": "likes cocoa"}
    assert shop.cities["Client 04"] == ("Omsk" if take is None else "Perm")
    assert office.sync().outcome == "unchanged"


def agree_on_boxes(office: Office, client: str, *, due: str) -> None:
    """Staff type an agreement whose day nobody can read."""
    office.tab("Agreements").append(
        Client=client, What_was_agreed="boxes", Agreed_on="2026-03-01", Due=due
    )


def test_what_no_record_holds_of_somebody_erased_goes_from_the_cells_too(shop: Shop) -> None:
    office = shop.office
    agree_on_boxes(office, "Client 03", due="ask Client 03 or 04")
    change(office, "Client 07", "Note", "rings")
    office.sync()
    office.sql("update contacts set summary = 'said in the store'")
    office.sql("update clients set note = 'knows Client 03' where full_name = 'Client 07'")
    office.tab("Contacts").type(2, "Summary", "said in the sheet")
    office.tab("Contacts").type(2, "Next at", "when at home")
    change(office, "Client 07", "Note", "lives with Client 03 in Perm")
    change(office, "Client 08", "Phone", "that of Client 03")
    office.sync()
    assert len(office.app.store.findings.conflicts("main")) == 2

    forget(office, "Client 03")

    office.sync()
    (agreed,), (said,) = office.tab("Agreements").rows(), office.tab("Contacts").rows()
    assert (agreed["What was agreed"], agreed["Due"]) == ("boxes", "ask Erased or 04")
    assert (said["Summary"], said["Next at"]) == ("", "")
    rows = {row["Name"]: row for row in office.tab("Clients").rows()}
    assert rows["Client 07"]["Note"] == "lives with Erased in Perm"
    assert rows["Client 08"]["Phone"] == "that of Client 03"
    (conflict,) = [item.conflict for item in office.app.store.findings.conflicts("main")]
    assert (conflict.base, conflict.ours, conflict.theirs) == (
        "rings",
        "knows Erased",
        "lives with Erased in Perm",
    )
    content = (shop.folder / "crm.db").read_bytes()
    for word in (b"said in", b"at home", b"lives with Client 03", b"ask Client 03"):
        assert word not in content
    assert office.app.store.erasing.standing() == ()
    assert office.sync().outcome == "unchanged"


def test_name_in_a_cell_that_no_record_holds_goes_though_the_first_run_died(shop: Shop) -> None:
    office = shop.office
    agree_on_boxes(office, "Client 07", due="ask Client 03")
    office.sync()
    write = {"method": "POST", "path": r"spreadsheets/[^/:]+:batchUpdate$"}
    office.server.fault(FaultKind.STATUS, status=400, times=3, **write)

    erased = erase(office.app, look(office.app, "Client 03"), by="test", now=True)

    assert [workbook for workbook, _ in erased.failed] == ["main"]
    office.sync()
    assert [row["Due"] for row in office.tab("Agreements").rows()] == ["ask Erased"]


def test_cell_that_was_typed_over_since_is_left_as_it_is(shop: Shop) -> None:
    office = shop.office
    change(office, "Client 07", "PD consent date", "ask Client 03")
    office.sync()
    erase(office.app, look(office.app, "Client 03"), by="test", now=False)
    change(office, "Client 07", "PD consent date", "ask her brother")
    office.sync()
    (row,) = [row for row in office.tab("Clients").rows() if row["Name"] == "Client 07"]
    assert row["PD consent date"] == "ask her brother"
