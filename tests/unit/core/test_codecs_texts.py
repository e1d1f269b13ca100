"""Texts, ids and digits in cells."""

import pytest

from crm_sync.core.codecs import Codec, Conventions, codec_for
from crm_sync.core.codecs.codec import ERROR_TEXTS
from crm_sync.core.schema import Column, Field, Kind
from crm_sync.core.values import Cell, Unreadable

RUSSIAN = Conventions("ru_RU", "RU")


def codec(field: Field, conventions: Conventions = RUSSIAN) -> Codec:
    return codec_for(Column(field, field.name), conventions, {})


TEXT = codec(Field("note"))
TAX_ID = codec(Field("tax_id", Kind.DIGITS, max_length=12))
ID = codec(Field("id", Kind.ID))


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.REFERENCE])
@pytest.mark.parametrize("text", sorted(ERROR_TEXTS))
def test_an_error_text_is_unreadable_in_every_column(kind: Kind, text: str) -> None:
    read = codec(Field("any", kind)).parse(f" {text}\n")
    assert read == Unreadable(
        text,
        "V09",
        "The cell shows {typed}: its formula has no result.",
        "Mend the formula or type the value itself.",
        {"typed": text},
    )


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.REFERENCE])
@pytest.mark.parametrize("cell", [None, "", " ", "\xa0\u200b", "\n\t"])
def test_a_blank_cell_says_nothing_in_every_column(kind: Kind, cell: Cell) -> None:
    assert codec(Field("any", kind)).parse(cell) is None
    assert codec(Field("any", kind)).normal(cell) is None
    assert codec(Field("any", kind)).format(None) is None


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.REFERENCE])
@pytest.mark.parametrize("cell", [float("nan"), float("inf"), 10**15, -1e300, 10**900])
def test_a_number_beyond_fifteen_digits_is_unreadable_in_every_column(
    kind: Kind, cell: Cell
) -> None:
    read = codec(Field("any", kind)).parse(cell)
    assert isinstance(read, Unreadable)
    assert read.code == "V09"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.REFERENCE])
def test_bytes_in_the_store_are_unreadable_in_every_column(kind: Kind) -> None:
    assert isinstance(codec(Field("any", kind)).normal(b"abc"), Unreadable)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("=1+2", "=1+2"),
        ("'); DROP TABLE clients", "'); DROP TABLE clients"),
        ("1e5", "1e5"),
        ("nan", "nan"),
        ("007", "007"),
        ("#ягода", "#ягода"),
        (7.0, "7"),
        (1234.5, "1234,5"),
        (1e-7, "0,0000001"),
        (True, "TRUE"),
    ],
)
def test_text_stays_text(cell: Cell, value: str) -> None:
    assert TEXT.parse(cell) == value


@pytest.mark.parametrize(
    ("length", "taken"), [(49_999, True), (50_000, True), (50_001, False), (60_000, False)]
)
def test_a_text_is_as_long_as_a_cell_of_a_sheet_at_most(length: int, taken: bool) -> None:
    assert (TEXT.parse("ж" * length) == "ж" * length) is taken


def test_most_emoji_count_twice_as_in_a_sheet() -> None:
    assert TEXT.parse("😀" * 25_000) == "😀" * 25_000
    assert isinstance(TEXT.parse("😀" * 25_001), Unreadable)


def test_a_text_longer_than_its_column_is_refused_with_both_lengths() -> None:
    read = codec(Field("unit", max_length=3)).parse("ящик")
    assert isinstance(read, Unreadable)
    assert (read.code, read.params["length"], read.params["limit"]) == ("V01", "4", "3")


@pytest.mark.parametrize(
    "typed", ["C-000123", "c-000123", "С-000123", "с – 000123", " C\u2011000123 ", "C_000123"]
)
def test_an_id_is_known_in_any_spelling(typed: str) -> None:
    assert ID.parse(typed) == "C-000123"


@pytest.mark.parametrize("cell", ["Анна", "C000123", "C-", 123, True, "C-000123x"])
def test_what_is_no_id_was_typed_by_hand(cell: Cell) -> None:
    read = ID.parse(cell)
    assert isinstance(read, Unreadable)
    assert read.code == "V12"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("7707083893", "7707083893"),
        (7707083893, "7707083893"),
        (7707083893.0, "7707083893"),
        (" 7707 083\xa0893 ", "7707083893"),
        ("500100732259", "500100732259"),
        ("0274062111", "0274062111"),
    ],
)
def test_a_tax_id_with_right_check_digits_is_taken(cell: Cell, value: str) -> None:
    assert TAX_ID.parse(cell) == value


@pytest.mark.parametrize(
    ("cell", "remedy"),
    [
        (274062111, "Set the cell's format to plain text and type 0274062111."),
        ("274062111", "Set the cell's format to plain text and type 0274062111."),
        (
            "7707083894",
            "Compare it with the document: a digit is wrong, or two have changed places.",
        ),
        (
            "0000000000",
            "Compare it with the document: a digit is wrong, or two have changed places.",
        ),
        (
            "770708389",
            "Set the cell's format to plain text and type all digits, a leading zero too.",
        ),
        ("ИНН 7707083893", "Type digits only, for example 7707083893."),
        (True, "Type digits only, for example 7707083893."),
        (7707083893.5, "Set the cell's format to plain text and type the digits again."),
        (-7707083893, "Set the cell's format to plain text and type the digits again."),
    ],
)
def test_what_is_no_tax_id_says_what_to_do(cell: Cell, remedy: str) -> None:
    read = TAX_ID.parse(cell)
    assert isinstance(read, Unreadable)
    assert read.code == "V01"
    assert read.remedy.format(**read.params) == remedy


def test_other_digits_have_no_check_digits() -> None:
    code = codec(Field("code", Kind.DIGITS, max_length=4))
    assert code.parse("0012") == "0012"
    assert isinstance(code.parse("00123"), Unreadable)


def test_check_digits_are_asked_only_where_they_are_russian() -> None:
    field = Field("tax_id", Kind.DIGITS, max_length=12)
    assert codec(field, Conventions("de_DE", "DE")).parse("123456789") == "123456789"


@pytest.mark.parametrize(
    ("limit", "remedy"), [(7, "Shorten it."), (40, "Shorten it."), (300, "elsewhere.")]
)
def test_long_text_is_to_be_shortened_or_parted(limit: int, remedy: str) -> None:
    read = codec(Field("any", Kind.TEXT, max_length=limit)).parse("x" * (limit + 1))
    assert isinstance(read, Unreadable)
    assert read.remedy.endswith(remedy)
