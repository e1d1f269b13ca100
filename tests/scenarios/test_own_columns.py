"""Columns of the staff's own: theirs in the sheet, and in the store too if the company wants it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from crm_sync.core.records import FORGOTTEN
from tests.scenarios.office import Office, open_office


def test_own_column_is_kept_in_the_store_when_asked(tmp_path: Path) -> None:
    with open_office(tmp_path) as plain:
        bound = {"main": replace(plain.app.bound["main"], keep_extra=True)}
        office = Office(replace(plain.app, bound=bound), plain.server, tmp_path)
        office.sync()
        tab = office.tab("Clients")
        tab.append(Name="Anna", Phone="+79120000001")
        tab.append(Name="Boris", Phone="+79120000002")
        tab.sheet.insert_cols([["Birthday", "1 May"]], 3)
        office.sync()

        query = "select heading, value from own_columns join clients on id = record_id"
        assert office.sql(query) == [("Birthday", '"1 May"')]
        tab = office.tab("Clients")
        tab.put(2, "Birthday", "2 May")
        tab.put(3, "Birthday", 7)
        tab.sheet.sort((tab.column("Name"), "des"), range="A2:Z3")
        office.sync()

        by_name = query.replace("heading", "full_name")
        assert office.sql(f"{by_name} order by 1") == [
            ("Anna", '"2 May"'),
            ("Boris", "7"),
        ]


def test_own_column_stays_out_of_the_store_by_default(tmp_path: Path) -> None:
    with open_office(tmp_path) as office:
        office.sync()
        tab = office.tab("Clients")
        tab.append(Name="Anna", Phone="+79120000001")
        tab.sheet.insert_cols([["Birthday", "1 May"]], 3)
        office.sync()

        assert office.sql("select count(*) from own_columns") == [(0,)]
        assert office.tab("Clients").rows()[0]["Birthday"] == "1 May"


def test_own_column_goes_and_comes_back_with_its_row(tmp_path: Path) -> None:
    with open_office(tmp_path) as office:
        office.sync()
        tab = office.tab("Clients")
        tab.append(Name="Anna", Phone="+79120000001")
        tab.append(Name="Boris", Phone="+79120000002")
        tab.sheet.insert_cols(
            [["Birthday", "1 May", 7], ["Birthday", "2 May", 8], ["", "aside"]], 3
        )
        office.sync()

        office.sql("update clients set archived_at = '2026-03-10' where full_name = 'Anna'")
        office.sync()
        assert [row["Name"] for row in office.tab("Clients").rows()] == ["Boris"]
        assert office.sql("select heading, value from own_columns order by 1") == [
            ("(E)", '"aside"'),
            ("Birthday", '"1 May"'),
            ("Birthday (2)", '"2 May"'),
        ]

        office.sql("update clients set archived_at = null")
        office.sync()
        tab = office.tab("Clients")
        rows = {row[tab.column("Name") - 1]: row[2:4] for row in tab.grid[1:]}
        assert rows == {"Anna": ["1 May", "2 May"], "Boris": [7, 8]}


def test_own_column_of_somebody_forgotten_goes_for_good(tmp_path: Path) -> None:
    with open_office(tmp_path) as office:
        office.sync()
        tab = office.tab("Clients")
        tab.append(Name="Anna", Phone="+79120000001")
        tab.append(Name="Boris", Phone="+79120000002")
        tab.sheet.insert_cols([["Birthday", "1 May", 7]], 3)
        office.sync()

        office.sql("update clients set archived_at = '2026-03-10' where full_name = 'Anna'")
        office.sql(
            "update bases set version = ?, \"values\" = '{}', cells = '{}', unsettled = 1"
            " where record_id in (select id from clients where full_name = 'Anna')",
            FORGOTTEN,
        )
        office.sql("update seen set stale = 1")
        office.sync()
        assert [row["Name"] for row in office.tab("Clients").rows()] == ["Boris"]
        assert office.sql("select count(*) from own_columns") == [(0,)]
