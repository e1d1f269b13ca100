"""Yes or no, and keys of closed lists."""

import pytest

from crm_sync.core.codecs import Codec, Conventions, codec_for
from crm_sync.core.schema import Column, Field, Kind
from crm_sync.core.values import Cell, Unreadable

LABELS = {"customer": "Клиент", "supplier": "Поставщик", "partner": "Партнёр"}


def choice(labels: dict[str, str], *, many: bool = False) -> Codec:
    field = Field("kind", Kind.CHOICE, many=many, choices=tuple(labels))
    return codec_for(Column(field, "Тип", labels=labels), Conventions("ru_RU"), {})


BOOLEAN = codec_for(Column(Field("active", Kind.BOOLEAN), "Да?"), Conventions("ru_RU"), {})
ONE, MANY = choice(LABELS), choice(LABELS, many=True)


@pytest.mark.parametrize(
    "cell", [True, 1, 1.0, "TRUE", "истина", "Да", " да ", "yes", "1", "x", "Х", "+", "✓"]
)
def test_yes_is_one(cell: Cell) -> None:
    assert BOOLEAN.parse(cell) == 1
    assert BOOLEAN.normal(cell) == 1
    assert BOOLEAN.format(1) is True


@pytest.mark.parametrize("cell", [False, 0, 0.0, "FALSE", "ложь", "Нет", "no", "0", "-", "—"])
def test_no_is_zero(cell: Cell) -> None:
    assert BOOLEAN.parse(cell) == 0
    assert BOOLEAN.format(0) is False


@pytest.mark.parametrize("cell", ["может быть", 2, 0.5, -1, "да нет"])
def test_anything_else_is_neither_yes_nor_no(cell: Cell) -> None:
    assert isinstance(BOOLEAN.parse(cell), Unreadable)


@pytest.mark.parametrize("typed", ["Партнёр", "партнер", " ПАРТНЁР\xa0", "partner", "PARTNER"])
def test_a_choice_is_known_by_label_or_key(typed: str) -> None:
    assert ONE.parse(typed) == "partner"
    assert ONE.normal(typed) == "partner"
    assert ONE.format("partner") == "Партнёр"


@pytest.mark.parametrize(
    "typed",
    [
        "Партнёр; Клиент",
        "Клиент, партнер",
        "клиент/партнёр",
        "customer\nPARTNER;",
        "клиент + partner",
    ],
)
def test_several_choices_stand_in_the_order_of_the_list(typed: str) -> None:
    assert MANY.parse(typed) == "customer; partner"
    assert MANY.format("customer; partner") == "Клиент; Партнёр"
    read = ONE.parse(typed)
    assert isinstance(read, Unreadable)
    assert read.reason == '"{typed}" names several values, and one fits here.'


def test_a_misspelt_choice_is_answered_by_the_nearest_one() -> None:
    read = MANY.parse("Клиент; Поставшик")
    assert isinstance(read, Unreadable)
    assert read.code == "V04"
    assert read.reason.format(**read.params) == '"Поставшик" is not in the list.'
    assert read.remedy.format(**read.params) == "Did you mean Поставщик?"
    assert read.typed == "Клиент; Поставшик"


@pytest.mark.parametrize("cell", ["щъ", 5, True, ";", "2.5"])
def test_a_strange_choice_is_answered_by_the_list(cell: Cell) -> None:
    read = ONE.parse(cell)
    assert isinstance(read, Unreadable)
    assert read.remedy.format(**read.params) == "Choose one of: Клиент, Поставщик, Партнёр."


def test_a_label_of_two_keys_means_neither_and_is_not_shown() -> None:
    codec = choice({"a": "Да", "b": "да", "c": "a"})
    assert isinstance(codec.parse("да"), Unreadable)
    assert [codec.format(key) for key in "abc"] == ["a", "b", "c"]
    assert [codec.parse(key) for key in "abc"] == ["a", "b", "c"]


def test_a_label_with_a_comma_is_one_choice() -> None:
    codec = choice({"a": "Чай, кофе", "b": "Какао"}, many=True)
    assert codec.parse("Какао; чай, кофе") == "a; b"
    assert codec.parse(codec.format("a; b")) == "a; b"


def test_a_number_may_be_a_label() -> None:
    assert choice({"a": "2026", "b": "2027"}).parse(2026.0) == "a"
