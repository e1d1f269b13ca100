"""What a cell becomes when a person types a text into it (`valueInputOption=USER_ENTERED`)."""

import re
from dataclasses import dataclass
from datetime import date

from crm_sync.sheet_server.entry.moments import parse_moment
from crm_sync.sheet_server.entry.numbers import parse_number
from crm_sync.sheet_server.formatting.error_value import NumberFormat
from crm_sync.sheet_server.formatting.locales import SheetLocale, sheet_locale
from crm_sync.sheet_server.formatting.show import MOMENT_TYPES

_HAS_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A typed text, understood: a value or a formula (never both) and the format that came with it.

    Both `None` means that the cell is emptied. `formula` starts with `=`.
    """

    value: str | float | bool | None = None
    formula: str | None = None
    number_format: NumberFormat | None = None


def parse_entry(
    text: str, locale: str, now: date, *, cell_format: NumberFormat | None = None
) -> Entry:
    """What the text becomes in a cell of a spreadsheet with this locale, typed on the day `now`.

    `cell_format` is the number format that the cell already has: in a plain-text cell all that is
    typed stays text. No text is refused; what is nothing else is text.
    """
    if text == "":
        return Entry()
    if cell_format is not None and cell_format.get("type") == "TEXT":
        return Entry(value=text)
    if text.startswith("'"):
        return Entry(value=text[1:])
    if text.startswith("="):
        return Entry(formula=text) if text[1:].strip() else Entry(value=text)
    return _parse_plain(text, sheet_locale(locale), now)


def _parse_plain(text: str, locale: SheetLocale, now: date) -> Entry:
    typed = text.strip()
    word = typed.upper()
    if word in ("TRUE", locale.true):
        return Entry(value=True)
    if word in ("FALSE", locale.false):
        return Entry(value=False)
    # No number or date is longer, and a long text is the common case: leave it early.
    if len(typed) <= 60 and _HAS_DIGIT.search(typed):
        number = parse_number(typed, locale)
        if number is not None:
            return Entry(value=number.value, number_format=number.number_format)
        moment = parse_moment(typed, locale, now)
        if moment is not None:
            return Entry(value=moment.serial, number_format=moment.number_format)
    if typed[:1] in ("+", "-") and any(char.isalnum() for char in typed):
        return Entry(formula=f"={typed}")
    return Entry(value=text)


def number_format_after(
    existing: NumberFormat | None, entered: NumberFormat | None
) -> NumberFormat | None:
    """The cell's number format once an entry with the format `entered` was typed into it.

    A format that came with the typed text replaces an automatic one, or one of the other family
    (a date typed over a number); within its family the cell's own format stays.
    """
    if entered is None or existing is None:
        return existing if entered is None else entered
    same_family = (existing.get("type") in MOMENT_TYPES) == (entered.get("type") in MOMENT_TYPES)
    return existing if same_family else entered
