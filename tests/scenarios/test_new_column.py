"""A column that a template and the model gained shows up in workbooks that exist already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from crm_sync.core.schema import Column, Field, Tab
from crm_sync.services.application import Application
from crm_sync.store import open_store
from tests.scenarios.office import Office, open_office


def with_column(app: Application, folder: Path) -> Application:
    """The same company after a model field and a template column were added."""
    new = Field("loyalty_card")

    def grown(tab: Tab) -> Tab:
        if tab.table.name != "clients":
            return tab
        table = replace(tab.table, fields=(*tab.table.fields, new))
        return Tab(table, tab.title, (*tab.columns, Column(new, "Loyalty card", pattern="@")))

    tabs = tuple(grown(tab) for tab in app.tabs)
    store = open_store(folder / "crm.db", [tab.table for tab in tabs])
    return replace(app, tabs=tabs, store=store, fingerprint="after")


def test_new_column_is_added_at_the_right_end_and_filled(tmp_path: Path) -> None:
    with open_office(tmp_path) as before:
        before.sync()
        before.tab("Clients").append(Name="Anna", Phone="+79120000001")
        before.sync()
        own = before.tab("Clients")
        own.sheet.add_cols(1)
        own.sheet.update_cell(1, len(own.headings) + 1, "Birthday")
        before.sync()

        office = Office(with_column(before.app, tmp_path), before.server, tmp_path)
        office.sql("update clients set loyalty_card = '0042'")
        office.sync()

        tab = office.tab("Clients")
        assert tab.headings[-2:] == ["Birthday", "Loyalty card"]
        assert tab.rows()[0]["Loyalty card"] == "0042"
        tab.put(2, "Loyalty card", "0043")
        office.sync()
        assert office.sql("select loyalty_card from clients") == [("0043",)]
        _, requests = office.counted_sync()
        assert [method for method, _ in requests] == ["GET"]
        office.app.store.close()


def test_column_that_staff_took_away_stays_away(tmp_path: Path) -> None:
    with open_office(tmp_path) as office:
        office.sync()
        office.tab("Clients").append(Name="Anna", Phone="+79120000001", City="Perm")
        office.sync()
        tab = office.tab("Clients")
        tab.sheet.delete_columns(tab.column("City"))
        office.sync()
        office.sync()

        assert "City" not in office.tab("Clients").headings
        assert office.sql("select city from clients") == [("Perm",)]


def test_column_that_comes_back_blank_is_filled_from_the_store(tmp_path: Path) -> None:
    with open_office(tmp_path) as office:
        office.sync()
        for number in range(12):
            city = f"City {number}"
            office.tab("Clients").append(
                Name=f"Anna {number}", Phone=f"+791200000{number:02d}", City=city
            )
        office.sync()
        tab = office.tab("Clients")
        tab.sheet.delete_columns(tab.column("City"))
        office.sync()
        tab = office.tab("Clients")
        tab.sheet.add_cols(1)
        tab.sheet.update_cell(1, len(tab.headings) + 1, "City")
        office.tab("Clients").put(3, "City", "Kazan")

        office.sync()

        cities = [f"City {number}" if number != 1 else "Kazan" for number in range(12)]
        assert [row["City"] for row in office.tab("Clients").rows()] == cities
        assert [city for (city,) in office.sql("select city from clients order by id")] == cities
        # From then on a cell that is emptied is emptied.
        office.tab("Clients").put(4, "City", "")
        office.sync()
        assert office.sql("select city from clients where full_name = 'Anna 2'") == [(None,)]


def test_column_that_comes_back_while_its_tab_is_stopped_waits_until_it_goes_on(
    tmp_path: Path,
) -> None:
    with open_office(tmp_path) as office:
        office.sync()
        for number in range(8):
            office.tab("Clients").append(
                Name=f"Anna {number}", Phone=f"+7912000000{number}", City=f"City {number}"
            )
        office.sync()
        tab = office.tab("Clients")
        tab.sheet.delete_columns(tab.column("City"))
        office.sync()
        tab = office.tab("Clients")
        rows = tab.sheet.get("A2:Z9")
        tab.sheet.add_cols(1)
        tab.sheet.update_cell(1, len(tab.headings) + 1, "City")
        tab.sheet.delete_rows(2, 7)

        assert [stop.code for stop in office.sync().stops] == ["E-MANY-DELETES"]
        tab.sheet.insert_rows(rows[:6], 2)
        office.sync()

        cities = [f"City {number}" for number in range(8)]
        assert [row["City"] for row in office.tab("Clients").rows()] == cities
        assert [city for (city,) in office.sql("select city from clients order by id")] == cities
