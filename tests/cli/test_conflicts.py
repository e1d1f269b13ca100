"""Decisions: each kind of conflict, each side, and what the next runs make of it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gspread
import pytest

from crm_sync.sheet_server.server import SheetServer
from tests.cli.command import Crm, in_this_process
from tests.cli.demonstration import Played
from tests.cli.test_bad_config import LANGUAGES, assert_refused
from tests.scenarios.office import Tab, staff_client

NAME = "Bólido Comidas preparadas"
FORMULA = '="Tol" & "edo"'


@dataclass
class Desk:
    """The demonstration in the hands of staff (gspread), a manager (sqlite3) and the commands."""

    crm: Crm
    folder: Path
    book: gspread.Spreadsheet

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def sync(self, *arguments: str) -> str:
        said = self.crm("sync", *arguments, "-c", self.config)
        assert said.code == 0, said
        return said.out

    def settled(self) -> bool:
        """True once a run finds nothing to do."""
        self.sync()
        return "nothing has changed" in self.sync()

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.folder / "crm.db") as connection:
            rows = connection.execute(statement, values).fetchall()
        connection.close()
        return rows

    def stored(self, field: str = "city") -> object:
        ((value,),) = self.sql(f"select {field} from clients where full_name = ?", NAME)
        return value

    def archived(self) -> bool:
        return self.stored("archived_at") is not None

    @property
    def tab(self) -> Tab:
        return Tab(self.book.worksheet("Clients"))

    def row(self) -> int | None:
        """The client's row in the sheet, None if there is none."""
        rows = [row["#"] for row in self.tab.rows() if row["Name"] == NAME]
        return rows[0] if rows else None

    def shown(self, heading: str = "City") -> object:
        (row,) = [row for row in self.tab.rows() if row["Name"] == NAME]
        return row[heading]

    def open_conflicts(self) -> list[int]:
        listed = self.crm("conflicts", "list", "--json", "-c", self.config).json["conflicts"]
        return [item["id"] for item in listed]

    def decide(self, *decision: str) -> None:
        (number,) = self.open_conflicts()
        said = self.crm("conflicts", "resolve", str(number), *decision, "-c", self.config)
        assert said.code == 0, said
        assert self.open_conflicts() == []


@pytest.fixture(scope="module")
def decided(played: Played, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration whose own conflict is decided."""
    folder = tmp_path_factory.mktemp("decided") / "demo"
    shutil.copytree(played.folder, folder)
    config = folder / "config.toml"
    for command in (["conflicts", "resolve", "1", "--take", "store"], ["sync"]):
        assert in_this_process(*command, "-c", config).code == 0
    return folder


@pytest.fixture
def desk(crm: Crm, decided: Path, tmp_path: Path) -> Iterator[Desk]:
    """A copy of it, served, with staff and manager at work."""
    folder = Path(shutil.copytree(decided, tmp_path / "demo"))
    with SheetServer(folder / "workbook.db", token="staff") as server:
        client = staff_client(server.url)
        (found,) = client.list_spreadsheet_files()
        yield Desk(crm, folder, client.open_by_key(found["id"]))


def both_edit(desk: Desk) -> None:
    row = desk.row()
    assert row is not None
    desk.tab.type(row, "City", "Toledo")
    desk.sql("update clients set city = 'Segovia' where full_name = ?", NAME)
    desk.sync()


@pytest.mark.parametrize(
    ("decision", "stands"),
    [
        (("--take", "store"), "Segovia"),
        (("--take", "sheet"), "Toledo"),
        (("--value", " Ávila "), "Ávila"),
    ],
)
def test_decision_about_a_cell_is_carried_out_by_the_next_run(
    desk: Desk, decision: tuple[str, ...], stands: str
) -> None:
    both_edit(desk)
    desk.decide(*decision)
    assert desk.settled()
    assert (desk.stored(), desk.shown()) == (stands, stands)
    assert desk.open_conflicts() == []


def test_decision_to_clear_a_cell_is_carried_out(desk: Desk) -> None:
    both_edit(desk)
    desk.decide("--value", "")
    assert desk.settled()
    assert (desk.stored(), desk.shown()) == (None, "")


def test_edit_after_the_decision_is_not_lost_but_asked_about(desk: Desk) -> None:
    both_edit(desk)
    desk.decide("--take", "store")
    row = desk.row()
    assert row is not None
    desk.tab.type(row, "City", "Lugo")
    desk.sync()
    assert len(desk.open_conflicts()) == 1
    assert (desk.stored(), desk.shown()) == ("Segovia", "Lugo")


def archived_and_edited(desk: Desk) -> None:
    row = desk.row()
    assert row is not None
    desk.tab.type(row, "City", "Toledo")
    desk.sql("update clients set archived_at = '2026-01-01' where full_name = ?", NAME)
    desk.sync()


def test_archived_record_stays_away_if_the_store_is_taken(desk: Desk) -> None:
    archived_and_edited(desk)
    desk.decide("--take", "store")
    assert desk.settled()
    assert desk.archived()
    assert desk.row() is None


def test_archived_record_comes_back_with_its_edit_if_the_sheet_is_taken(desk: Desk) -> None:
    archived_and_edited(desk)
    desk.decide("--take", "sheet")
    assert desk.settled()
    assert (desk.archived(), desk.stored(), desk.shown()) == (False, "Toledo", "Toledo")


def deleted_and_edited(desk: Desk) -> None:
    row = desk.row()
    assert row is not None
    desk.tab.sheet.delete_rows(row)
    desk.sql("update clients set city = 'Segovia' where full_name = ?", NAME)
    desk.sync()


def test_deleted_row_comes_back_with_the_edit_if_the_store_is_taken(desk: Desk) -> None:
    deleted_and_edited(desk)
    desk.decide("--take", "store")
    assert desk.settled()
    assert (desk.archived(), desk.stored(), desk.shown()) == (False, "Segovia", "Segovia")


def test_record_of_a_deleted_row_is_archived_if_the_sheet_is_taken(desk: Desk) -> None:
    deleted_and_edited(desk)
    desk.decide("--take", "sheet")
    assert desk.settled()
    assert (desk.archived(), desk.stored()) == (True, "Segovia")
    assert desk.row() is None


def test_value_is_no_answer_to_a_conflict_about_a_whole_record(desk: Desk) -> None:
    deleted_and_edited(desk)
    (number,) = desk.open_conflicts()
    said = desk.crm("conflicts", "resolve", str(number), "--value", "x", "-c", desk.config)
    assert_refused(said, 1, "E-ERROR")
    assert desk.open_conflicts() == [number]


def formula_and_edit(desk: Desk) -> int:
    row = desk.row()
    assert row is not None
    cell = {"userEnteredValue": {"formulaValue": FORMULA}}
    place = {
        "sheetId": desk.tab.sheet.id,
        "rowIndex": row - 1,
        "columnIndex": desk.tab.column("City") - 1,
    }
    update = {"start": place, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}
    desk.book.batch_update({"requests": [{"updateCells": update}]})
    desk.sync()
    assert desk.stored() == "Toledo"
    desk.sql("update clients set city = 'Segovia' where full_name = ?", NAME)
    desk.sync()
    return row


def test_formula_is_never_overwritten_by_a_decision_but_its_value_can_be_taken(desk: Desk) -> None:
    row = formula_and_edit(desk)
    (number,) = desk.open_conflicts()
    for decision in (("--take", "store"), ("--value", "Ávila")):
        for lang in LANGUAGES:
            command = ("conflicts", "resolve", str(number), *decision, "-c", desk.config)
            assert_refused(desk.crm(*command, "--lang", lang), 1, "E-ERROR", lang)
    assert desk.open_conflicts() == [number]
    desk.decide("--take", "sheet")
    assert desk.settled()
    assert desk.stored() == "Toledo"
    cell = gspread.utils.rowcol_to_a1(row, desk.tab.column("City"))
    formula = gspread.utils.ValueRenderOption.formula
    assert desk.tab.sheet.get(cell, value_render_option=formula) == [[FORMULA]]


def test_value_that_will_not_do_is_refused_with_what_would(desk: Desk) -> None:
    row = desk.row()
    assert row is not None
    desk.tab.type(row, "Phone", "+34 91 555 93 82")
    desk.sql("update clients set phone = '+34915559383' where full_name = ?", NAME)
    desk.sync()
    (number,) = desk.open_conflicts()
    command = ("conflicts", "resolve", str(number), "--value", "12", "-c", desk.config)
    for lang in LANGUAGES:
        assert_refused(desk.crm(*command, "--lang", lang), 1, "E-ERROR", lang)
    assert desk.open_conflicts() == [number]
    assert desk.stored("phone") == "+34915559383"


def test_conflict_that_settled_itself_is_no_longer_open(desk: Desk) -> None:
    both_edit(desk)
    (number,) = desk.open_conflicts()
    desk.sql("update clients set city = 'Toledo' where full_name = ?", NAME)
    assert desk.settled()
    said = desk.crm("conflicts", "resolve", str(number), "--take", "store", "-c", desk.config)
    assert_refused(said, 2, "E-NOT-FOUND")


def test_list_shows_all_three_values_and_how_to_decide(crm: Crm, config: Path) -> None:
    said = crm("conflicts", "list", "-c", config)
    assert said.code == 0
    lines = [line.split() for line in said.out.splitlines()]
    assert lines[0] == [
        "Conflict",
        "1:",
        "Clients,",
        "Around",
        "the",
        "Horn",
        "(C-000045),",
        "City",
    ]
    assert lines[1] == ["Was", "London"]
    assert lines[2][:4] == ["In", "the", "store", "Liverpool"]
    assert lines[3] == ["In", "the", "sheet", "Manchester"]
    assert said.out.rstrip().endswith("conflicts resolve 1 --take store | --take sheet")


def test_list_says_so_when_nothing_is_open(desk: Desk) -> None:
    assert desk.crm("conflicts", "list", "-c", desk.config).out == "No open conflicts.\n"


def test_decision_says_what_stays_and_what_to_do_next(crm: Crm, config: Path) -> None:
    said = crm("conflicts", "resolve", "1", "--take", "sheet", "-c", config)
    first, second = said.out.splitlines()
    place = "Clients, Around the Horn (C-000045), City"
    assert first == f"✓ Conflict 1 is decided: {place}: “Manchester” stays."
    assert second.endswith(f"crm_sync.cli.main -c {config} sync")
