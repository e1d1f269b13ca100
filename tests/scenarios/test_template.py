"""A workbook gets the looks of its template, loses some of them, and gets those back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_sync.core.drift import Lack
from crm_sync.services.template import apply, check, repair
from tests.scenarios.fleet import open_fleet
from tests.scenarios.office import Office, open_office


@pytest.fixture
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """A workbook that the template was applied to, in English unless a test asks for more."""
    with open_office(tmp_path, getattr(request, "param", "en")) as made:
        assert not check(made.app, "main").made
        apply(made.app, "main")
        yield made


class Tab:
    """A tab by its table, its columns by their fields."""

    def __init__(self, office: Office, table: str) -> None:
        self.template = office.app.tab(table)
        self.sheet = office.staff.worksheet(self.template.title)
        self.id = self.sheet.id

    def column(self, field: str) -> int:
        """The zero-based column of a field."""
        return self.sheet.row_values(1).index(self.template.by_field[field].heading)

    def request(self, **request: Any) -> None:
        self.sheet.spreadsheet.batch_update({"requests": [request]})

    def add(self, row: int, **values: str) -> None:
        for field, value in values.items():
            self.sheet.update_cell(row, self.column(field) + 1, value)


def lacks(office: Office) -> list[tuple[Lack, str, str, str]]:
    return [
        (item.lack, item.table, item.field, item.cells) for item in check(office.app, "main").drift
    ]


def spoil(office: Office) -> None:
    """What a careless afternoon does to a tab."""
    tab = Tab(office, "clients")
    phone, status = tab.column("phone"), tab.column("status")
    number = {"type": "NUMBER", "pattern": "0"}
    area = {"sheetId": tab.id, "startRowIndex": 1, "endRowIndex": 20}
    tab.request(
        repeatCell={
            "range": {**area, "startColumnIndex": phone, "endColumnIndex": phone + 1},
            "cell": {"userEnteredFormat": {"numberFormat": number}},
            "fields": "userEnteredFormat.numberFormat",
        }
    )
    tab.request(
        setDataValidation={
            "range": {**area, "startColumnIndex": status, "endColumnIndex": status + 1}
        }
    )
    grid = {"frozenRowCount": 0}
    tab.request(
        updateSheetProperties={
            "properties": {"sheetId": tab.id, "gridProperties": grid},
            "fields": "gridProperties.frozenRowCount",
        }
    )
    tab.request(deleteConditionalFormatRule={"sheetId": tab.id, "index": 0})
    tab.request(updateSpreadsheetProperties={"properties": {"locale": "de_DE"}, "fields": "locale"})
    protections = office.staff.fetch_sheet_metadata(
        {"fields": "sheets(properties,protectedRanges)"}
    )
    (mine,) = [item for item in protections["sheets"] if item["properties"]["sheetId"] == tab.id]
    first = mine["protectedRanges"][0]["protectedRangeId"]
    tab.request(deleteProtectedRange={"protectedRangeId": first})
    tab.sheet.clear_note("A1")


def test_new_workbook_is_as_its_template_has_it(office: Office) -> None:
    assert check(office.app, "main").clean
    assert office.sync().outcome == "unchanged"


def test_check_names_all_that_was_lost_with_its_place(office: Office) -> None:
    spoil(office)
    office.staff.worksheet("_crm_lists").update_acell("D2", "mine")
    dry = repair(office.app, "main", dry_run=True)
    assert dry.mended == check(office.app, "main").drift
    assert sorted(lacks(office)) == [
        (Lack.FORMAT, "clients", "phone", "F2:F20"),
        (Lack.FROZEN, "clients", "", ""),
        (Lack.HIGHLIGHT, "clients", "last_contact_at", ""),
        (Lack.LIST, "clients", "status", "L2:L20"),
        (Lack.LISTS, "_crm_lists", "", ""),
        (Lack.LOCALE, "", "", ""),
        (Lack.NOTE, "clients", "id", "A1"),
        (Lack.PROTECTION, "clients", "", "A"),
    ]


def test_heading_that_stands_twice_is_named_and_left_to_people(office: Office) -> None:
    tab = Tab(office, "clients").sheet
    tab.update_acell("J1", "City")
    repaired = repair(office.app, "main")
    assert [(item.lack, item.cells) for item in repaired.left] == [(Lack.DOUBLED, "J, K")]
    assert tab.row_values(1).count("City") == 2


@pytest.mark.parametrize("office", ["en", "ru"], indirect=True)
def test_repair_mends_all_that_was_lost_and_then_has_nothing_to_write(office: Office) -> None:
    spoil(office)
    repaired = repair(office.app, "main")
    assert len(repaired.mended) == 7
    assert not repaired.left
    assert check(office.app, "main").clean
    office.server.forget_requests()
    assert not repair(office.app, "main").mended
    assert not [seen for seen in office.server.requests if seen.path.endswith(":batchUpdate")]


def test_repair_touches_nothing_of_the_staffs(office: Office) -> None:
    tab = Tab(office, "clients")
    tab.add(2, full_name="Zoe", phone="+7 912 345-67-89")
    tab.add(3, full_name="Anna", phone="+7 912 345-67-88")
    office.sync()
    tab.sheet.add_cols(1)
    tab.sheet.update_cell(1, tab.sheet.col_count, "Birthday")
    tab.sheet.update_cell(2, tab.sheet.col_count, "=1+1")
    tab.sheet.format("D2", {"backgroundColor": {"red": 1, "green": 0.5, "blue": 0}})
    tab.sheet.insert_note("D2", "calls back")
    tab.sheet.set_basic_filter()
    rule = {
        "ranges": [{"sheetId": tab.id, "startColumnIndex": 0, "endColumnIndex": 3}],
        "booleanRule": {
            "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=$A2=1"}]},
            "format": {"backgroundColor": {"red": 1}},
        },
    }
    tab.request(addConditionalFormatRule={"rule": rule, "index": 2})
    protected = {"range": {"sheetId": tab.id, "startRowIndex": 0, "endRowIndex": 1}}
    tab.request(addProtectedRange={"protectedRange": {**protected, "description": "boss"}})
    office.sync()
    spoil(office)
    fields = (
        "sheets(basicFilter,conditionalFormats,protectedRanges(description),"
        "data.rowData.values(userEnteredValue,note,userEnteredFormat.backgroundColor))"
    )

    def seen() -> list[Any]:
        answer = office.staff.fetch_sheet_metadata({"fields": fields, "includeGridData": True})
        sheet = answer["sheets"][0]
        cells = [row.get("values", []) for row in sheet["data"][0]["rowData"][1:4]]
        theirs = [item for item in sheet["conditionalFormats"] if "crm-sync" not in str(item)]
        owned = [item for item in sheet["protectedRanges"] if item["description"] == "boss"]
        return [cells, sheet["basicFilter"], theirs, owned]

    before = seen()
    repair(office.app, "main")
    assert seen() == before


def test_tab_and_column_that_are_gone_come_back_with_what_the_store_holds(office: Office) -> None:
    tab = Tab(office, "clients")
    city = tab.column("city")
    rows = [[""] * (city + 1) for _ in range(12)]
    for number, row in enumerate(rows):
        row[tab.column("full_name")] = f"Client {number}"
        row[tab.column("phone")] = f"+7912345{number:04d}"
        row[city] = "Perm"
    tab.sheet.update(rows, "A2", value_input_option="USER_ENTERED")
    office.sync()
    tab.sheet.delete_columns(city + 1)
    campaigns = office.app.tab("campaigns").title
    office.staff.del_worksheet(office.staff.worksheet(campaigns))

    repaired = repair(office.app, "main")
    assert not repaired.left
    assert repaired.run is not None
    assert not repaired.run.stops
    assert tab.sheet.col_values(tab.column("city") + 1)[1:] == ["Perm"] * 12
    assert office.sql("select count(*) from clients where city = 'Perm'") == [(12,)]
    assert campaigns in [sheet.title for sheet in office.staff.worksheets()]
    assert check(office.app, "main").drift == ()
    office.sync()
    assert office.sync().outcome == "unchanged"


def test_headings_that_cannot_be_read_are_left_to_people(office: Office) -> None:
    tab = Tab(office, "contacts")
    tab.sheet.delete_rows(1)
    (lacking,) = [item for item in check(office.app, "main").drift if item.table == "contacts"]
    assert lacking.lack is Lack.HEADINGS
    assert lacking.stop is not None
    assert repair(office.app, "main").left == (lacking,)


@pytest.mark.parametrize("office", ["en", "ru"], indirect=True)
def test_status_is_in_the_drop_down_as_soon_as_it_is_typed(office: Office) -> None:
    tab = Tab(office, "statuses")
    row = len(tab.sheet.get_all_values()) + 1
    word = tab.template.by_field["entity"].labels["client"]
    language = office.app.language
    tab.add(row, entity=word, **{language: "Guarantee"})
    lists = office.staff.worksheet("_crm_lists").get_all_values()
    column = lists[0].index("statuses:client")
    assert "Guarantee" in [line[column] for line in lists[1:]]
    clients = Tab(office, "clients")
    clients.add(2, full_name="Anna", phone="+7 912 345-67-89", status="Guarantee")
    assert not office.sync().problems
    assert office.sql("select status from clients") == office.sql(
        "select key from statuses where en = 'Guarantee' or ru = 'Guarantee'"
    )


def test_heading_that_staff_renamed_is_told_in_its_workbook_and_stays_theirs(
    tmp_path: Path,
) -> None:
    with open_fleet(tmp_path, {"one": "", "two": ""}) as fleet:
        fleet.round()
        fleet.tab("one").append(Name="Anna", Phone="+79120000001", City="Perm")
        fleet.round()
        fleet.round()
        fleet.tab("two").type(1, "City", "Where they live")

        assert check(fleet.app, "one").drift == ()
        drift = check(fleet.app, "two").drift
        assert [(item.lack, item.field, item.found) for item in drift] == [
            (Lack.HEADING, "city", "Where they live")
        ]
        repaired = repair(fleet.app, "two")
        assert (repaired.mended, repaired.left) == ((), drift)
        fleet.round()
        (row,) = fleet.tab("two").rows()
        assert row["Where they live"] == "Perm"
        assert "City" not in row
        assert fleet.sql("select city from clients") == [("Perm",)]
