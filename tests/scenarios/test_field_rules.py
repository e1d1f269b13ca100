"""Columns that people only read, see in part, or do not see at all; scopes that change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crm_sync.core.schema import FilledBy
from tests.cli.command import in_this_process
from tests.scenarios.fleet import THREE, Fleet, assert_settled, begin, copied, open_fleet, settle
from tests.unit.store.builders import folder_in_memory

CLIENTS = {"Alfa": "Anna Ivanova", "Beta": "Anna Ivanova", "Gamma": "Pavel Petrov"}
MASKED = 'masked = ["clients.phone", "clients.email"]'
GUARDED = f'{THREE["anna"]}\nread_only = ["clients.owner"]\n{MASKED}\nhidden = ["clients.note"]'


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    with folder_in_memory() as folder:
        with open_fleet(folder, THREE) as opened:
            begin(opened, CLIENTS)
            opened.type("office", "Alfa", "Note", "secret of the office")
            opened.type("office", "Alfa", "E-mail", "boss@alfa.example")
            settle(opened)
        yield folder


@contextmanager
def with_anna(home: Path, section: str) -> Iterator[Fleet]:
    """The company after its configuration of Anna's workbook was changed."""
    with open_fleet(home, {**THREE, "anna": section}) as fleet:
        yield fleet


@pytest.fixture
def guarded(prepared: Path) -> Iterator[Fleet]:
    with copied(prepared) as home, with_anna(home, GUARDED) as fleet:
        settle(fleet)
        yield fleet


def typed(fleet: Fleet, name: str = "anna") -> list[tuple[str, str, str]]:
    """What problems keep of what was typed, closed ones too."""
    return [
        (str(code), str(field), str(text))
        for code, field, text in fleet.sql(
            "select code, field, typed from problems where workbook = ? and code = 'V11'", name
        )
    ]


def test_rules_that_begin_mask_and_empty_the_columns(guarded: Fleet) -> None:
    row = guarded.clients("anna")["Alfa"]
    assert row["Phone"] == "+7 912 ***-**-00"
    assert row["E-mail"] == "b***@alfa.example"
    assert "Note" not in row
    said = guarded.texts("anna")
    assert "secret" not in said
    assert "00000" not in said.replace(" ", "").replace("-", "")
    assert guarded.sql("select phone, note from clients where full_name = 'Alfa'") == [
        ("+79120000000", "secret of the office")
    ]
    assert typed(guarded) == []
    assert guarded.clients("office")["Alfa"]["Note"] == "secret of the office"


@pytest.mark.parametrize(
    ("heading", "field", "text"),
    [("Phone", "phone", "+7 999 111-22-33"), ("Owner", "owner", "Pavel Petrov")],
)
def test_what_is_typed_into_a_guarded_cell_is_put_back_and_said(
    guarded: Fleet, heading: str, field: str, text: str
) -> None:
    before = guarded.clients("anna")["Alfa"][heading]
    guarded.type("anna", "Alfa", heading, text, raw=True)
    guarded.round()
    assert guarded.clients("anna")["Alfa"][heading] == before
    assert typed(guarded) == [("V11", field, text)]
    assert text in guarded.texts("anna")  # the tab Problems says it
    assert guarded.owners()["Alfa"] == "Anna Ivanova"
    settle(guarded)
    assert guarded.sql("select phone from clients where full_name = 'Alfa'") == [("+79120000000",)]


def test_what_is_typed_into_a_guarded_cell_is_kept_beside_an_edit_of_the_same_row(
    guarded: Fleet,
) -> None:
    guarded.type("anna", "Alfa", "Phone", "+7 999 111-22-33", raw=True)
    guarded.type("anna", "Alfa", "Owner", "Pavel Petrov")
    guarded.type("anna", "Alfa", "City", "Perm")
    settle(guarded)
    assert guarded.sql("select city from clients where full_name = 'Alfa'") == [("Perm",)]
    assert sorted(typed(guarded)) == [
        ("V11", "owner", "Pavel Petrov"),
        ("V11", "phone", "+7 999 111-22-33"),
    ]


def test_what_is_typed_into_a_guarded_cell_is_kept_when_its_record_is_archived(
    guarded: Fleet,
) -> None:
    guarded.type("anna", "Alfa", "Phone", "+7 999 111-22-33", raw=True)
    guarded.type("anna", "Alfa", "Owner", "Pavel Petrov")
    guarded.sql("update clients set archived_at = '2026-03-10' where full_name = 'Alfa'")
    settle(guarded)
    assert "Alfa" not in guarded.clients("anna")
    assert sorted(typed(guarded)) == [
        ("V11", "owner", "Pavel Petrov"),
        ("V11", "phone", "+7 999 111-22-33"),
    ]


def test_store_changes_go_through_masks_and_read_only_columns(guarded: Fleet) -> None:
    guarded.type("office", "Alfa", "Phone", "+7 912 000-00-77", raw=True)
    settle(guarded)
    assert guarded.clients("anna")["Alfa"]["Phone"] == "+7 912 ***-**-77"
    assert typed(guarded) == []
    guarded.type("office", "Beta", "Owner", "Pavel Petrov")
    settle(guarded)
    assert set(guarded.clients("anna")) == {"Alfa"}


def test_new_row_may_fill_guarded_cells(guarded: Fleet) -> None:
    guarded.tab("anna").append(Name="Delta", Phone="+79120000055", City="Perm")
    settle(guarded)
    assert guarded.clients("anna")["Delta"]["Phone"] == "+7 912 ***-**-55"
    assert guarded.clients("anna")["Delta"]["Owner"] == "Anna Ivanova"
    assert guarded.clients("office")["Delta"]["Phone"] == "+7 912 000-00-55"


def test_copied_row_does_not_take_a_mask_for_a_phone(guarded: Fleet) -> None:
    sheet = guarded.tab("anna")
    row = next(row for row in sheet.rows() if row["Name"] == "Alfa")
    cells = [row[heading] for heading in sheet.headings]
    sheet.sheet.update([cells], f"A{len(sheet.grid) + 1}", value_input_option="RAW")
    guarded.round()
    guarded.round()
    assert guarded.sql("select count(*) from clients where phone like '%*%'") == [(0,)]


def test_all_that_may_be_hidden_at_once_hides_nothing_that_a_run_needs(prepared: Path) -> None:
    with copied(prepared) as home:
        with open_fleet(home, THREE) as fleet:
            hidden = [
                f"{tab.table.name}.{item.name}"
                for tab in fleet.app.tabs
                if tab.table.name in ("clients", "contacts", "agreements")
                for item in tab.table.fields
                if item.filled_by is FilledBy.STAFF and not item.required
            ]
        with with_anna(home, f"{THREE['anna']}\nhidden = {hidden}") as fleet:
            settle(fleet)
            listed = fleet.tab("anna", "Follow-ups")
            row = next(row["#"] for row in listed.rows() if row["Client"] == "Alfa")
            listed.put(row, "✎ Result", "Interested")
            listed.put(row, "✎ Comment", "took forty boxes")
            settle(fleet)
            assert fleet.sql("select outcome, summary from contacts") == [
                ("interested", "took forty boxes")
            ]


def test_rules_that_end_show_the_whole_values_again(prepared: Path) -> None:
    with copied(prepared) as home:
        with with_anna(home, GUARDED) as fleet:
            settle(fleet)
            fleet.type("office", "Alfa", "Note", "another")
            fleet.type("office", "Beta", "Phone", "+7 912 000-00-99", raw=True)
            settle(fleet)
        with with_anna(home, THREE["anna"]) as fleet:
            settle(fleet)
            row = fleet.clients("anna")["Alfa"]
            assert (row["Phone"], row["Note"]) == ("+7 912 000-00-00", "another")
            assert fleet.clients("anna")["Beta"]["Phone"] == "+7 912 000-00-99"
            assert fleet.app.store.findings.conflicts() == ()
            fleet.type("anna", "Alfa", "Phone", "+7 912 000-00-44", raw=True)
            fleet.type("anna", "Alfa", "Note", "")
            settle(fleet)
            assert fleet.sql("select phone, note from clients where full_name = 'Alfa'") == [
                ("+79120000044", None)
            ]


def test_edit_made_before_its_column_was_hidden_is_kept(prepared: Path) -> None:
    with copied(prepared) as home:
        with open_fleet(home, THREE) as fleet:
            fleet.type("anna", "Beta", "Note", "typed just before")
            fleet.type("anna", "Beta", "Phone", "+7 912 000-00-66", raw=True)
        with with_anna(home, GUARDED) as fleet:
            fleet.round()
            kept = typed(fleet)
            assert ("V11", "note", "typed just before") in kept
            assert ("V11", "phone", "+7 912 000-00-66") in kept


def test_narrower_scope_takes_rows_out_and_deletes_nothing(prepared: Path) -> None:
    with copied(prepared) as home:
        with with_anna(home, 'scope = { employee = "Anna Ivanova", status = "Inquired" }') as fleet:
            notices = [item.code for result in fleet.round() for item in result.notices]
            assert "LEFT" in notices
            assert fleet.clients("anna") == {}
            assert set(fleet.owners()) == set(CLIENTS)
            assert_settled(fleet)
        with open_fleet(home, THREE) as fleet:
            notices = [item.code for result in fleet.round() for item in result.notices]
            assert notices == ["ENTERED"]
            assert set(fleet.clients("anna")) == {"Alfa", "Beta"}


def test_scope_that_would_move_many_rows_stops_until_it_is_allowed(prepared: Path) -> None:
    with copied(prepared) as home:
        with open_fleet(home, THREE) as fleet:
            tab = fleet.tab("anna")
            for number in range(8):
                tab.append(Name=f"Client {number}", Phone=f"+7912001000{number}")
            settle(fleet)
        with with_anna(home, 'scope = { employee = "Pavel Petrov" }') as fleet:
            config = home / "config.toml"
            dry = in_this_process("sync", "--dry-run", "--config", config)
            assert "--allow clients:leave:10" in dry.out
            said = in_this_process("sync", "--config", config)
            assert said.code == 3
            assert "10 of 10 rows would leave the tab “Clients”" in said.out
            assert set(fleet.clients("anna")) == set(fleet.clients("office")) - {"Gamma"}
            said = in_this_process("sync", "anna", "--allow", "clients:leave:10", "-c", config)
            assert said.code == 0
            assert set(fleet.clients("anna")) == {"Gamma"}
            assert len(fleet.owners()) == 11
        with with_anna(home, "") as fleet:
            said = in_this_process("sync", "--config", config)
            assert said.code == 3
            assert "--allow clients:enter:10" in said.out
            assert set(fleet.clients("anna")) == {"Gamma"}
            in_this_process("sync", "--allow", "clients:enter:10", "--config", config)
            assert len(fleet.clients("anna")) == 11
