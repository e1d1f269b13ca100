"""The rules of reading typed texts that no table row shows, and laws that hold for any text."""

import math
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from crm_sync.sheet_server.entry import Entry, number_format_after, parse_entry
from crm_sync.sheet_server.formatting import format_value

TODAY = date(2026, 11, 23)
LOCALES = ["en_US", "en_GB", "ru_RU", "de_DE", "fr_FR", "sv_SE", "ja_JP", "de_CH", "pl_PL"]

locales = st.sampled_from(LOCALES)
# Few characters, so that numbers, dates and near misses come up often.
scraps = st.text(alphabet="0123456789.,:/-+% eE$€'=мaAPM()", max_size=14)
numbers = st.one_of(
    st.integers(-(10**12), 10**12),
    st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 6)),
)
_units = st.sampled_from(["1", "2", "05", "09", "10", "12", "31", "24", "99", "1999", "2024"])
typed_moments = st.builds(
    lambda first, second, third, sign, time: sign.join([first, second, third]) + time,
    _units,
    _units,
    _units,
    st.sampled_from([".", "/", "-"]),
    st.sampled_from(["", "", " 9:05", " 23:59:59", " 9:05 PM", " 00:00"]),
)
days = st.dates(date(1931, 1, 1), date(2029, 12, 31))


def typed(text: str, locale: str) -> Entry:
    return parse_entry(text, locale, TODAY)


def test_empty_text_empties_the_cell():
    assert typed("", "en_US") == Entry()


def test_leading_apostrophe_makes_text_and_is_not_part_of_it():
    assert typed("'0042", "en_US") == Entry(value="0042")
    assert typed("'=1+2", "ru_RU") == Entry(value="=1+2")
    assert typed("''quoted'", "ru_RU") == Entry(value="'quoted'")


def test_in_a_plain_text_cell_everything_stays_text():
    plain = {"type": "TEXT", "pattern": "@"}
    for text in ("0042", "=1+2", "31.12.2024", "TRUE", "'x"):
        assert parse_entry(text, "ru_RU", TODAY, cell_format=plain) == Entry(value=text)


def test_date_without_a_year_is_of_the_year_in_which_it_is_typed():
    assert parse_entry("1.5", "ru_RU", date(2024, 7, 1)).value == 45413
    assert parse_entry("1.5", "ru_RU", date(2025, 7, 1)).value == 45778


def test_29_february_without_a_year_is_text_in_a_common_year():
    assert parse_entry("29.02", "ru_RU", date(2024, 1, 1)).value == 45351
    assert parse_entry("29.02", "ru_RU", date(2025, 1, 1)) == Entry(value="29.02")


def test_a_value_beyond_doubles_is_text():
    assert typed("9" * 400, "en_US") == Entry(value="9" * 400)


@pytest.mark.parametrize(
    ("existing", "entered", "after"),
    [
        (None, None, None),
        (None, {"type": "DATE"}, {"type": "DATE"}),
        ({"type": "NUMBER"}, None, {"type": "NUMBER"}),
        ({"type": "DATE", "pattern": "d"}, {"type": "DATE"}, {"type": "DATE", "pattern": "d"}),
        ({"type": "DATE"}, {"type": "TIME"}, {"type": "DATE"}),
        ({"type": "NUMBER"}, {"type": "DATE"}, {"type": "DATE"}),
        ({"type": "DATE"}, {"type": "PERCENT"}, {"type": "PERCENT"}),
        ({"type": "CURRENCY"}, {"type": "PERCENT"}, {"type": "CURRENCY"}),
    ],
)
def test_a_typed_format_replaces_only_a_missing_one_or_one_of_the_other_family(
    existing, entered, after
):
    assert number_format_after(existing, entered) == after


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9" * 40, 1e40),
        ("-" + "1" * 31, -1.111111111111111e30),
        ("0." + "0" * 40 + "5", 5e-41),
        ("9" * 40 + "%", 1e38),
    ],
)
def test_a_number_may_have_any_count_of_digits(text, value):
    assert typed(text, "en_US").value == value


@pytest.mark.parametrize("text", ["9" * 400, "1e9999", "1e" + "9" * 5000, "1e400"])
def test_a_number_beyond_all_bounds_is_text(text):
    assert typed(text, "en_US").value == text


@given(st.lists(st.tuples(scraps, st.integers(1, 60)), max_size=3), locales)
def test_no_text_however_long_makes_reading_fail(parts, locale):
    typed("".join(scrap * times for scrap, times in parts), locale)


@given(scraps, locales)
@example("1e400", "en_US")
@example("00:00 00:00", "en_US")
def test_any_text_is_understood_as_exactly_one_thing(text, locale):
    entry = typed(text, locale)

    assert entry.value is None or entry.formula is None
    if isinstance(entry.value, float):
        assert math.isfinite(entry.value)
    if entry.formula is not None:
        assert entry.formula.startswith("=")
        assert entry.number_format is None
    if isinstance(entry.value, str):
        assert entry.value == text.removeprefix("'")
        assert entry.number_format is None


@given(st.one_of(typed_moments, scraps), locales)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_typed_date_or_time_shows_a_text_that_means_the_same(text, locale):
    first = typed(text, locale)
    assume(first.number_format is not None)
    assume(first.number_format["type"] in ("DATE", "TIME", "DATE_TIME"))

    again = typed(format_value(first.value, first.number_format, locale), locale)

    assert again.value == pytest.approx(first.value, abs=1 / 86_400_000)


@given(numbers, locales)
def test_a_number_shown_without_a_format_reads_back(value, locale):
    shown = format_value(value, None, locale)
    entry = typed(shown, locale)

    assert entry.value == pytest.approx(value, rel=1e-9, abs=1e-9)


@given(st.integers(-(10**13), 10**13), st.integers(0, 99), locales)
def test_a_grouped_number_reads_back(whole, cents, locale):
    value = whole + cents / 100 if abs(whole) < 10**9 else whole
    shown = format_value(value, {"type": "NUMBER", "pattern": "#,##0.00"}, locale)

    assert typed(shown, locale).value == value


@given(numbers, locales)
def test_money_in_the_locales_own_currency_reads_back(value, locale):
    shown = format_value(round(value, 2), {"type": "CURRENCY"}, locale)
    entry = typed(shown, locale)

    assert entry.value == round(value, 2)
    assert entry.number_format["type"] == "CURRENCY"


@given(days, locales)
def test_a_day_in_the_locales_own_format_reads_back(day, locale):
    serial = (day - date(1899, 12, 30)).days
    entry = typed(format_value(serial, {"type": "DATE"}, locale), locale)

    assert entry.value == serial
    assert entry.number_format["type"] == "DATE"


@given(days, locales)
def test_an_iso_day_means_the_same_in_every_locale(day, locale):
    assert typed(day.isoformat(), locale).value == (day - date(1899, 12, 30)).days


@given(days, st.integers(0, 86_399), locales)
def test_a_moment_in_the_locales_own_format_reads_back(day, second, locale):
    serial = (day - date(1899, 12, 30)).days + second / 86_400
    entry = typed(format_value(serial, {"type": "DATE_TIME"}, locale), locale)

    assert round(entry.value * 86_400) == round(serial * 86_400)


@given(days, locales, st.sampled_from(["d mmmm yyyy", "d mmm yyyy", "yyyy-mm-dd"]))
def test_a_day_with_a_month_name_reads_back(day, locale, pattern):
    serial = (day - date(1899, 12, 30)).days
    shown = format_value(serial, {"type": "DATE", "pattern": pattern}, locale)
    # "5月" begins with a digit: a month's name in figures is not read.
    assume(locale != "ja_JP" or "mmm" not in pattern)

    assert typed(shown, locale).value == serial


@given(st.integers(0, 999 * 3600), locales)
def test_an_elapsed_time_reads_back(seconds, locale):
    serial = seconds / 86_400
    shown = format_value(serial, {"type": "TIME", "pattern": "[h]:mm:ss"}, locale)

    assert typed(shown, locale).value == pytest.approx(
        timedelta(seconds=seconds).total_seconds() / 86_400, abs=1e-9
    )
