"""A spreadsheet that staff made by themselves is taken over, seen beforehand, and synced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import gspread
import pytest

from crm_sync.errors import ShapeError
from crm_sync.model import TABLES
from crm_sync.services.adopt import Asked, look_over, rehearse, take_over
from crm_sync.services.template import check, repair
from crm_sync.templates import load_synonyms
from crm_sync.wiring.local import LOCAL_ACCOUNT
from tests.scenarios.office import Office, open_office, staff_client

SYNONYMS = load_synonyms(TABLES)
CLIENTS = [
    ["Наши клиенты", "", "", "", "", "", ""],
    [],
    ["№ п/п", "Фамилия", "Имя", "Тел.", "Тел. 2", "Почта", "Статус", "Любит"],
    [1, "Иванов", "Пётр", "8 (912) 345-67-89", "+7 912 345-67-80", "p@ya.ru", "Холодный", "чай"],
    [2, "Сидорова", "Анна", "не помню", "", "anna@ya.ru", "Тёплый", "кофе"],
    [3, "Петров", "Иван", "8 912 345 67 88", "", "", "", ""],
    [],
    [4, "Без", "Телефона", "", "", "", "", "сок"],
]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_office(tmp_path, "ru") as made:
        yield made


def own_book(office: Office, rows: list[list[object]], title: str = "База") -> gspread.Spreadsheet:
    """A spreadsheet that staff made and shared."""
    book = staff_client(office.server.url).create("Наша база")
    book.share(LOCAL_ACCOUNT, perm_type="user", role="writer")
    book.update_locale("ru_RU")
    book.sheet1.update_title(title)
    book.sheet1.update(rows, "A1", value_input_option="USER_ENTERED")
    return book


def names(office: Office) -> list[tuple[object, ...]]:
    return office.sql("select full_name, phone, email from clients order by full_name")


def test_sheet_of_the_staff_is_taken_over_and_stays_as_it_was(office: Office) -> None:
    book = own_book(office, CLIENTS)
    book.add_worksheet("Прайс", 10, 3).update([["Товар", "Цена"], ["Чай", 100]], "A1")
    before = book.sheet1.get_all_values(value_render_option="UNFORMATTED_VALUE")

    found = look_over(office.app, "main", book.id, SYNONYMS, Asked())
    (clients,) = found.fits
    assert clients.read.title == "База"
    assert [left.title for left in found.left] == ["Прайс"]
    (tried,) = rehearse(office.app, found)
    assert tried.records == 2
    assert {problem.typed for problem in tried.plan.problems} >= {"не помню", "Тёплый"}
    assert book.sheet1.get_all_values(value_render_option="UNFORMATTED_VALUE") == before
    assert names(office) == []

    assert not take_over(office.app, found).stops
    assert (
        names(office)
        == [
            ("Иванов Пётр", "+79123456789", "p@ya.ru"),
            ("Петров Иван", "+79123456788", None),
            ("Сидорова Анна", None, "anna@ya.ru"),
        ][: len(names(office))]
    )
    after = book.sheet1.get_all_values(value_render_option="UNFORMATTED_VALUE")
    kept = [row[: len(before[0])] for row in after[: len(before)]]
    # A status that was left empty gets the usual one; nothing else is written.
    assert [(a, b) for a, b in zip(before, kept, strict=True) if a != b] == [
        (before[5], [*before[5][:6], "Холодный", *before[5][7:]])
    ]
    office.sync()
    assert office.sync().outcome == "unchanged"


def test_new_row_gets_its_name_from_the_formula_and_an_id(office: Office) -> None:
    book = own_book(office, CLIENTS)
    take_over(office.app, look_over(office.app, "main", book.id, SYNONYMS, Asked()))
    book.sheet1.update(
        [["", "Новая", "Клиентка", "8 912 345-67-01"]], "A10", value_input_option="USER_ENTERED"
    )
    office.sync()
    assert ("Новая Клиентка", "+79123456701", None) in names(office)
    header = book.sheet1.row_values(3)
    assert str(book.sheet1.cell(10, header.index("№") + 1).value).startswith("C-")


def test_what_is_said_of_a_column_holds_in_each_later_run(office: Office) -> None:
    rows: list[list[object]] = [
        ["ФИО", "Тел.", "Связь", "Почта"],
        ["Анна", "123", "8 912 345-67-89", "a@ya.ru"],
        ["Пётр", "124", "8 912 345-67-88", "p@ya.ru"],
    ]
    book = own_book(office, rows)
    asked = Asked({"тел": "", "связь": "phone"})
    take_over(office.app, look_over(office.app, "main", book.id, SYNONYMS, asked))
    assert names(office) == [
        ("Анна", "+79123456789", "a@ya.ru"),
        ("Пётр", "+79123456788", "p@ya.ru"),
    ]
    book.sheet1.update_acell("C2", "8 912 345-67-77")
    book.sheet1.update_acell("B2", "999")
    office.sync()
    assert names(office)[0] == ("Анна", "+79123456777", "a@ya.ru")
    assert book.sheet1.row_values(1)[:4] == ["ФИО", "Тел.", "Связь", "Почта"]
    assert not office.sync().problems


def test_looks_are_given_to_a_sheet_that_was_taken_over(office: Office) -> None:
    book = own_book(office, [["ФИО", "Моб. тел."], ["Анна", "8 912 345-67-89"]])
    take_over(office.app, look_over(office.app, "main", book.id, SYNONYMS, Asked()))
    assert check(office.app, "main").drift
    repair(office.app, "main")
    assert check(office.app, "main").drift == ()
    assert book.sheet1.row_values(1)[:2] == ["ФИО", "Моб. тел."]
    assert names(office) == [("Анна", "+79123456789", None)]


@pytest.mark.parametrize(
    ("headings", "told"),
    [
        (["ФИО / Название", "Телефон", "ФИО / Название", "Город", "Город"], "A, C D, E"),
        (["Клиент", "Телефон", "клиент", "Город", ""], "A, C"),
        # Every run would take the template's own heading for its column, whatever was said here.
        (["ФИО", "Телефон", "Связь", "", ""], "B, C"),
    ],
)
def test_headings_that_a_run_could_not_tell_apart_are_refused_before_anything_is_written(
    office: Office, headings: list[object], told: str
) -> None:
    book = own_book(office, [headings, ["Анна", "8 912 345-67-89", "8 912 345-67-88", "Пермь", 1]])
    before = book.sheet1.get_all_values()
    asked = Asked({"телефон": "", "связь": "phone"} if "Связь" in headings else {})
    with pytest.raises(ShapeError, match="do not tell which column") as refused:
        look_over(office.app, "main", book.id, SYNONYMS, asked)
    letters = re.findall(r"\(([A-Z, ]+)\)", str(refused.value.facts["headings"]))
    assert " ".join(letters) == told
    assert book.sheet1.get_all_values() == before
    assert office.app.store.bases.binding("main") is None


def test_workbook_in_sync_and_one_without_a_fitting_sheet_are_refused(office: Office) -> None:
    book = own_book(office, [["Чай", "Кофе"], [1, 2]])
    with pytest.raises(ShapeError, match="looks like clients"):
        look_over(office.app, "main", book.id, SYNONYMS, Asked())
    office.sync()
    with pytest.raises(ShapeError, match="in sync already"):
        look_over(office.app, "main", "", SYNONYMS, Asked())
