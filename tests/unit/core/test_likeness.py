"""Columns of somebody's own sheet are known by their headings and by what stands in them."""

from __future__ import annotations

import pytest

from crm_sync.core.adoption import Fate, fit
from crm_sync.core.grid import TabRead
from crm_sync.core.likeness import Guess, How, Likeness
from crm_sync.core.values import Cell
from crm_sync.model import TABLES
from crm_sync.templates import load_synonyms, load_tabs

TABS = {tab.table.name: tab for tab in load_tabs("ru", TABLES)}
SYNONYMS = load_synonyms(TABLES)
CLIENTS = Likeness(TABS["clients"], SYNONYMS["clients"])


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("ФИО", "full_name"),
        ("Ф.И.О.", "full_name"),
        ("Тел.", "phone"),
        ("Моб. тел.", "phone"),
        ("Мобильный", "phone"),
        ("Mobile phone", "phone"),
        ("Почта", "email"),
        ("e-mail:", "email"),
        ("СТАТУС", "status"),
        ("Менеджер", "owner"),
        ("Комментарий", "note"),
        ("Company name", "full_name"),
        ("ИНН", "tax_id"),
        ("Sales rep", "owner"),
    ],
)
def test_everyday_headings_are_known_for_sure(heading: str, field: str) -> None:
    guess = CLIENTS.guess(heading, [])
    assert guess is not None
    assert (guess.field, guess.sure) == (field, True)


@pytest.mark.parametrize(
    ("heading", "field"), [("Телефонн", "phone"), ("Телефон для связи", "phone")]
)
def test_heading_that_is_only_like_one_is_to_be_asked_about(heading: str, field: str) -> None:
    assert CLIENTS.guess(heading, []) == Guess(field, How.LIKENESS, sure=False)


@pytest.mark.parametrize("heading", ["День рождения", "Скидка", "№ п/п", "", "Любимый чай"])
def test_heading_of_the_staffs_own_is_left_alone(heading: str) -> None:
    assert CLIENTS.guess(heading, ["x", "y"]) is None


def test_values_tell_what_a_column_without_a_telling_heading_may_hold() -> None:
    mails: list[Cell] = ["a@b.ru", "c@d.com", "e@f.org"]
    assert CLIENTS.guess("Связь", mails) == Guess("email", How.VALUES, sure=False)
    phones: list[Cell] = ["8 (912) 345-67-89", 79123456789, "+7 912 345 67 89; +7 912 345-67-80"]
    assert CLIENTS.guess("", phones) == Guess("phone", How.VALUES, sure=False)
    assert CLIENTS.guess("Связь", ["звонить Ане", "a@b.ru", "нет"]) is None


def test_heading_that_its_values_deny_is_not_sure() -> None:
    guess = CLIENTS.guess("Телефон", ["Анна", "Пётр", "Иван"])
    assert guess == Guess("phone", How.HEADING, sure=False)


def sheet(*rows: list[Cell]) -> TabRead:
    return TabRead(7, "База", 1000, 26, tuple(tuple(row) for row in rows))


def test_headings_below_a_title_are_found_and_a_second_phone_stays_own() -> None:
    read = sheet(
        ["Наши клиенты"],
        [],
        ["ФИО", "Тел.", "Телефон 2", "Скидка"],
        ["Анна", "+7 912 345-67-89", "+7 912 345-67-80", 5],
        ["Пётр", "+7 912 345-67-88", None, None],
    )
    found = fit(TABS["clients"], SYNONYMS["clients"], read, {})
    assert found is not None
    assert found.header_row == 2
    assert found.rows == 2
    assert [item.fate for item in found.columns] == [Fate.TAKEN, Fate.TAKEN, Fate.SECOND, Fate.OWN]
    assert found.added == ("id",)


def test_surname_and_name_apart_make_a_name_together() -> None:
    read = sheet(["Имя", "Фамилия", "Телефон"], ["Анна", "Иванова", "+7 912 345-67-89"])
    found = fit(TABS["clients"], SYNONYMS["clients"], read, {})
    assert found is not None
    assert found.joined == (1, 0)
    assert found.added == ("id", "full_name")
    assert not found.lacking


def test_what_somebody_said_goes_before_what_is_guessed() -> None:
    read = sheet(["ФИО", "Тел.", "Связь"], ["Анна", "+7 912 345-67-89", "+7 912 345-67-80"])
    told = {"тел": "", "связь": "phone"}
    found = fit(TABS["clients"], SYNONYMS["clients"], read, told)
    assert found is not None
    assert found.taken == {"full_name": 0, "phone": 2}
    assert found.headings == {"фио": "full_name", "тел": "", "связь": "phone"}


def test_sheet_that_is_like_no_tab_does_not_fit() -> None:
    assert fit(TABS["clients"], SYNONYMS["clients"], sheet(["Чай", "Кофе"], [1, 2]), {}) is None
    prices = fit(
        TABS["agreements"], SYNONYMS["agreements"], sheet(["Товар", "Цена"], ["Чай", 100]), {}
    )
    assert prices is not None
    assert prices.lacking == ("client", "agreed_at")
