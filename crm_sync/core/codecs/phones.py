"""Phone numbers: E.164 in the store, in the form that people read in the sheet.

A number of the workbook's own country must have a possible length. Numbers written with "+" and
the code of another country are taken with any length from 8 to 15 digits: the library knows
today's numbering plans, people also keep older and invented numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    ValidationResult,
)

from crm_sync.core.codecs.cleaning import bare, typed_text
from crm_sync.core.codecs.codec import SHORTENED, CellCodec, shortened, unreadable
from crm_sync.core.values import N_, Cell, Scalar, Unreadable

MOST_PHONES: Final = 5
"""Phones of one record."""

_EXTENSION_WORD: Final = r"(?:доб(?:авочный)?|вн(?:утр(?:енний)?)?|ext(?:ension)?|x|х|#)"
_EXTENSION: Final = re.compile(
    rf"(?P<number>.*?)[ ,;]*\(? *{_EXTENSION_WORD}[ .:=]*(?P<extension>[0-9]{{1,7}}) *\)?",
    re.IGNORECASE,
)
# Possessive, or ";; доб. 12" would be parted after all, at the first sign alone.
_BETWEEN: Final = re.compile(rf"[;,\n]++(?! *\(? *{_EXTENSION_WORD})", re.IGNORECASE)
# "030/123456" is one phone in Germany, "89123456789/83422123456" are two: the second of two begins
# as a whole number does.
_BETWEEN_PHONES: Final = re.compile(r" */ *(?=\+|0|\(0|8[ (.-]*[0-9]{3}[ ).-]*[0-9])")
_LABEL: Final = re.compile(
    r"\b(?:(?:моб|тел|раб|дом|сот|т|mob|mobile|cell|home|work|tel|phone|ph|handy|telefon)"
    r"(?:\b[.:]*|[.:]+) *)+",
    re.IGNORECASE,
)
_RUSSIA: Final = 7
"""The country code of Russia and of Kazakhstan."""

_SHORTEST_E164: Final = 8
_NOISE: Final = dict.fromkeys(map(ord, " ().-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"))
_SHAPE: Final = re.compile(r"\+?[0-9]{3,20}")
# "+8 (495) ..." is the Russian 8 with a plus before it, and would be read as +84, Vietnam.
_PLUS_AND_TRUNK_PREFIX: Final = re.compile(r"\(? ?\+ ?8[^0-9]")
# Most cells hold one phone and nothing else.
_ALONE: Final = re.compile(r"[+(0-9][0-9 ().+-]*")
_LONGEST_ITEM: Final = 60
_LONGEST_E164: Final = 15

# Numbers of Russia and Kazakhstan need no library. 8 10 begins a call abroad.
# No code of ten digits begins with 89: it is an 8 before a mobile phone that lacks a digit.
_RUSSIAN: Final = re.compile(r"(?:\+?7|8(?!10))([3-9][0-9]{9})|((?!810|89)[3489][0-9]{9})")
# The same as nearly all are written: +79123456789, +7 912 345-67-89, 8 (912) 345-67-89.
_RUSSIAN_SPELT: Final = re.compile(
    r"(?:\+?7|8) ?\(?([3-9][0-9]{2})\)? ?([0-9]{3})[ -]?([0-9]{2})[ -]?([0-9]{2})"
)
_LACKS_A_DIGIT: Final = re.compile(r"89[0-9]{8}")
_RUSSIAN_SHOWN: Final = re.compile(r"(\+7)([3489][0-9]{2})([0-9]{3})([0-9]{2})([0-9]{2})")

_LETTER: Final = re.compile(r"[^\W\d_]")

_CACHED: Final = 1 << 16
_LONGEST_CACHED: Final = 500


def _read_plainly(text: str, region: str) -> str | None:
    """One phone in which no word stands, and no sign that parts it from another."""
    if len(text) > _LONGEST_ITEM or _PLUS_AND_TRUNK_PREFIX.match(text):
        return None
    digits = text.translate(_NOISE)
    return _e164(digits, region) if _SHAPE.fullmatch(digits) else None


@lru_cache(_CACHED)
def read_phone(text: str, region: str) -> str | None:
    """One phone in any spelling as E.164, "+79123456789" or "+79123456789x12" with an extension;
    None if it is not one. `text` is clean.
    """
    if len(text) > _LONGEST_ITEM:
        return None
    extended = _EXTENSION.fullmatch(text)
    spelt = extended["number"].strip() if extended else text
    digits = spelt.translate(_NOISE)
    if not _SHAPE.fullmatch(digits) or _PLUS_AND_TRUNK_PREFIX.match(spelt):
        return None
    number = _e164(digits, region)
    if number is None or extended is None:
        return number
    return f"{number}x{extended['extension']}"


def _e164(digits: str, region: str) -> str | None:
    if region == "RU":
        if match := _RUSSIAN.fullmatch(digits):
            return "+7" + (match[1] or match[2])
        if _LACKS_A_DIGIT.fullmatch(digits):
            return None
    number, before = digits, ""
    # Reading a number may take a trunk prefix off; the canonical form has none left to take.
    while number != before:
        before = number
        read = _by_library(before, region)
        if read is None:
            return None
        number = read
    return number if _SHORTEST_E164 <= len(number) - 1 <= _LONGEST_E164 else None


def _by_library(digits: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(digits, region)
    except NumberParseException:
        return None
    abroad = number.country_code != phonenumbers.country_code_for_region(region)
    # A local number is possible too, but +1 555 0100 would be another phone.
    if phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE:
        phone = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        wrong = _is_another_with_a_plus(digits, number, phone)
        return None if wrong or (not abroad and _is_cut_short(number, phone)) else phone
    if digits.startswith("+") and abroad and 8 <= len(digits) - 1 <= _LONGEST_E164:
        return digits
    return None


def _is_cut_short(number: PhoneNumber, phone: str) -> bool:
    """True for a phone of the country that one more digit makes one in use: 07700 90012."""
    if number.country_code == _RUSSIA:
        return _RUSSIAN.fullmatch(phone) is None
    if phonenumbers.is_valid_number(number):
        return False
    return any(_is_in_use(f"{phone}{digit}") for digit in range(10))


def _is_another_with_a_plus(digits: str, number: PhoneNumber, phone: str) -> bool:
    """True for digits that may have lost their plus: 491711234567 is +49 171 1234567 to a German,
    though 0491 is an area code too. Rather asked about than called wrongly.
    """
    if digits.startswith(("+", "0")) or phone == f"+{digits}" or not _is_in_use(f"+{digits}"):
        return False
    at_home = digits.startswith(str(number.country_code))
    return at_home or not phonenumbers.is_valid_number(number)


def _is_in_use(phone: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(phone))
    except NumberParseException:
        return False


@lru_cache(_CACHED)
def _shown(phone: str, region: str, extension_word: str) -> str:
    number, _, extension = phone.partition("x")
    russian = _RUSSIAN_SHOWN.fullmatch(number)
    if russian:
        shown = "{} {} {}-{}-{}".format(*russian.groups())
    else:
        shown = _shown_by_library(number)
    if extension:
        shown = f"{shown} {extension_word} {extension}"
    return shown if read_phone(shown, region) == phone else phone


def _shown_by_library(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return number
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


@lru_cache
def example_phone(region: str) -> str:
    """A phone of this country as people write it, for remedies."""
    mobile = phonenumbers.PhoneNumberType.MOBILE
    number = phonenumbers.example_number_for_type(region, mobile)
    if number is None:
        return "+7 912 345-67-89"
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


@dataclass(frozen=True)
class PhoneCodec(CellCodec):
    """Phones of one record, in the order in which they were typed, each once."""

    region: str = "RU"
    many: bool = False
    extension_word: str = "ext."

    def parse(self, cell: Cell) -> Scalar | Unreadable:
        """As `CellCodec.parse`; where people write as in Russia, most are one phone of Russia."""
        if (
            isinstance(cell, str)
            and self.region == "RU"
            and (match := _RUSSIAN_SPELT.fullmatch(cell)) is not None
        ):
            return "+7" + "".join(match.groups())
        return super().parse(cell)

    def format(self, value: Scalar) -> Cell:
        """Phones in international form, joined by "; ", as text."""
        if not isinstance(value, str):
            return value
        phones = (_shown(phone, self.region, self.extension_word) for phone in value.split("; "))
        return "; ".join(phones)

    def _read_text(self, text: str) -> Scalar | Unreadable:
        if _ALONE.fullmatch(text) and (phone := _read_plainly(text, self.region)) is not None:
            return phone
        if len(text) > _LONGEST_CACHED:
            return _read_list.__wrapped__(text, self.region, self.many)
        return _read_list(text, self.region, self.many)

    def _read_number(self, number: int | float) -> Scalar | Unreadable:
        digits = str(int(number))
        if number == int(number):
            phone = read_phone(digits, self.region) or _without_its_plus(digits)
            if phone is not None:
                return phone
        return unreadable(
            number,
            "V01",
            N_('"{item}" does not look like a phone number.'),
            N_("Set the cell's format to plain text and type the phone again, like {example}."),
            item=typed_text(number),
            example=example_phone(self.region),
        )

    def _read_boolean(self, flag: bool) -> Scalar | Unreadable:
        text = "TRUE" if flag else "FALSE"
        return _not_a_phone(text, text, self.region)


def _without_its_plus(digits: str) -> str | None:
    """The foreign number whose plus Sheets dropped when it made a number of it; only a number that
    is in use, because the plus is supplied.
    """
    if not 11 <= len(digits) <= _LONGEST_E164:
        return None
    return read_phone("+" + digits, "ZZ") if _is_in_use("+" + digits) else None


@lru_cache(_CACHED)
def _read_list(text: str, region: str, many: bool) -> str | Unreadable | None:
    phones: list[str] = []
    plain = bare(text)
    if SHORTENED.fullmatch(plain):
        return shortened(text)
    for typed, digits in _items(plain):
        if not digits.strip():
            continue
        phone = read_phone(digits.strip(), region)
        if phone is None:
            return _not_a_phone(text, typed, region)
        if phone not in phones:
            phones.append(phone)
    if not phones:
        return _not_a_phone(text, text, region)
    limit = MOST_PHONES if many else 1
    if len(phones) > limit:
        return unreadable(
            text,
            "V01",
            N_("There are {count} phones in the cell, and {limit} fit."),
            N_("Leave the most important ones and move the others to the note."),
            count=str(len(phones)),
            limit=str(limit),
        )
    return "; ".join(phones)


def _items(text: str) -> Iterator[tuple[str, str]]:
    """The phones of a cell, each as typed and without the word that says what it is."""
    for item in _BETWEEN.split(text):
        for phone in _BETWEEN_PHONES.split(item):
            typed = phone.strip()
            yield typed, _LABEL.sub("", typed.lstrip("'"), count=1).replace("/", " ")


def _not_a_phone(text: str, item: str, region: str) -> Unreadable:
    facts = {"item": typed_text(item), "example": example_phone(region)}
    if _LETTER.search(item):
        return unreadable(
            text,
            "V01",
            N_('"{item}" has letters, and a phone number has none.'),
            N_(
                "Type the number alone, like {example}; an extension follows as ext. 12, "
                "several numbers are parted by a semicolon."
            ),
            **facts,
        )
    return unreadable(
        text,
        "V01",
        N_('"{item}" does not look like a phone number.'),
        N_("Type all digits with the area code, like {example}; abroad with + and country code."),
        **facts,
    )
