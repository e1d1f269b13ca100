"""A cell's value as the text that the cell shows."""

from collections.abc import Callable
from functools import lru_cache

from crm_sync.sheet_server.formatting.automatic import format_automatic
from crm_sync.sheet_server.formatting.error_value import ErrorValue, NumberFormat, Scalar
from crm_sync.sheet_server.formatting.locales import SheetLocale, sheet_locale
from crm_sync.sheet_server.formatting.moment_pattern import moment_formatter
from crm_sync.sheet_server.formatting.number_pattern import number_formatter
from crm_sync.sheet_server.formatting.pattern import Kind, Section, sections

MOMENT_TYPES = frozenset({"DATE", "TIME", "DATE_TIME"})
_NUMBER_TYPES = frozenset({"NUMBER", "PERCENT", "CURRENCY", "SCIENTIFIC"})
_OUT_OF_CALENDAR = "#######"


def format_value(value: Scalar, number_format: NumberFormat | None, locale: str) -> str:
    """The text that a cell with this value and format shows in a spreadsheet of this locale.

    A blank cell shows an empty text, an error its code (`#N/A`), a boolean the locale's word.
    """
    if value is None:
        return ""
    if value is True or value is False:
        conventions = sheet_locale(locale)
        return conventions.true if value else conventions.false
    if isinstance(value, ErrorValue):
        return value.text
    kind, pattern = _type_and_pattern(number_format)
    if isinstance(value, str):
        return value if "@" not in pattern or pattern == "@" else _text_formatter(pattern)(value)
    return number_text(kind, pattern, locale)(value)


def _type_and_pattern(number_format: NumberFormat | None) -> tuple[str, str]:
    if number_format is None:
        return "", ""
    return number_format.get("type") or "", number_format.get("pattern") or ""


def default_pattern(number_type: str, locale: str) -> str:
    """The pattern that Sheets uses for a number format that has a type only; empty = automatic."""
    conventions = sheet_locale(locale)
    return {
        "NUMBER": "#,##0.00",
        "PERCENT": "0.00%",
        "CURRENCY": conventions.currency_pattern,
        "SCIENTIFIC": "0.00E+00",
        "DATE": conventions.date_pattern,
        "TIME": conventions.time_pattern,
        "DATE_TIME": conventions.date_time_pattern,
    }.get(number_type, "")


@lru_cache(maxsize=1024)
def number_text(number_type: str, pattern: str, locale: str) -> Callable[[float], str]:
    """A function that shows numbers by this type and pattern (either may be empty) in this locale.

    For callers that show many cells of one format; the functions are kept.
    """
    conventions = sheet_locale(locale)
    wanted = pattern or default_pattern(number_type, locale)
    if not wanted or number_type == "TEXT" or wanted == "@":
        decimal = conventions.decimal
        return lambda value: format_automatic(value, decimal)
    parts = sections(wanted)[:3]
    shown = [_section_formatter(part, number_type, conventions) for part in parts]
    if any(part.condition is not None for part in parts):
        return _by_condition(parts, shown)
    return _by_sign(parts, shown)


def _section_formatter(
    section: Section, number_type: str, locale: SheetLocale
) -> Callable[[float], str]:
    if section.has(Kind.GENERAL, Kind.TEXT) and not section.has(Kind.DIGIT):
        return _general_formatter(section, locale)
    has_moment = section.has(Kind.LETTERS, Kind.ELAPSED, Kind.HALF_DAY)
    if number_type in MOMENT_TYPES or (has_moment and number_type not in _NUMBER_TYPES):
        return _within_calendar(moment_formatter(section, locale))
    return number_formatter(section, locale)


def _general_formatter(section: Section, locale: SheetLocale) -> Callable[[float], str]:
    def show(value: float) -> str:
        return "".join(
            format_automatic(abs(value), locale.decimal)
            if token.kind in (Kind.GENERAL, Kind.TEXT)
            else token.text
            for token in section.tokens
        )

    return show


def _within_calendar(show: Callable[[float], str]) -> Callable[[float], str]:
    def safe(value: float) -> str:
        try:
            return show(value)
        except ValueError:
            return _OUT_OF_CALENDAR

    return safe


def _is_signless(section: Section) -> bool:
    return section.has(Kind.LETTERS, Kind.ELAPSED, Kind.HALF_DAY)


def _by_sign(
    parts: tuple[Section, ...], shown: list[Callable[[float], str]]
) -> Callable[[float], str]:
    """One section shows all; a second one the negative numbers, unsigned; a third the zero."""
    first, signless = shown[0], _is_signless(parts[0])
    if len(shown) == 1:
        if signless:
            return first
        return lambda value: first(value) if value >= 0 else f"-{first(value)}"

    def show(value: float) -> str:
        if value < 0 and len(shown) > 1:
            return shown[1](value)
        if value == 0 and len(shown) > 2:
            return shown[2](value)
        return first(value) if signless or value >= 0 else f"-{first(value)}"

    return show


def _by_condition(
    parts: tuple[Section, ...], shown: list[Callable[[float], str]]
) -> Callable[[float], str]:
    def show(value: float) -> str:
        for part, function in zip(parts, shown, strict=True):
            if part.accepts(value):
                sign = "-" if value < 0 and not _is_signless(part) else ""
                return sign + function(value)
        return _OUT_OF_CALENDAR

    return show


@lru_cache(maxsize=256)
def _text_formatter(pattern: str) -> Callable[[str], str]:
    section = next((part for part in reversed(sections(pattern)) if part.has(Kind.TEXT)), None)

    def show(value: str) -> str:
        if section is None:
            return value
        return "".join(value if token.kind is Kind.TEXT else token.text for token in section.tokens)

    return show
