"""Dates and times: serial numbers, ISO, and as each locale writes them."""

from datetime import date, timedelta

import pytest
from babel import localedata

from crm_sync.core.codecs import Codec, Conventions, codec_for
from crm_sync.core.codecs.dates import writing_of
from crm_sync.core.schema import Column, Field, Kind
from crm_sync.core.values import Cell, Unreadable


def codec(kind: Kind, locale: str = "ru_RU") -> Codec:
    return codec_for(Column(Field("at", kind), "Когда"), Conventions(locale), {})


DAY, MOMENT = codec(Kind.DATE), codec(Kind.DATETIME)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (32874, "1990-01-01"),
        (43831, "2020-01-01"),
        (45657.0, "2024-12-31"),
        (73415, "2100-12-31"),
    ],
)
def test_a_serial_number_counts_days_since_the_end_of_1899(cell: Cell, value: str) -> None:
    assert DAY.parse(cell) == value
    assert DAY.format(value) == cell
    assert isinstance(DAY.format(value), int)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (43831.5, "2020-01-01 12:00"),
        (43831 + 1 / 86400, "2020-01-01 00:00:01"),
        (43831 + (14 * 60 + 5) / 1440, "2020-01-01 14:05"),
        (43831.9999999, "2020-01-02"),
        (43831.0000001, "2020-01-01"),
        (43831, "2020-01-01"),
    ],
)
def test_the_fraction_of_a_serial_number_is_the_time_of_day(cell: Cell, value: str) -> None:
    assert MOMENT.parse(cell) == value


def test_every_second_of_a_day_is_read_back_from_its_serial_number() -> None:
    for second in range(0, 86_400, 7):
        value = f"2026-03-10 {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        canonical = value.removesuffix(":00").removesuffix(" 00:00")
        assert MOMENT.parse(MOMENT.format(canonical)) == canonical


def test_a_day_has_no_time() -> None:
    for cell in (43831.5, "31.12.2026 14:05", "2026-12-31T00:00:01"):
        read = DAY.parse(cell)
        assert isinstance(read, Unreadable)
        assert read.reason == '"{typed}" has a time of day, and this column holds dates alone.'
    assert DAY.parse("31.12.2026 00:00") == "2026-12-31"


@pytest.mark.parametrize(
    ("locale", "typed"),
    [
        ("ru_RU", "10.03.2026"),
        ("ru_RU", "10.3.2026"),
        ("ru_RU", "10.03.26"),
        ("en_US", "3/10/2026"),
        ("en_US", "03/10/26"),
        ("en_GB", "10/03/2026"),
        ("de_DE", "10.03.2026"),
        ("fr_FR", "10/03/2026"),
        ("bg_BG", "10.03.2026 г."),
        ("hr_HR", "10. 03. 2026."),
        ("hu_HU", "2026. 03. 10."),
        ("ko_KR", "2026. 3. 10."),
        ("sv_SE", "2026-03-10"),
        ("ar_EG", "10\u200f/3\u200f/2026"),
        *((locale, "2026-03-10") for locale in ("ru_RU", "en_US", "en_GB", "xx_XX", "")),
        *((locale, "2026/3/10") for locale in ("ru_RU", "en_US", "ja_JP")),
        *((locale, "2026.03.10") for locale in ("ru_RU", "en_US")),
    ],
)
def test_a_date_is_read_as_the_locale_writes_it_and_as_iso_everywhere(
    locale: str, typed: str
) -> None:
    assert codec(Kind.DATE, locale).parse(typed) == "2026-03-10"
    assert codec(Kind.DATETIME, locale).parse(f"{typed} 14:05") == "2026-03-10 14:05"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("31.12.2026, 9:05", "2026-12-31 09:05"),
        ("31.12.2026 09:05:30", "2026-12-31 09:05:30"),
        ("31.12.2026 00:00", "2026-12-31"),
        ("2026-12-31T09:05", "2026-12-31 09:05"),
        ("31.12.2026 9:05 PM", "2026-12-31 21:05"),
        ("31.12.2026 12:05 am", "2026-12-31 00:05"),
        ("31.12.95", "1995-12-31"),
    ],
)
def test_a_time_may_follow_the_date(typed: str, value: str) -> None:
    assert MOMENT.parse(typed) == value


@pytest.mark.parametrize("locale", ["ru_RU", "en_US", "en_GB", "de_DE"])
def test_every_day_of_a_year_is_read_in_its_own_locale_only_as_itself(locale: str) -> None:
    pattern = {
        "ru_RU": "%d.%m.%Y",
        "de_DE": "%d.%m.%Y",
        "en_US": "%m/%d/%Y",
        "en_GB": "%d/%m/%Y",
    }[locale]
    for number in range(366):
        day = date(2028, 1, 1) + timedelta(number)
        assert codec(Kind.DATE, locale).parse(day.strftime(pattern)) == day.isoformat()


@pytest.mark.parametrize("locale", ["xx_YY", "en_XX", ""])
def test_a_day_that_may_be_two_is_refused_where_nobody_knows_the_locale(locale: str) -> None:
    for typed in ("03/04/2026", "03.04.2026", "3-4-26"):
        read = codec(Kind.DATE, locale).parse(typed)
        assert isinstance(read, Unreadable)
        assert read.params["example"] == "2026-12-31"


@pytest.mark.parametrize(
    ("locale", "cell"),
    [
        ("ru_RU", "завтра"),
        ("ru_RU", "31.12"),
        ("ru_RU", "12/31/2026"),
        ("ru_RU", "31.02.2026"),
        ("ru_RU", "31.12.202"),
        ("ru_RU", "31.12.2026 24:00"),
        ("ru_RU", "31.12.2026 13:05 pm"),
        ("ru_RU", "31.12.2026 14.05"),
        ("ru_RU", "2026-12-31T14:05Z"),
        ("ru_RU", "2026-12-31T14:05+03:00"),
        ("ru_RU", "31.12.1899"),
        ("ru_RU", "2101-01-01"),
        ("ru_RU", "0000-00-00"),
        ("en_US", "31.12.2026"),
        ("en_US", "31/12/2026"),
        ("en_GB", "12/31/2026"),
        ("xx_XX", "31.12.2026"),
        *(("ru_RU", cell) for cell in (5, 0, -1, 32873, 73416, 20260310, 1e14, 0.5, True)),
        ("ru_RU", "1" * 61),
    ],
)
@pytest.mark.parametrize("kind", [Kind.DATE, Kind.DATETIME])
def test_what_is_no_date_of_ours_is_refused(kind: Kind, locale: str, cell: Cell) -> None:
    read = codec(kind, locale).parse(cell)
    assert isinstance(read, Unreadable)
    assert read.code == "V01"


@pytest.mark.parametrize(
    ("locale", "cell", "shown"),
    [
        ("ru_RU", 5, "04.01.1900"),
        ("en_US", -18260, "01/01/1850"),
        ("ru_RU", 250_000, "21.06.2584"),
        ("ru_RU", 0.5, "12:00"),
        ("ru_RU", 89161234567, "89161234567"),
    ],
)
def test_what_is_no_date_of_ours_is_told_as_the_cell_shows_it(
    locale: str, cell: Cell, shown: str
) -> None:
    read = codec(Kind.DATE, locale).parse(cell)
    assert isinstance(read, Unreadable)
    assert read.typed == shown


@pytest.mark.parametrize(
    ("kind", "locale", "remedy"),
    [
        (Kind.DATE, "ru_RU", "Type it like 31.12.2026."),
        (Kind.DATETIME, "ru_RU", "Type it like 31.12.2026 14:05."),
        (Kind.DATE, "en_US", "Type it like 12/31/2026."),
        (Kind.DATE, "en_GB", "Type it like 31/12/2026."),
        (Kind.DATE, "sv_SE", "Type it like 2026-12-31."),
    ],
)
def test_the_remedy_shows_how_this_workbook_writes_dates(
    kind: Kind, locale: str, remedy: str
) -> None:
    read = codec(kind, locale).parse("завтра")
    assert isinstance(read, Unreadable)
    assert read.remedy.format(**read.params) == remedy
    assert isinstance(codec(kind, locale).parse(read.params["example"]), str)


def test_each_locale_reads_the_example_that_its_remedy_shows() -> None:
    for locale in localedata.locale_identifiers():
        writing = writing_of(locale)
        if writing is not None:
            assert codec(Kind.DATE, locale).parse(writing.example) == "2026-12-31", locale


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        ("2026-03-10T14:05:00", "2026-03-10 14:05"),
        ("2026-03-10 14:05:30.123456", "2026-03-10 14:05:30"),
        ("2026-03-10 00:00:00", "2026-03-10"),
        (" 2026-03-10 ", "2026-03-10"),
    ],
)
def test_a_stored_moment_is_iso_in_any_of_its_forms(stored: str, value: str) -> None:
    assert MOMENT.normal(stored) == value


@pytest.mark.parametrize(
    "stored", ["10.03.2026", 46091, 46091.5, "2026-3-10", "2026-02-30", "2026-03-10T14:05Z", b"x"]
)
def test_any_other_stored_date_is_refused(stored: str | float | bytes) -> None:
    assert isinstance(MOMENT.normal(stored), Unreadable)
    assert isinstance(DAY.normal(stored), Unreadable)
