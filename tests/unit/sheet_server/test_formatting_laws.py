"""Laws of showing values, for any number and any pattern."""

from decimal import ROUND_HALF_UP, Context, Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from crm_sync.sheet_server.formatting import format_value, sheet_locale
from crm_sync.sheet_server.formatting.locales import BLANKS

locales = st.sampled_from(["en_US", "en_GB", "ru_RU", "de_DE", "fr_FR", "de_CH"])
numbers = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-10000, 10000, places=3).map(float),
)
patterns = st.text(alphabet='0#?.,%E+-;dmyhs:/[]"@ $_*\\MG', max_size=12)


def plain(shown: str, locale: str) -> str:
    """The shown number with a point, and without groups."""
    conventions = sheet_locale(locale)
    groups = BLANKS + conventions.group
    return "".join(
        "." if char == conventions.decimal else char for char in shown if char not in groups
    )


@given(numbers, locales, st.integers(0, 4), st.booleans())
@example(0.285, "en_US", 2, False)
@example(1.5e-7, "en_US", 7, False)
@example(-0.4, "ru_RU", 0, True)
def test_fixed_places_round_half_up_on_the_shortest_decimal(value, locale, places, grouped):
    pattern = ("#,##0" if grouped else "0") + ("." + "0" * places if places else "")
    shown = format_value(value, {"type": "NUMBER", "pattern": pattern}, locale)

    exact = Decimal(repr(value))
    with_room = exact.as_tuple()
    wanted = exact if with_room.exponent >= -places else rounded(exact, places)
    assert Decimal(plain(shown, locale)) == wanted


def rounded(number: Decimal, places: int) -> Decimal:
    sign = -1 if number < 0 else 1
    scaled = abs(number).scaleb(places)
    whole = int(scaled)
    if scaled - whole >= Decimal("0.5"):
        whole += 1
    return (sign * Decimal(whole)).scaleb(-places)


@given(numbers, locales)
def test_an_automatic_number_is_within_half_a_unit_of_its_last_shown_digit(value, locale):
    shown = plain(format_value(value, None, locale), locale)

    exact, seen = Decimal(repr(value)), Decimal(shown)
    digits = 6 if "E" in shown else 10
    slack = Decimal(1).scaleb(exact.adjusted() - digits + 1) / 2 if exact else Decimal(0)
    assert abs(seen - exact) <= max(slack, Decimal(0))


@given(
    st.one_of(
        st.decimals(-(10**9), 10**9, places=12).map(float),
        st.integers(-(10**11), 10**11).map(lambda digits: digits / 10**10),
        st.integers(-(10**11), 10**11).map(lambda digits: digits / 10**12),
    )
)
@example(-0.017723208535)
@example(1.0000000005)
@example(999999999.5)
def test_an_automatic_number_has_ten_digits_rounded_half_up(value):
    exact = Decimal(repr(value))
    wanted = Context(prec=10, rounding=ROUND_HALF_UP).plus(exact)

    assert Decimal(format_value(value, None, "en_US")) == wanted


@given(st.one_of(numbers, st.text(max_size=5), st.booleans(), st.none()), patterns, locales)
@example(1.5, "0.", "en_US")
@example(0, "[", "en_US")
@example(1, "[h", "en_US")
@example(1e308, "0%%%", "en_US")
@example(5e-324, "0.0E+0", "en_US")
def test_no_pattern_makes_showing_fail(value, pattern, locale):
    for kind in ("", "NUMBER", "DATE", "TEXT"):
        assert isinstance(format_value(value, {"type": kind, "pattern": pattern}, locale), str)


@given(st.integers(-600_000, 2_900_000), st.integers(0, 86_399_999))
def test_a_serial_number_shows_the_calendar_day_and_time_that_python_counts(day, milliseconds):
    from datetime import datetime, timedelta

    moment = datetime(1899, 12, 30) + timedelta(days=day, milliseconds=milliseconds)
    serial = day + milliseconds / 86_400_000
    shown = format_value(
        serial, {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm:ss.000"}, "en_US"
    )

    assert shown == moment.strftime("%Y-%m-%d %H:%M:%S.").zfill(20) + f"{milliseconds % 1000:03d}"


def test_rounding_of_the_test_itself_agrees_with_decimal():
    assert rounded(Decimal("2.345"), 2) == Decimal("2.345").quantize(
        Decimal("0.01"), rounding=ROUND_HALF_UP
    )
