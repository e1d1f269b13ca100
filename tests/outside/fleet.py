"""Several workbooks on one store, in a company of one language, as their people see them: each is a
file of its own behind the same server, and everything is done by HTTP, the command line and SQL.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.outside.company import Company, Crew

EMPLOYEES = {
    "en": {"anna": "Anna Ivanova", "petrov": "Pavel Petrov"},
    "ru": {"anna": "Иванова Анна", "petrov": "Петров Павел"},
}
TABS = {
    "en": {"clients": "Clients", "contacts": "Contacts", "employees": "Employees"},
    "ru": {"clients": "Клиенты", "contacts": "Контакты", "employees": "Сотрудники"},
}
HEADINGS = {
    "en": {
        "id": "ID",
        "full_name": "Name",
        "phone": "Phone",
        "city": "City",
        "address": "Address",
        "note": "Note",
        "owner": "Owner",
        "status": "Status",
        "mark": "Mark",
        "mine": "Mine",
    },
    "ru": {
        "id": "№",
        "full_name": "ФИО / Название",
        "phone": "Телефон",
        "city": "Город",
        "address": "Адрес",
        "note": "Примечание",
        "owner": "Ответственный",
        "status": "Статус",
        "mark": "Метка",
        "mine": "Моё",
    },
}
NAME = {"en": "Name", "ru": "ФИО"}
CONFIG = """
language = "{language}"
timezone = "Europe/Moscow"
currency = "RUB"
phone_region = "RU"
[store]
path = "data/crm.db"
[requests]
budget = 20.0
[[workbooks]]
name = "office"
kind = "local"
data = "data/workbook.db"
[[workbooks]]
name = "anna"
kind = "local"
data = "data/workbook.db"
scope = {{ employee = "{anna}" }}
[[workbooks]]
name = "petrov"
kind = "local"
data = "data/workbook.db"
scope = {{ employee = "{petrov}" }}
"""
BOOKS = ("office", "anna", "petrov")
CLIENTS = 6


@dataclass
class View:
    """The tab of clients of a workbook as it stands: cells by field, and where they are."""

    book: str
    rows: list[dict[str, Any]]
    formulas: list[dict[str, str]]
    numbers: list[int]
    at: dict[str, int]
    width: int

    @property
    def end(self) -> int:
        """The row below the last one that holds something."""
        return max(self.numbers, default=0) + 1


@dataclass
class Fleet(Company):
    """The company; `at` says whose workbook the next request is for."""

    language: str = "en"
    books: dict[str, str] = field(default_factory=dict)
    tabs: dict[str, dict[str, int]] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    """The headings of the tab of clients by field, for each workbook: people rename them."""

    def find_books(self) -> None:
        """Notes the ids of all workbooks and of their tabs."""
        self.books = dict(self.sql("select workbook, spreadsheet_id from workbooks"))
        for name, book in self.books.items():
            told = self.ask("GET", f"/v4/spreadsheets/{book}")
            self.tabs[name] = {
                sheet["properties"]["title"]: sheet["properties"].get("sheetId", 0)
                for sheet in told["sheets"]
            }
            self.words.setdefault(name, dict(HEADINGS[self.language]))

    def at(self, name: str) -> Fleet:
        self.book, self.sheets = self.books[name], self.tabs[name]
        return self

    def title(self, table: str) -> str:
        return TABS[self.language][table]

    def sheet(self, name: str) -> int:
        """The id of a workbook's tab of clients."""
        return self.tabs[name][self.title("clients")]

    def look(self, name: str) -> View:
        tab = self.at(name).tab(self.title("clients"))
        fields = {heading: item for item, heading in self.words[name].items()}
        at = {
            fields[heading]: number
            for number, heading in enumerate(tab.headings)
            if heading in fields
        }

        def named(cells: dict[str, Any]) -> dict[str, Any]:
            return {fields[key]: cell for key, cell in cells.items() if key in fields}

        return View(
            name,
            [named(row) for row in tab.rows],
            [named(row) for row in tab.formulas],
            tab.numbers,
            at,
            len(tab.headings),
        )

    def everything(self) -> str:
        """All that people see in any tab of any workbook, as values and as typed."""
        found = []
        for name in self.books:
            self.at(name)
            titles = [title for title in self.sheets if not title.startswith("_")]
            places = "".join(f"&ranges={quote(title, safe='')}" for title in titles)
            for render in ("UNFORMATTED_VALUE", "FORMULA"):
                path = f"/v4/spreadsheets/{self.book}/values:batchGet"
                query = f"valueRenderOption={render}&dateTimeRenderOption=SERIAL_NUMBER{places}"
                found.append(self.ask("GET", f"{path}?{query}"))
        return repr(found)

    def kept(self) -> str:
        """All that stands in the store, but for what it is going to write and what it read."""
        tables = self.sql(
            "select name from sqlite_master where type = 'table'"
            " and name not in ('operations', 'seen') and name not like 'sqlite_%'"
        )
        found = [self.sql(f'select * from "{table}"') for (table,) in tables]
        return repr(found)


def founded_fleet(crew: Crew, home: Path, language: str) -> Path:
    """A prepared company with three workbooks in agreement; its folder, at rest."""
    home.mkdir()
    people, words = EMPLOYEES[language], HEADINGS[language]
    (home / "config.toml").write_text(CONFIG.format(language=language, **people))
    fleet = Fleet(crew, home, language=language)
    fleet.open()
    fleet.crm_sync("sync")
    fleet.find_books()
    fleet.at("office")
    staff = fleet.tab(fleet.title("employees")).headings.index(NAME[language])
    for number, name in enumerate(people.values(), 1):
        fleet.type(number, staff, name, fleet.title("employees"))
    fleet.crm_sync("sync")
    fleet.find_books()
    for book in BOOKS:
        width = len(fleet.at(book).tab(fleet.title("clients")).headings)
        properties = {"sheetId": fleet.sheet(book), "gridProperties": {"columnCount": width + 3}}
        wider = {"properties": properties, "fields": "gridProperties.columnCount"}
        fleet.batch({"updateSheetProperties": wider})
        fleet.enter(0, width, [words["mark"], words["mine"]], fleet.title("clients"))
    at = fleet.look("office").at
    for number in range(1, CLIENTS + 1):
        cells = {
            "full_name": f"Client {number}",
            "city": f"City {number}",
            "owner": list(people.values())[number % 2],
            "mark": f"office-{number}",
            "mine": f"own office-{number}",
        }
        for name, text in cells.items():
            fleet.at("office").type(number, at[name], text, fleet.title("clients"))
        phone = [f"+7911000000{number}"]
        fleet.enter(number, at["phone"], phone, fleet.title("clients"), how="RAW")
    for _ in range(2):
        done = fleet.crm_sync("sync")
        assert done["code"] == 0, done["said"]
    for book in ("anna", "petrov"):
        view = fleet.look(book)
        for row, number in zip(view.rows, view.numbers, strict=True):
            mark = f"{book}-{row['full_name'][-1]}"
            fleet.type(number, view.at["mark"], mark, fleet.title("clients"))
            fleet.type(number, view.at["mine"], f"own {mark}", fleet.title("clients"))
    for _ in range(2):
        done = fleet.crm_sync("sync")
        assert done["code"] == 0, done["said"]
    fleet.close()
    return home


def opened_fleet(crew: Crew, prepared: Path, home: Path, language: str) -> Fleet:
    """A copy of a prepared company, being served."""
    shutil.copytree(prepared, home, ignore=shutil.ignore_patterns("*.serving", "*.lock"))
    fleet = Fleet(crew, home, language=language)
    fleet.open()
    fleet.find_books()
    return fleet
