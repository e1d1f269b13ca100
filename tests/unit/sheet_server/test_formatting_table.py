"""What a cell shows: rows of value, type, pattern, locale and text.

`R` marks what Google was recorded or documented to show.
"""

import pytest

from crm_sync.sheet_server.formatting import ErrorType, ErrorValue, format_value

NBSP = "\u00a0"

AUTOMATIC = [
    (1, "1"),  # R
    (1.45, "1.45"),  # R
    (0.4, "0.4"),  # R
    (53, "53"),  # R
    (42.01, "42.01"),  # R
    (1 / 1024, "0.0009765625"),  # R
    (0, "0"),
    (-0.0, "0"),
    (2.0, "2"),
    (-5, "-5"),
    (-1.5, "-1.5"),
    (0.1, "0.1"),
    (0.1 + 0.2, "0.3"),
    (1 / 3, "0.3333333333"),
    (2 / 3, "0.6666666667"),
    (100 / 3, "33.33333333"),
    (1e10 / 3, "3333333333"),
    (12345678901.5, "12345678902"),
    (1234567.891234, "1234567.891"),
    (3.141592653589793, "3.141592654"),
    (123456789012345, "123456789012345"),
    (999999999999999, "999999999999999"),
    (1e15, "1E+15"),
    (1e16, "1E+16"),
    (1234567890123456, "1.23457E+15"),
    (-1e20, "-1E+20"),
    (1.5e300, "1.5E+300"),
    (0.00001, "0.00001"),
    (1e-9, "0.000000001"),
    (1e-10, "1E-10"),
    (1.23456789e-12, "1.23457E-12"),
]

PATTERNS = [
    # Whole numbers and decimals.
    (1234.567, "NUMBER", "0", "1235"),
    (0, "NUMBER", "0", "0"),
    (0, "NUMBER", "#", ""),
    (5, "NUMBER", "000", "005"),
    (1234.567, "NUMBER", "0.0", "1234.6"),
    (2.345, "NUMBER", "0.00", "2.35"),
    (1.005, "NUMBER", "0.00", "1.01"),
    (-2.345, "NUMBER", "0.00", "-2.35"),
    (2.5, "NUMBER", "0", "3"),
    (0.5, "NUMBER", "0", "1"),
    (1.5, "NUMBER", "0.##", "1.5"),
    (1, "NUMBER", "0.##", "1."),
    (1.256, "NUMBER", "0.0#", "1.26"),
    (1, "NUMBER", "0.0#", "1.0"),
    (0.5, "NUMBER", ".00", ".50"),
    (12.5, "NUMBER", ".00", "12.50"),
    (5, "NUMBER", "??0", "  5"),
    (1234567, "NUMBER", "#,##0", "1,234,567"),
    (999, "NUMBER", "#,##0", "999"),
    (1234.5, "NUMBER", "#,##0.00", "1,234.50"),
    (2000000.01, "NUMBER", "#,##0.00", "2,000,000.01"),  # R
    (-1234.5, "NUMBER", "#,##0.00", "-1,234.50"),
    (5, "NUMBER", "0,000", "0,005"),
    (1e20, "NUMBER", "#,##0", "100,000,000,000,000,000,000"),
    (1234.56789, "NUMBER", "", "1,234.57"),  # R
    # Thousands, percent, exponents, fractions.
    (1234567, "NUMBER", "#,##0,", "1,235"),
    (1234567, "NUMBER", '0.0,,"M"', "1.2M"),
    (0.542, "PERCENT", "0.00%", "54.20%"),  # R
    (0.1, "PERCENT", "0%", "10%"),
    (0.105, "PERCENT", "0.0%", "10.5%"),
    (1.15, "PERCENT", "0%", "115%"),
    (0.00321, "SCIENTIFIC", "0.00E+00", "3.21E-03"),  # R
    (6.747908247937978, "SCIENTIFIC", "0.00E+00", "6.75E+00"),  # R
    (99999, "SCIENTIFIC", "0.00E+00", "1.00E+05"),
    (0, "SCIENTIFIC", "0.00E+00", "0.00E+00"),
    (123456, "SCIENTIFIC", "##0.0E+0", "123.5E+3"),
    (12345.6789, "NUMBER", "# ??/??", "12345 55/81"),  # R
    (0.5, "NUMBER", "# ?/?", "1/2"),
    (1.25, "NUMBER", "0 0/8", "1 2/8"),
    (3, "NUMBER", "# ?/?", "3"),
    # Money and literals.
    (99.95, "CURRENCY", '"$"#,##0.00', "$99.95"),  # R
    (-1.99, "CURRENCY", '"$"#,##0.00', "-$1.99"),  # R
    (99.95, "CURRENCY", '"$"#,##0', "$100"),  # R
    (1500, "CURRENCY", "Rp #,##0", "Rp 1,500"),
    (1500, "CURRENCY", "[$€-2] #,##0", "€ 1,500"),
    (1500, "CURRENCY", "[$$]#,##0.00", "$1,500.00"),
    (99.95, "NUMBER", '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\)', " $ 99.95 "),  # R
    (-23.45, "NUMBER", '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\)', " $ (23.45)"),  # R
    (1.23, "NUMBER", "#,##0.00;(#,##0.00)", "1.23"),  # R
    (-1.23, "NUMBER", "#,##0.00;(#,##0.00)", "(1.23)"),  # R
    (9161234567, "NUMBER", "(000) 000-0000", "(916) 123-4567"),
    (123456789, "NUMBER", "000-00-0000", "123-45-6789"),
    (79161234567, "NUMBER", '"+"0', "+79161234567"),
    (7, "NUMBER", '0 "days"', "7 days"),
    (7, "NUMBER", "0 days", "7 days"),
    (7, "NUMBER", "\\x0", "x7"),
    (7, "NUMBER", '"only text"', "only text"),
    # Sections, colours, conditions.
    (5, "NUMBER", '0;-0;"zero"', "5"),
    (-5, "NUMBER", "0;[Red](0)", "(5)"),
    (0, "NUMBER", '0;-0;"zero"', "zero"),
    (5, "NUMBER", "[Green]0;[Red]-0", "5"),
    (5, "NUMBER", "[Color12]0", "5"),
    (5, "NUMBER", '[<10]"few";"many"', "few"),
    (50, "NUMBER", '[<10]"few";"many"', "many"),
    (-50, "NUMBER", "[<=-10]0.0;0", "-50.0"),
    (1234.5, "NUMBER", "General", "1234.5"),
    (0.25, "NUMBER", '"<"@">"', "<0.25>"),
    (1234.5, "TEXT", "@", "1234.5"),
    (0.25, "TEXT", "", "0.25"),
    # Dates and times.
    (45004, "DATE", "M/d/yyyy", "3/19/2023"),  # R
    (45004, "DATE", "m/d/yyyy", "3/19/2023"),
    (45004, "DATE", "yyyy-mm-dd", "2023-03-19"),
    (43831, "DATE", "yyyy-mm-dd", "2020-01-01"),  # R
    (36982, "DATE", "d mmmm yyyy", "1 April 2001"),  # R
    (17738, "DATE", "dd/MM/yyyy", "24/07/1948"),  # R
    (45004, "DATE", "ddd, d mmm yy", "Sun, 19 Mar 23"),
    (45004, "DATE", "dddd", "Sunday"),
    (45004, "DATE", "mmmmm", "M"),
    (45004, "DATE", '"Q" d', "Q 19"),
    (0, "DATE", "yyyy-mm-dd", "1899-12-30"),
    (60, "DATE", "yyyy-mm-dd", "1900-02-28"),
    (61, "DATE", "yyyy-mm-dd", "1900-03-01"),
    (-1, "DATE", "yyyy-mm-dd", "1899-12-29"),
    (2.5, "DATE_TIME", "d mmmm yyyy hh:mm", "1 January 1900 12:00"),  # R
    (33.625, "DATE_TIME", "d mmm yyyy h am/pm", "1 Feb 1900 3 PM"),  # R
    (0.2661689814814815, "TIME", "hh:mm:ss", "06:23:17"),  # R
    (0.7378356481481482, "TIME", "hh:mm:ss", "17:42:29"),  # R
    (0.7378356481481482, "TIME", "h:mm am/pm", "5:42 PM"),
    (0.7378356481481482, "TIME", "h:mm A/P", "5:42 P"),
    (0, "TIME", "h:mm am/pm", "12:00 AM"),
    (0.5, "TIME", "h:mm am/pm", "12:00 PM"),
    (34736.43034722222, "DATE_TIME", "dd/MM/yyyy hh:mm:ss", "06/02/1995 10:19:42"),  # R
    (1.000023148148148, "TIME", "[h]:mm:ss", "24:00:02"),  # R
    (1.5, "TIME", "[hh]:mm", "36:00"),
    (-0.0625, "TIME", "[h]:mm", "-1:30"),
    (0.0625, "TIME", "[m]", "90"),
    (0.001, "TIME", "[s]", "86"),
    (0.5000057870370371, "TIME", "hh:mm:ss.000", "12:00:00.500"),
    (0.5000057870370371, "TIME", "mm:ss.0", "00:00.5"),
    (45004.999999999, "DATE_TIME", "d hh:mm", "20 00:00"),
    (1e9, "DATE", "yyyy-mm-dd", "#######"),
    (45004, "", "yyyy", "2023"),
]

LOCALES = [
    ("en_US", 1234.5, "NUMBER", "#,##0.00", "1,234.50"),
    ("en_GB", 1234.5, "CURRENCY", "", "£1,234.50"),
    ("ru_RU", 1.5, "", "", "1,5"),
    ("ru_RU", 0.0009765625, "", "", "0,0009765625"),
    ("ru_RU", 1234.5, "NUMBER", "#,##0.00", f"1{NBSP}234,50"),
    ("ru_RU", 0.105, "PERCENT", "0.00%", "10,50%"),
    ("ru_RU", 1234.5, "CURRENCY", "", f"1{NBSP}234,50 ₽"),
    ("ru_RU", 45657, "DATE", "", "31.12.2024"),
    ("ru_RU", 45657.75, "DATE_TIME", "", "31.12.2024 18:00:00"),
    ("ru_RU", 0.75, "TIME", "", "18:00:00"),
    ("ru_RU", 45417, "DATE", "d mmmm yyyy", "5 мая 2024"),
    ("ru_RU", 45413, "DATE", "mmmm yyyy", "май 2024"),
    ("ru_RU", 45417, "DATE", "ddd dddd", "вс воскресенье"),
    ("ru_RU", True, "", "", "ИСТИНА"),
    ("ru_RU", False, "NUMBER", "0", "ЛОЖЬ"),
    ("ru_RU", 1e16, "", "", "1E+16"),
    ("de_DE", 1234.5, "NUMBER", "#,##0.00", "1.234,50"),
    ("de_DE", 1234.5, "CURRENCY", "", "1.234,50 €"),
    ("de_DE", 45657, "DATE", "", "31.12.2024"),
    ("de_DE", 45356, "DATE", "d. mmmm", "5. März"),
    ("de_DE", True, "", "", "WAHR"),
    ("en_US", 45004, "DATE", "", "3/19/2023"),  # R
    ("en_US", 46165.84901664352, "DATE_TIME", "", "5/23/2026 20:22:35"),  # R
    ("en_US", 0.75, "TIME", "", "6:00:00 PM"),
    ("en_US", 1234.5, "CURRENCY", "", "$1,234.50"),  # R
    ("en_US", True, "", "", "TRUE"),  # R
    ("en_GB", 34736.43034722222, "DATE_TIME", "", "06/02/1995 10:19:42"),  # R
    ("de_CH", 1234.5, "NUMBER", "#,##0.00", "1’234.50"),
    ("sv_SE", 45657, "DATE", "", "2024-12-31"),
]


@pytest.mark.parametrize(("value", "shown"), AUTOMATIC)
def test_number_without_a_format_shows_at_most_ten_significant_digits(value, shown):
    assert format_value(value, None, "en_US") == shown


@pytest.mark.parametrize(("value", "kind", "pattern", "shown"), PATTERNS)
def test_number_with_a_pattern_shows_as_the_pattern_says(value, kind, pattern, shown):
    assert format_value(value, {"type": kind, "pattern": pattern}, "en_US") == shown


@pytest.mark.parametrize(("locale", "value", "kind", "pattern", "shown"), LOCALES)
def test_the_locale_gives_separators_names_and_default_patterns(
    locale, value, kind, pattern, shown
):
    # Editions of CLDR differ in the apostrophe that parts thousands in Switzerland.
    given = format_value(value, {"type": kind, "pattern": pattern}, locale)
    assert given.replace("'", "’") == shown


@pytest.mark.parametrize(
    ("value", "pattern", "shown"),
    [
        ("text", "0.00", "text"),
        ("text", "@", "text"),
        ("text", '0;-0;0;"<"@">"', "<text>"),
        ("text", '@" kg"', "text kg"),
        ("text", "yyyy-mm-dd", "text"),
        ("", '"<"@">"', "<>"),
        (None, "0.00", ""),
        (ErrorValue(ErrorType.N_A, "why"), "0.00", "#N/A"),
        (ErrorValue(ErrorType.DIVIDE_BY_ZERO), "@", "#DIV/0!"),
    ],
)
def test_what_is_no_number_is_shown_as_it_is_or_by_the_text_section(value, pattern, shown):
    assert format_value(value, {"type": "NUMBER", "pattern": pattern}, "en_US") == shown


def test_a_format_without_members_is_automatic():
    assert format_value(0.5, {}, "ru_RU") == "0,5"


def test_errors_print_as_sheets_error_values():
    assert ErrorValue(ErrorType.DIVIDE_BY_ZERO, "m").as_json() == {
        "type": "DIVIDE_BY_ZERO",
        "message": "m",
    }
    assert ErrorValue(ErrorType.N_A).as_json() == {"type": "N_A"}
