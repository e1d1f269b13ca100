"""Whole numbers and money, as cells hold them and as people type them."""

from decimal import Decimal

import pytest

from crm_sync.core.codecs import Codec, Conventions, codec_for
from crm_sync.core.schema import Column, Field, Kind
from crm_sync.core.values import Cell, Scalar, Unreadable

REGIONS = {"ru_RU": "RU", "en_US": "US", "de_DE": "DE", "de_CH": "CH", "fr_FR": "FR", "xx": "ZZ"}


def codec(field: Field, locale: str = "ru_RU") -> Codec:
    return codec_for(Column(field, field.name), Conventions(locale, REGIONS[locale]), {})


def money(locale: str = "ru_RU") -> Codec:
    return codec(Field("amount", Kind.DECIMAL), locale)


def test_a_thousand_or_a_fraction_is_refused_where_nobody_knows_the_locale() -> None:
    rate = Field("rate", Kind.DECIMAL, places=4)
    for typed in ("1.234", "1,234"):
        assert said(codec(rate, "xx").parse(typed))[1] == f'"{typed}" may mean 1.234 or 1234.'
    assert codec(rate, "en_US").parse("1.234") == "1.234"


INTEGER = codec(
    Field("touch_every_days", Kind.INTEGER, minimum=Decimal(1), maximum=Decimal(730)), "ru_RU"
)


def said(read: Scalar | Unreadable) -> tuple[str, str, str]:
    assert isinstance(read, Unreadable)
    return read.code, read.reason.format(**read.params), read.remedy.format(**read.params)


@pytest.mark.parametrize(
    ("locale", "typed", "value"),
    [
        ("ru_RU", "1 234,50", "1234.5"),
        ("ru_RU", "1\xa0234\xa0567,89", "1234567.89"),
        ("ru_RU", "1\u202f234,50 ₽", "1234.5"),
        ("ru_RU", "12 руб.", "12"),
        ("ru_RU", "2,5р", "2.5"),
        ("ru_RU", "\u22125,5", "-5.5"),
        ("ru_RU", "- 5", "-5"),
        ("ru_RU", "+5", "5"),
        ("ru_RU", "007", "7"),
        ("en_US", "1,234.56", "1234.56"),
        ("en_US", "$1,000.00", "1000"),
        ("en_US", "-$5", None),
        ("en_US", "1 234.50", "1234.5"),
        ("de_DE", "1.234,56", "1234.56"),
        ("de_DE", "1.234", "1234"),
        ("de_DE", "5 €", "5"),
        ("de_DE", "1.234 567", None),
        ("de_CH", "1'234.50", "1234.5"),
        ("de_CH", "1’234.50", "1234.5"),
        ("fr_FR", "1 234,50", "1234.5"),
        ("xx", "1234.50", "1234.5"),
    ],
)
def test_a_number_is_read_as_the_locale_writes_it(
    locale: str, typed: str, value: str | None
) -> None:
    read = money(locale).parse(typed)
    assert (None if isinstance(read, Unreadable) else read) == value


@pytest.mark.parametrize(
    ("locale", "typed", "reason", "remedy"),
    [
        (
            "ru_RU",
            "1.234",
            '"1.234" may mean 1,234 or 1234.',
            "Type the one that is meant, without marks between thousands.",
        ),
        (
            "ru_RU",
            "1,234",
            '"1,234" may mean 1,234 or 1234.',
            "Type the one that is meant, without marks between thousands.",
        ),
        (
            "xx",
            "1,234",
            '"1,234" may mean 1.234 or 1234.',
            "Type the one that is meant, without marks between thousands.",
        ),
        (
            "ru_RU",
            "1,234.56",
            '"1,234.56" is not how numbers are written in this spreadsheet.',
            "If 1234,56 is meant, type it so.",
        ),
        (
            "en_US",
            "1.234,56",
            '"1.234,56" is not how numbers are written in this spreadsheet.',
            "If 1234.56 is meant, type it so.",
        ),
        (
            "en_US",
            "2,5",
            '"2,5" is not how numbers are written in this spreadsheet.',
            "If 2.5 is meant, type it so.",
        ),
        ("ru_RU", "сто", '"сто" is not a number.', "Type digits only, for example 1234,50."),
    ],
)
def test_a_number_written_otherwise_is_refused_with_its_readings(
    locale: str, typed: str, reason: str, remedy: str
) -> None:
    assert said(money(locale).parse(typed)) == ("V09", reason, remedy)


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "1e5",
            "1_000",
            "inf",
            "nan",
            "0x10",
            "12 34",
            "1 2345",
            "1,2,3",
            ",5",
            "5,",
            "--5",
            "½",
        ),
        *("5 $", "5%", "(5)", "=1+2", "1234,5 1", "9" * 61, True),
    ],
)
def test_what_is_no_number_is_refused(typed: Cell) -> None:
    read = money().parse(typed)
    assert isinstance(read, Unreadable)
    assert read.code == "V09"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (48500, "48500"),
        (48500.0, "48500"),
        (48500.5, "48500.5"),
        (-3, "-3"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (1234.5600000000002, "1234.56"),
        (999999999999999, "999999999999999"),
        (1234567890123.45, "1234567890123.45"),
    ],
)
def test_a_number_in_the_cell_is_money(cell: Cell, value: str) -> None:
    assert money().parse(cell) == value


def test_what_is_written_is_the_number_itself() -> None:
    assert repr(money().format("48500")) == "48500"
    assert repr(money().format("48500.5")) == "48500.5"


@pytest.mark.parametrize("cell", [33.333, 0.001, 1e-320, "33,333", "0,001"])
def test_more_digits_than_the_column_has_are_refused(cell: Cell) -> None:
    assert isinstance(money().parse(cell), Unreadable)


@pytest.mark.parametrize("cell", [12345678901234.56, 1e15, "1234567890123456", "12345678901234,56"])
def test_more_than_fifteen_digits_are_refused_and_not_rounded(cell: Cell) -> None:
    assert isinstance(money().parse(cell), Unreadable)


def test_three_digits_after_the_sign_are_taken_where_the_field_has_three() -> None:
    weight = codec(Field("quantity", Kind.DECIMAL, places=3), "ru_RU")
    assert weight.parse("1,234") == "1.234"
    assert weight.parse(1.234) == "1.234"


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        ("48500.50", "48500.5"),
        (" +48500 ", "48500"),
        (48500.5, "48500.5"),
        (3, "3"),
        ("1.23", "1.23"),
        ("48500,5", "48500.5"),
        ("1 234", "1234"),
        ("", None),
    ],
)
@pytest.mark.parametrize("locale", ["ru_RU", "en_US", "de_DE"])
def test_a_stored_number_means_the_same_in_every_workbook(
    locale: str, stored: str | float, value: str | None
) -> None:
    assert money(locale).normal(stored) == value


@pytest.mark.parametrize("stored", ["1,234", "1e5", "много", b"5"])
@pytest.mark.parametrize("locale", ["ru_RU", "en_US", "de_DE"])
def test_a_stored_number_that_may_mean_two_is_refused_in_every_workbook(
    locale: str, stored: str | bytes
) -> None:
    assert isinstance(money(locale).normal(stored), Unreadable)


def test_a_stored_number_of_two_readings_is_refused_though_both_would_fit() -> None:
    assert isinstance(codec(Field("rate", Kind.DECIMAL, places=3)).normal("1,234"), Unreadable)


@pytest.mark.parametrize(
    ("cell", "value"), [(30, 30), (30.0, 30), ("30", 30), ("1", 1), ("7,0", 7)]
)
def test_a_whole_number_is_read(cell: Cell, value: int) -> None:
    assert INTEGER.parse(cell) == value
    assert INTEGER.format(value) == value


@pytest.mark.parametrize(
    ("cell", "reason", "remedy"),
    [
        (0, "0 is too small: the least is 1.", "Type 1 or more."),
        ("731", "731 is too large: the most is 730.", "Type 730 or less."),
        (-5, "-5 is too small: the least is 1.", "Type 1 or more."),
        (
            30.5,
            "30,5 is not a whole number.",
            "Type it without a fraction, for example 30.",
        ),
        ("месяц", '"месяц" is not a number.', "Type digits only, for example 1234."),
        (False, '"FALSE" is not a number.', "Type digits only, for example 1234."),
    ],
)
def test_what_is_no_whole_number_in_range_is_refused(cell: Cell, reason: str, remedy: str) -> None:
    assert said(INTEGER.parse(cell)) == ("V09", reason, remedy)
    assert isinstance(INTEGER.normal(cell), Unreadable)
