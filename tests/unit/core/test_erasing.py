"""A person in texts, however they are written; and other people's texts left alone."""

from __future__ import annotations

import pytest

from crm_sync.core.erasing import Traces, free_texts, traces_of
from crm_sync.model import TABLES, table

IVAN = Traces(
    frozenset({"Иванов Иван Петрович"}),
    frozenset({"+79161234567", "+74957654321x12"}),
    frozenset({"ivanov@example.com", "770708389312"}),
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Звонил Иванов Иван Петрович, ждёт", "Звонил [x], ждёт"),
        ("иванов  иван просил счёт", "[x] просил счёт"),
        ("Иван Иванов и Иванова Анна", "[x] и Иванова Анна"),
        ("от Иванова Ивана", "от Иванова Ивана"),
        ("Иванов И. П., Иванов И.П. и И.П. Иванов", "[x], [x] и [x]"),
        ("тел. 8 (916) 123-45-67 или +7 916 123 45 67", "тел. [x] или [x]"),
        ("9161234567, а не 9161234568", "[x], а не 9161234568"),
        ("19161234567890", "19161234567890"),
        ("495 765-43-21 доб. 12", "[x] доб. 12"),
        ("Пишите на IVANOV@example.com!", "Пишите на [x]!"),
        ("ИНН 770708389312", "ИНН [x]"),
        ("Иван дома", "Иван дома"),
    ],
)
def test_person_goes_and_all_else_stays(text: str, left: str) -> None:
    assert IVAN.without(text, "[x]") == left
    assert IVAN.named_in(text) == (text != left)


def test_nobody_is_named_anywhere() -> None:
    assert Traces().without("Иванов", "[x]") == "Иванов"
    short = Traces(frozenset({"Анна"}), frozenset({"123"}), frozenset({"Ли"}))
    assert short.without("Анна, Ли, 123", "[x]") == "Анна, Ли, 123"


def test_traces_are_what_singles_out_a_person() -> None:
    values = [
        ("full_name", " Анна  Смирнова "),
        ("phone", "+79161234567; +79161234568"),
        ("email", None),
        ("city", "Москва"),
        ("address", "ул. Ленина, 5, кв. 12"),
        ("messenger", "tg:@semya"),
        ("note", "любит чай"),
        ("external_id", "shop:1"),
    ]
    found = traces_of(table("clients"), values)
    assert found == Traces(
        frozenset({"Анна Смирнова"}), frozenset({"+79161234567", "+79161234568"}), frozenset()
    )


def test_names_of_others_are_no_free_texts() -> None:
    free = {item.name: {field.name for field in free_texts(item)} for item in TABLES}
    assert "full_name" not in free["clients"]
    assert "name" not in free["employees"]
    assert free["clients"].isdisjoint({"address", "city", "messenger"})
    assert {"note", "contact_person"} <= free["clients"]
    assert {"summary", "next_step"} <= free["contacts"]
    assert "subject" in free["agreements"]
