"""The laws of the codecs, for every kind of field, in several locales and countries."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_sync.core.codecs import Codec, Conventions, codec_for
from crm_sync.core.codecs.cleaning import bare, clean, fold, typed_text
from crm_sync.core.codecs.codec import CellCodec
from crm_sync.core.codecs.texts import is_inn
from crm_sync.core.references import Entry, ReferenceIndex
from crm_sync.core.schema import Column, Field, Kind
from crm_sync.core.values import Cell, Scalar, Unreadable

CONVENTIONS = (
    Conventions("ru_RU", "RU"),
    Conventions("en_US", "US"),
    Conventions("de_DE", "DE"),
    Conventions("xx_XX", "GB"),
)

STATUSES = ReferenceIndex(
    [
        Entry("cold", "Холодный", ("Cold",)),
        Entry("waiting", "Ждёт исполнения", ("Waiting",)),
        Entry("lost", "Потерян", ("Lost",)),
        Entry("gone", "Потерян", ("Gone",)),
    ],
    show_id=False,
)
CLIENTS = ReferenceIndex(
    [
        Entry("C-000012", "Анна", ("+79123456789", "anna@mail.ru")),
        Entry("C-000034", "Анна"),
        Entry("C-000056", "ООО «Ромашка» (Пермь)"),
        Entry("C-000078", "Анна (C-000012)"),
        Entry("C-000090", ""),
    ],
    show_id=True,
)
REFERENCES: Mapping[str, ReferenceIndex] = {"statuses:client": STATUSES, "clients": CLIENTS}
LABELS = {"customer": "Клиент", "supplier": "Поставщик", "partner": "Партнёр; друг"}

FIELDS = (
    Field("id", Kind.ID),
    Field("note", Kind.TEXT),
    Field("unit", Kind.TEXT, max_length=20),
    Field("tax_id", Kind.DIGITS, max_length=12),
    Field("code", Kind.DIGITS, max_length=20),
    Field("phone", Kind.PHONE, many=True),
    Field("email", Kind.EMAIL, many=True),
    Field("touch_every_days", Kind.INTEGER, minimum=Decimal(1), maximum=Decimal(730)),
    Field("count", Kind.INTEGER),
    Field("amount", Kind.DECIMAL),
    Field("rate", Kind.DECIMAL, places=8),
    Field("agreed_at", Kind.DATE),
    Field("contact_at", Kind.DATETIME),
    Field("active", Kind.BOOLEAN),
    Field("kind", Kind.CHOICE, many=True, choices=tuple(LABELS)),
    Field("type", Kind.CHOICE, choices=tuple(LABELS)),
    Field("status", Kind.REFERENCE, refers_to="statuses", entity="client"),
    Field("client", Kind.REFERENCE, refers_to="clients"),
)


def codec(field: Field, conventions: Conventions = CONVENTIONS[0]) -> Codec:
    return codec_for(Column(field, field.name, labels=LABELS), conventions, REFERENCES)


def named(name: str, conventions: Conventions = CONVENTIONS[0]) -> Codec:
    return codec(next(field for field in FIELDS if field.name == name), conventions)


CODECS = [
    pytest.param(codec(field, conventions), id=f"{field.name}-{conventions.locale}")
    for field in FIELDS
    for conventions in CONVENTIONS
]


def shortest_by_decimal(number: Decimal) -> str:
    text = format(number.normalize(), "f")
    return "0" if Decimal(text) == 0 else text


def canonical_moment(moment: datetime) -> str:
    text = moment.strftime("%Y-%m-%d %H:%M:%S")
    return text.removesuffix(":00").removesuffix(" 00:00")


# What cells are made of where people are at work: signs that codecs look for, seldom noise.
SIGNS = "0123456789+-−.,;/:()#@'xXхTtдоб ₽$€éёЁ👩١\0\n\xa0\u202f\u200b\u200d\u202a\ud800\u0301"
WORDS = (
    *("e", "E5", "nan", "inf", "_", "доб.", "ext", "C-000012", "Анна", "Холодный", "\r\n"),
    *("31.12.2026", "2026-03-10", "14:05", "12/31/2026", "8 912 345-67-89", "TRUE", "#REF!"),
    *("a@b.ru", "почта@почта.рф", "Клиент", "customer", "1 234,50", "1,234.50", "+44 20"),
)
PIECES = st.sampled_from([*SIGNS, *WORDS])
TYPED = st.lists(PIECES, max_size=8).map("".join)
UNICODE = st.text(st.characters(exclude_categories=[]), max_size=30)
NUMBERS = st.one_of(
    st.integers(),
    st.integers(10_000_000_000, 99_999_999_999),
    st.integers(32_000, 74_000),
    st.floats(),
    st.floats(32_000, 74_000),
    st.decimals(-1e6, 1e6, places=2, allow_nan=False).map(float),
)
CELLS: st.SearchStrategy[Cell] = st.one_of(
    TYPED, UNICODE, NUMBERS, st.booleans(), st.none(), st.sampled_from([10**5000, -(10**400)])
)

DIGITS = st.text("0123456789", min_size=1, max_size=20)
PHONE = st.one_of(
    st.from_regex(r"\+7[3489][0-9]{9}(x[0-9]{1,7})?", fullmatch=True),
    st.from_regex(r"\+[1-9][0-9]{7,14}(x[0-9]{1,7})?", fullmatch=True),
)
ADDRESS = st.from_regex(
    r"[A-Za-z0-9_]{1,8}(\.[a-z]{1,4})?@([a-z0-9]{1,5}\.){1,2}(ru|com|рф)", fullmatch=True
)
DECIMAL = st.decimals(-(10**12), 10**12, places=2, allow_nan=False).map(shortest_by_decimal)
DAY = st.dates(date(1990, 1, 1), date(2100, 12, 31)).map(date.isoformat)
MOMENT = st.builds(
    lambda day, second: canonical_moment(
        datetime.combine(day, datetime.min.time()) + timedelta(seconds=second)
    ),
    st.dates(date(1990, 1, 1), date(2100, 12, 31)),
    st.one_of(st.just(0), st.integers(0, 86_399), st.integers(0, 1439).map(lambda m: m * 60)),
)
CANONICAL: Mapping[str, st.SearchStrategy[Scalar]] = {
    "id": st.from_regex(r"[ACK]-[0-9]{6,7}", fullmatch=True),
    "note": UNICODE.map(clean).filter(bool),
    "unit": UNICODE.map(lambda text: " ".join(clean(text).split())[:5].strip()).filter(bool),
    "code": DIGITS,
    "touch_every_days": st.integers(1, 730),
    "count": st.integers(-(10**15) + 1, 10**15 - 1),
    "amount": DECIMAL,
    "rate": st.decimals(0, 10**6, places=8, allow_nan=False).map(shortest_by_decimal),
    "agreed_at": DAY,
    "contact_at": MOMENT,
    "active": st.sampled_from([0, 1]),
    "kind": st.sets(st.sampled_from(list(LABELS)), min_size=1).map(
        lambda keys: "; ".join(key for key in LABELS if key in keys)
    ),
    "type": st.sampled_from(list(LABELS)),
    "status": st.sampled_from(["cold", "waiting", "lost", "gone"]),
    "client": st.sampled_from(["C-000012", "C-000034", "C-000056", "C-000078", "C-000090"]),
}


def refused(value: object) -> bool:
    return isinstance(value, Unreadable)


@pytest.mark.parametrize("codec", CODECS)
@given(cell=CELLS)
@example("\ud83d")
@example(float("nan"))
@example(float("-inf"))
@example(5e-324)
@example("9" * 60_000)
@example("👩" * 30_000)
@example("\u0344" * 20_000)
def test_no_cell_makes_a_codec_raise_and_what_it_reads_is_canonical(
    codec: Codec, cell: Cell
) -> None:
    value = codec.parse(cell)
    if isinstance(value, Unreadable):
        value.reason.format(**value.params)
        value.remedy.format(**value.params)
        value.typed.encode()
        assert len(value.typed) <= 300
    else:
        assert codec.parse(codec.format(value)) == value
        assert codec.normal(value) == value
        assert type(value) in (str, int, type(None))


@pytest.mark.parametrize("codec", CODECS)
@given(value=st.one_of(CELLS, st.binary(max_size=9)))
def test_any_stored_value_has_a_normal_form_that_is_its_own_or_none(
    codec: Codec, value: Cell | bytes
) -> None:
    normal = codec.normal(value)
    if not isinstance(normal, Unreadable):
        assert codec.normal(normal) == normal
        assert codec.parse(codec.format(normal)) == normal


@pytest.mark.parametrize("conventions", CONVENTIONS, ids=lambda item: str(item.locale))
@pytest.mark.parametrize("name", CANONICAL)
@given(data=st.data())
def test_what_is_written_is_read_back(
    name: str, conventions: Conventions, data: st.DataObject
) -> None:
    value = data.draw(CANONICAL[name])
    codec = named(name, conventions)
    if name in {"note", "unit"} and refused(codec.normal(value)):
        return  # an error text of the sheet is no text of anybody's
    assert codec.normal(value) == value
    assert codec.parse(codec.format(value)) == value


@given(phones=st.lists(PHONE, min_size=1, max_size=5, unique=True))
def test_phones_that_are_taken_are_read_back_from_what_people_see(phones: list[str]) -> None:
    codec = named("phone")
    value = codec.normal("; ".join(phones))
    if not isinstance(value, Unreadable):
        assert value is not None
        shown = codec.format(value)
        assert isinstance(shown, str)
        assert codec.parse(shown) == value


@given(digits=st.from_regex(r"\+7[3489][0-9]{9}", fullmatch=True), data=st.data())
def test_each_spelling_of_a_russian_phone_is_one_value(digits: str, data: st.DataObject) -> None:
    prefix = data.draw(st.sampled_from(["+7", "8", "7", "+7 ", "8 ", "8-", "(8)", ""]))
    area = data.draw(st.sampled_from(["{}", "({})", " ({}) ", "-{}-", "\xa0{}\u202f"]))
    rest = data.draw(st.sampled_from(["{}{}{}", "{}-{}-{}", "{} {} {}", "{}.{}.{}", "{}–{}–{}"]))
    parts = rest.format(digits[5:8], digits[8:10], digits[10:])
    assert named("phone").parse(prefix + area.format(digits[2:5]) + parts) == digits


NEARLY = st.one_of(
    st.from_regex(
        r"(\+7|8|7|\+8|\+49)? ?\(?[1-9][0-9]{2}\)? ?[0-9]{3,4}([ -]?[0-9]{2}){2}( ?[;x] ?12)?",
        fullmatch=True,
    ),
    st.from_regex(r"[A-Za-zя0-9._-]{1,22}@([A-Za-z0-9-]{1,32}\.){0,3}[a-z1]{1,4}", fullmatch=True),
)
"""Texts that look like one phone or address at the first glance, and may be none."""


@given(text=NEARLY, one=st.sampled_from(FIELDS), conventions=st.sampled_from(CONVENTIONS))
def test_what_is_taken_at_the_first_glance_is_what_all_the_rules_say(
    text: str, one: Field, conventions: Conventions
) -> None:
    made = codec(one, conventions)
    assert isinstance(made, CellCodec)
    assert made.parse(text) == CellCodec.parse(made, text)


@given(addresses=st.lists(ADDRESS, min_size=1, max_size=4, unique_by=str.casefold))
def test_addresses_are_read_back(addresses: list[str]) -> None:
    codec = named("email")
    value = "; ".join(addresses)
    assert codec.normal(value) == value
    assert codec.parse(codec.format(value)) == value


@given(digits=st.text("0123456789", min_size=9, max_size=11))
def test_one_check_digit_makes_a_tax_id_and_no_other_does(digits: str) -> None:
    fitting = [last for last in "0123456789" if is_inn(digits[:9] + last)]
    assert len(fitting) == (1 if digits[:9].strip("0") else 0)


@given(number=st.decimals(-(10**9), 10**9, places=2, allow_nan=False))
def test_a_decimal_typed_as_the_locale_writes_it_is_read(number: Decimal) -> None:
    value = shortest_by_decimal(number)
    english = f"{number:,.2f}"
    russian = english.replace(",", "\xa0").replace(".", ",")
    german = english.translate(str.maketrans(",.", ".,"))
    assert named("amount", Conventions("en_US", "US")).parse(english) == value
    assert named("amount", Conventions("ru_RU", "RU")).parse(russian) == value
    assert named("amount", Conventions("de_DE", "DE")).parse(german) == value


@given(cell=st.floats(-1e12, 1e12), factor=st.integers(1, 1000))
def test_the_noise_of_a_calculation_is_no_digit_of_a_decimal(cell: float, factor: int) -> None:
    rounded = round(cell, 2)
    noisy = rounded / factor * factor
    read = named("amount").parse(noisy)
    assert read == named("amount").parse(rounded) or abs(noisy) >= 1e11


@given(text=UNICODE)
@example("e\u200b\u0301")
@example("👩\u200d\u200d👩")
@example("\u200d👩\u200d👧\u200c")
@example("\u1f71\u200d\u05d0")
@example("\r\n\u2028a")
@example("İıẞΣς")
def test_each_form_of_a_text_is_its_own_form(text: str) -> None:
    for form in (clean, bare, fold, typed_text):
        once = form(text)
        assert form(once) == once
        once.encode()
    assert bare(clean(text)) == clean(bare(clean(text)))


def test_every_kind_of_field_stands_under_the_laws() -> None:
    assert {field.kind for field in FIELDS} == set(Kind)


LABEL = st.text(st.sampled_from('аА ёе()·-12Cc«"'), max_size=12)
ENTRIES = st.lists(
    st.builds(
        Entry,
        st.sampled_from([f"C-00000{number}" for number in range(5)]),
        st.one_of(LABEL, st.sampled_from(["а (C-000001)", "C-000002", "c-3", "а · C-000001"])),
        st.lists(LABEL, max_size=2).map(tuple),
        st.booleans(),
    ),
    max_size=5,
    unique_by=lambda entry: entry.value,
)


@given(entries=ENTRIES, show_id=st.booleans())
def test_what_is_shown_finds_its_way_back_to_its_entry(entries: list[Entry], show_id: bool) -> None:
    index = ReferenceIndex(entries, show_id=show_id)
    for entry in entries:
        shown = index.shown(entry.value)
        assert shown is not None
        assert index.find(shown) == (entry,)
        assert entry.value in index


@given(entries=ENTRIES, text=st.one_of(LABEL, TYPED))
def test_what_is_found_does_not_hang_on_the_order_of_entries(
    entries: list[Entry], text: str
) -> None:
    forwards = ReferenceIndex(entries, show_id=True)
    backwards = ReferenceIndex(reversed(entries), show_id=True)
    assert forwards.find(text) == backwards.find(text)
    assert forwards.nearest(text) == backwards.nearest(text)
