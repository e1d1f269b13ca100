"""What typed texts become, by locale.

`R` marks what Google was recorded to do; the rest is what the server takes for likely.
"""

from datetime import date

import pytest

from crm_sync.sheet_server.entry import Entry, parse_entry

TODAY = date(2026, 11, 23)

# Each row: typed text, value, and the pattern of the number format (None: automatic).
NUMBERS = {
    "en_US": [
        ("0", 0, None),
        ("7", 7, None),
        ("0042", 42, None),  # R
        ("42.01", 42.01, None),  # R
        ("53", 53, None),  # R
        (" 53 ", 53, None),
        ("1.5", 1.5, None),
        ("1.50", 1.5, None),
        (".5", 0.5, None),
        ("5.", 5, None),
        ("-3", -3, None),
        ("-0.25", -0.25, None),
        ("+3", 3, None),
        ("+79161234567", 79161234567, None),
        ("89161234567", 89161234567, None),
        ("1,500", 1500, "#,##0"),
        ("1,500.5", 1500.5, "#,##0.00"),
        ("12,345,678", 12345678, "#,##0"),
        ("2,000,000.01", 2000000.01, "#,##0.00"),  # R
        ("-1,234", -1234, "#,##0"),
        ("1e5", 100000, "0.00E+00"),
        ("1E5", 100000, "0.00E+00"),
        ("1.5e-3", 0.0015, "0.00E+00"),
        ("10%", 0.1, "0%"),
        ("10 %", 0.1, "0%"),
        ("10.5%", 0.105, "0.00%"),
        ("-5%", -0.05, "0%"),
        ("0.1%", 0.001, "0.00%"),
        ("$100", 100, '"$"#,##0'),
        ("$100.15", 100.15, '"$"#,##0.00'),  # R
        ("$ 5", 5, '"$"#,##0'),
        ("-$5", -5, '"$"#,##0'),
        ("$-5", -5, '"$"#,##0'),
        ("$1,234.56", 1234.56, '"$"#,##0.00'),
        ("€20", 20, '"€"#,##0'),
        ("£20.5", 20.5, '"£"#,##0.00'),
        ("12345678901234567890", 1.2345678901234567e19, None),
        ("0.1", 0.1, None),
        ("0.30000000000000004", 0.30000000000000004, None),
    ],
    "en_GB": [
        ("1,234.5", 1234.5, "#,##0.00"),
        ("£100", 100, '"£"#,##0'),
        ("£9.99", 9.99, '"£"#,##0.00'),
        ("50%", 0.5, "0%"),
        ("007", 7, None),
    ],
    "ru_RU": [
        ("1,5", 1.5, None),
        ("0,5", 0.5, None),
        (",5", 0.5, None),
        ("-1,5", -1.5, None),
        ("0042", 42, None),
        ("1234", 1234, None),
        ("1234,56", 1234.56, None),
        ("1 234", 1234, "#,##0"),
        ("1 234,56", 1234.56, "#,##0.00"),
        ("1\u00a0234,56", 1234.56, "#,##0.00"),
        ("1\u202f234,56", 1234.56, "#,##0.00"),
        ("12 345 678", 12345678, "#,##0"),
        ("10%", 0.1, "0%"),
        ("10,5%", 0.105, "0.00%"),
        ("10,5 %", 0.105, "0.00%"),
        ("100 ₽", 100, '#,##0 "₽"'),
        ("100₽", 100, '#,##0"₽"'),
        ("1 234,50 ₽", 1234.5, '#,##0.00 "₽"'),
        ("100 р.", 100, '#,##0 "р."'),
        ("99,90 руб.", 99.9, '#,##0.00 "руб."'),
        ("$100", 100, '"$"#,##0'),
        ("+79161234567", 79161234567, None),
        ("1,5E3", 1500, "0.00E+00"),
    ],
    "de_DE": [
        ("1,5", 1.5, None),
        ("1.234", 1234, "#,##0"),
        ("1.234,56", 1234.56, "#,##0.00"),
        ("1.234.567", 1234567, "#,##0"),
        ("1.123456789", 1123456789, "#,##0"),  # gspread-dataframe#29
        ("100 €", 100, '#,##0 "€"'),
        ("1.234,50 €", 1234.5, '#,##0.00 "€"'),
        ("12,5%", 0.125, "0.00%"),
        ("-7", -7, None),
    ],
    "fr_FR": [("1 234,5", 1234.5, "#,##0.00"), ("1,5", 1.5, None), ("12 €", 12, '#,##0 "€"')],
    "de_CH": [("1’234.50", 1234.5, "#,##0.00"), ("1'234", 1234, "#,##0"), ("1.5", 1.5, None)],
    "ja_JP": [("1,234", 1234, "#,##0"), ("￥500", 500, '"￥"#,##0')],
    "unknown": [("1,234.5", 1234.5, "#,##0.00")],
}

DATES = {
    "en_US": [
        ("2020-01-01", 43831, "yyyy-mm-dd"),  # R
        ("1999-01-02", 36162, "yyyy-mm-dd"),
        ("2024-12-31", 45657, "yyyy-mm-dd"),
        ("2024-1-5", 45296, "yyyy-m-d"),
        ("2024/12/31", 45657, "yyyy/mm/dd"),
        ("12/31/2024", 45657, "M/d/yyyy"),
        ("1/2/2020", 43832, "M/d/yyyy"),
        ("01/02/2020", 43832, "mm/dd/yyyy"),
        ("1/2/20", 43832, "m/d/yy"),
        ("1/2/29", 47120, "m/d/yy"),
        ("1/2/30", 10960, "m/d/yy"),
        ("12-31-2024", 45657, "m-d-yyyy"),
        ("1/2", 46024, "m/d"),
        ("1-2", 46024, "m-d"),
        ("12/2024", 45627, "m/yyyy"),
        ("Mar 1 2016", 42430, "mmm d yyyy"),
        ("Mar 1, 2016", 42430, "mmm d, yyyy"),
        ("March 1, 2016", 42430, "mmmm d, yyyy"),
        ("1 March 2016", 42430, "d mmmm yyyy"),
        ("1 Mar 2016", 42430, "d mmm yyyy"),
        ("1-Mar-2016", 42430, "d-mmm-yyyy"),
        ("1-Mar-16", 42430, "d-mmm-yy"),
        ("01 mar 2016", 42430, "dd mmm yyyy"),
        ("Mar 5", 46086, "mmm d"),
        ("5 Mar", 46086, "d mmm"),
        ("Mar 2016", 42430, "mmm yyyy"),
        ("March 2016", 42430, "mmmm yyyy"),
        ("2/29/2024", 45351, "M/d/yyyy"),
        ("1/1/1900", 2, "M/d/yyyy"),
        ("12/30/1899", 0, "M/d/yyyy"),
        ("12/29/1899", -1, "M/d/yyyy"),
        ("2020-01-01 12:00", 43831.5, "yyyy-mm-dd h:mm"),
        ("1/2/2020 6:00 PM", 43832.75, "M/d/yyyy h:mm am/pm"),
        ("1/2/2020 18:00:00", 43832.75, "M/d/yyyy h:mm:ss"),
        ("2023-01-25 19:08:01.500", 44951.79723958333, "yyyy-mm-dd h:mm:ss.000"),
        ("12:30", 0.5208333333333334, "h:mm"),
        ("00:00", 0, "hh:mm"),
        ("09:05", 0.37847222222222224, "hh:mm"),
        ("9:05:30", 0.37881944444444443, "h:mm:ss"),
        ("3 PM", 0.625, "h am/pm"),
        ("3:15pm", 0.6354166666666666, "h:mmam/pm"),
        ("12:00 AM", 0, "h:mm am/pm"),
        ("12:00 PM", 0.5, "h:mm am/pm"),
        ("24:00", 1, "[h]:mm"),
        ("25:30:00", 1.0625, "[h]:mm:ss"),
        ("100:00:00", 4.166666666666667, "[h]:mm:ss"),
    ],
    "en_GB": [
        ("31/12/2024", 45657, "dd/MM/yyyy"),
        ("01/02/2020", 43862, "dd/MM/yyyy"),
        ("1/2/2020", 43862, "d/m/yyyy"),
        ("31-12-2024", 45657, "dd-mm-yyyy"),
        ("1/2", 46054, "d/m"),
        ("1 April 2001", 36982, "d mmmm yyyy"),
        ("2024-12-31", 45657, "yyyy-mm-dd"),
        ("06:23:17", 0.2661689814814815, "hh:mm:ss"),
    ],
    "ru_RU": [
        ("1.5", 46143, "d.m"),
        ("01.05", 46143, "dd.mm"),
        ("31.12", 46387, "dd.mm"),
        ("31.12.2024", 45657, "dd.MM.yyyy"),
        ("01.02.2024", 45323, "dd.MM.yyyy"),
        ("1.2.2024", 45323, "d.m.yyyy"),
        ("1.2.24", 45323, "d.m.yy"),
        ("31.12.24", 45657, "dd.mm.yy"),
        ("31/12/2024", 45657, "dd/mm/yyyy"),
        ("31-12-2024", 45657, "dd-mm-yyyy"),
        ("2024-12-31", 45657, "yyyy-mm-dd"),
        ("5 мая 2024", 45417, "d mmmm yyyy"),
        ("5 мая 2024 г.", 45417, "d mmmm yyyy"),
        ("5 Мая 2024", 45417, "d mmmm yyyy"),
        ("5 мая", 46147, "d mmmm"),
        ("май 2024", 45413, "mmmm yyyy"),
        ("1 янв. 2024", 45292, "d mmm yyyy"),
        ("1 янв 2024", 45292, "d mmm yyyy"),
        ("15 сентября 2024", 45550, "d mmmm yyyy"),
        ("31.12.2024 15:30", 45657.645833333336, "dd.MM.yyyy h:mm"),
        ("31.12.2024 15:30:45", 45657.64635416667, "dd.MM.yyyy h:mm:ss"),
        ("12:30", 0.5208333333333334, "h:mm"),
        ("12:30:15,5", 0.5210127314814815, "h:mm:ss.0"),
    ],
    "de_DE": [
        ("1.5", 46143, "d.m"),
        ("31.12.2024", 45657, "dd.MM.yyyy"),
        ("31.12.24", 45657, "dd.mm.yy"),
        ("5. Mai 2024", 45417, "d. mmmm yyyy"),
        ("5. März 2024", 45356, "d. mmmm yyyy"),
        ("1. Dez. 2024", 45627, "d. mmm yyyy"),
        ("2024-12-31", 45657, "yyyy-mm-dd"),
        ("31.12.2024 08:15", 45657.34375, "dd.MM.yyyy hh:mm"),
    ],
    "sv_SE": [("2024-05-01", 45413, "yyyy-MM-dd"), ("24-05-01", 45413, "yy-mm-dd")],
    "nl_NL": [("31-12-2024", 45657, "dd-MM-yyyy"), ("2023-01-25 19:08", 44951.797222222223, None)],
    "ja_JP": [("2024/12/31", 45657, "yyyy/MM/dd"), ("12/31", 46387, "mm/dd")],
    "de_CH": [("31.12.2024", 45657, "dd.MM.yyyy")],
}

TEXTS = {
    "en_US": [
        "string",  # R
        "3_1_0",  # R
        "Non-numeric value",  # R
        "line one\nline two",  # R
        "Иван Петров",  # R
        "1,5",
        "1 234,56",
        "31.12.2024",
        "31/12/2024",
        "2024-13-01",
        "2024-02-30",
        "2/30/2024",
        "2023-02-29",
        "2020-01-01T12:00:00",
        "2020-01-01T12:00:00Z",
        "12:60",
        "12:30:60",
        "25:00 PM",
        "13:00 PM",
        "1/2/3",
        "1/2/123",
        "May",
        "Thursday",
        "1.2.3",
        "1..2",
        "1,23",
        "1,23,456",
        ",500",
        "12a",
        "0x10",
        "1e",
        "e5",
        "1e999",
        "nan",
        "inf",
        "Infinity",
        "1_000",
        "١٢٣",
        "$",
        "%",
        ".",
        "$5%",
        "$5€",
        "5$5",
        "8 (916) 123-45-67",
        "8-916-123-45-67",
        "-",
        "+",
        "--",
        "---",
        "=",
        "= ",
        "a=1",
        "@name",
        "#N/A",
        "user@example.com",
        "https://example.com/?a=1",
        "  spaces stay  ",
        " ",
        "yes",
        "true story",
        "ИСТИНА",
    ],
    "ru_RU": [
        "12/31/2024",
        "1.5.6.7",
        "31.02.2024",
        "32.01.2024",
        "1,234,567",
        "1.234,56",
        "8 916 123 45 67",
        "завтра",
        "мая",
        "5 мартобря 2024",
        "ООО «Ромашка»",
        "2023-01-25 19:08:01.054474",
        "1,2,3",
        "₽",
    ],
    "de_DE": ["31/13/2024", "1,234,567", "1,5,5", "Straße 12", "32.1.2024"],
    "nl_NL": ["2023-01-25 19:08:01.054474"],  # home-assistant/core#86653
}

FORMULAS = {
    "en_US": [
        ("=1+2", "=1+2"),
        ("= 1 / 1024", "= 1 / 1024"),  # R
        ("=SUM(A1:A3)", "=SUM(A1:A3)"),
        ("=nonsense(", "=nonsense("),
        ("+1+2", "=+1+2"),
        ("-1-2", "=-1-2"),
        ("+7 (916) 123-45-67", "=+7 (916) 123-45-67"),
        ("-A1", "=-A1"),
        ("-abc", "=-abc"),
        ("- item", "=- item"),
        ("+A1*2", "=+A1*2"),
        ("--5a", "=--5a"),
    ],
    "ru_RU": [
        ("=SUM(1,5;2)", "=SUM(1,5;2)"),
        ("+7 (916) 123-45-67", "=+7 (916) 123-45-67"),
        ("-позвонить", "=-позвонить"),
    ],
}

BOOLEANS = [
    ("en_US", "TRUE", True),
    ("en_US", "true", True),
    ("en_US", "False", False),
    ("en_US", " TRUE ", True),
    ("ru_RU", "TRUE", True),
    ("ru_RU", "ИСТИНА", True),
    ("ru_RU", "истина", True),
    ("ru_RU", "ЛОЖЬ", False),
    ("ru_RU", "ложь", False),
    ("de_DE", "WAHR", True),
    ("de_DE", "falsch", False),
    ("de_DE", "true", True),
    ("fr_FR", "VRAI", True),
]


def rows(table):
    return [(locale, *row) for locale, lines in table.items() for row in lines]


@pytest.mark.parametrize(("locale", "typed", "value", "pattern"), rows(NUMBERS))
def test_typed_number_becomes_a_number(locale, typed, value, pattern):
    entry = parse_entry(typed, locale, TODAY)

    assert (entry.value, type(entry.value), entry.formula) == (value, type(value), None)
    assert (entry.number_format or {}).get("pattern") == pattern


@pytest.mark.parametrize(("locale", "typed", "value", "pattern"), rows(DATES))
def test_typed_date_or_time_becomes_a_serial_number(locale, typed, value, pattern):
    entry = parse_entry(typed, locale, TODAY)

    assert entry.formula is None
    assert entry.value == pytest.approx(value, abs=1e-9)
    assert entry.number_format is not None
    assert entry.number_format["type"] == _moment_type(entry.number_format["pattern"])
    assert pattern is None or entry.number_format["pattern"] == pattern


def _moment_type(pattern: str) -> str:
    has_day = any(letter in pattern for letter in "dy")
    has_time = "h" in pattern
    return {(True, True): "DATE_TIME", (True, False): "DATE", (False, True): "TIME"}.get(
        (has_day, has_time), "DATE"
    )


@pytest.mark.parametrize(
    ("locale", "typed"), [(locale, text) for locale, texts in TEXTS.items() for text in texts]
)
def test_what_is_nothing_else_stays_text_to_the_letter(locale, typed):
    assert parse_entry(typed, locale, TODAY) == Entry(value=typed)


@pytest.mark.parametrize(("locale", "typed", "formula"), rows(FORMULAS))
def test_a_text_with_an_operator_in_front_becomes_a_formula(locale, typed, formula):
    assert parse_entry(typed, locale, TODAY) == Entry(formula=formula)


@pytest.mark.parametrize(("locale", "typed", "value"), BOOLEANS)
def test_boolean_words_of_english_and_of_the_locale_are_read(locale, typed, value):
    assert parse_entry(typed, locale, TODAY) == Entry(value=value)
