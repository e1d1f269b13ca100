"""Texts, ids and numbers that are names (a tax id): nothing in them is ever calculated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from crm_sync.core.codecs.cleaning import bare
from crm_sync.core.codecs.codec import SHORTENED, CellCodec, shortened, too_long, unreadable
from crm_sync.core.codecs.decimals import plain_number
from crm_sync.core.values import N_, Cell, Scalar, Unreadable

_LOOKALIKES: Final = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")
_ID: Final = re.compile(r"[A-Z]{1,4}-[0-9]{1,12}")
_ID_NOISE: Final = re.compile(r"\s+")
_ID_DASH: Final = re.compile("[\u2010-\u2015\u2212_]")

# A program that took the digits for a number has put ".0" behind them.
_MADE_A_NUMBER: Final = re.compile(r"([0-9]{5,})[.,]0\Z")
# One line that cleaning would leave as it is, and that is no word for a failed formula: those begin
# with "#", "L" or "З".
_CLEAN: Final = re.compile(r"[!-\"$-KM-~А-ЖИ-яЁё«»№](?:[ -~А-яЁё«»№–—…]*[!-~А-яЁё«»№–—…])?\Z")
_SHORT: Final = 1000

_DIGITS: Final = re.compile(r"[0-9]+")
_DIGITS_NOISE: Final = re.compile("[ .\\-\u2010-\u2015\u2212]")

# Federal Tax Service of Russia, order ЕД-7-14/559 of 2020-06-26: weights of the check digits.
_INN_10: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12_FIRST: Final = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12_LAST: Final = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


@dataclass(frozen=True)
class TextCodec(CellCodec):
    """Any text. A number in the cell is read as the people of the workbook see it. Of a text of
    `one_line` breaks and repeated blanks are single blanks: a name pasted over two lines is the
    same name.
    """

    max_length: int | None = None
    decimal_sign: str = "."
    one_line: bool = False

    def parse(self, cell: Cell) -> Scalar | Unreadable:
        """As `CellCodec.parse`; most texts are clean and short."""
        if (
            isinstance(cell, str)
            and _CLEAN.match(cell)
            and "  " not in cell
            and len(cell) <= (self.max_length or _SHORT)
        ):
            return cell
        return super().parse(cell)

    def format(self, value: Scalar) -> Cell:
        """The text itself."""
        return value

    def _read_text(self, text: str) -> Scalar | Unreadable:
        if self.one_line:
            text = " ".join(text.split())
        if self.max_length is not None and len(text) > self.max_length:
            return too_long(text, self.max_length)
        return text or None

    def _read_number(self, number: int | float) -> Scalar | Unreadable:
        return self._read_text(plain_number(number).replace(".", self.decimal_sign))

    def _read_boolean(self, flag: bool) -> Scalar | Unreadable:
        return self._read_text("TRUE" if flag else "FALSE")


@dataclass(frozen=True)
class IdCodec(CellCodec):
    """A record's id, "C-000123": also in small letters, with Russian letters that look alike, or
    with another dash.
    """

    def format(self, value: Scalar) -> Cell:
        """The id itself."""
        return value

    def _read_text(self, text: str) -> Scalar | Unreadable:
        if _ID.fullmatch(text):
            return text
        latin = _ID_DASH.sub("-", _ID_NOISE.sub("", bare(text)).upper()).translate(_LOOKALIKES)
        return latin if _ID.fullmatch(latin) else _not_an_id(text)

    def _read_number(self, number: int | float) -> Scalar | Unreadable:
        return _not_an_id(number)

    def _read_boolean(self, flag: bool) -> Scalar | Unreadable:
        return _not_an_id(flag)


@dataclass(frozen=True)
class DigitsCodec(CellCodec):
    """Only digits, leading zeros kept; with `inn`, a Russian tax id with right check digits."""

    max_length: int | None = None
    inn: bool = False

    def format(self, value: Scalar) -> Cell:
        """The digits as text, so that no zero is lost."""
        return value

    def _read_text(self, text: str) -> Scalar | Unreadable:
        plain = bare(text)
        if SHORTENED.fullmatch(plain):
            return shortened(text)
        digits = _DIGITS_NOISE.sub("", _MADE_A_NUMBER.sub(r"\1", plain))
        if not _DIGITS.fullmatch(digits):
            return unreadable(
                text,
                "V01",
                N_('"{typed}" has other signs than digits.'),
                N_("Type digits only, for example {example}."),
                example="7707083893",
            )
        if self.inn:
            return digits if is_inn(digits) else _not_an_inn(text, digits)
        if self.max_length is not None and len(digits) > self.max_length:
            return too_long(text, self.max_length)
        return digits

    def _read_number(self, number: int | float) -> Scalar | Unreadable:
        if number != int(number) or number < 0:
            return unreadable(
                number,
                "V01",
                N_("The spreadsheet holds the number {typed} here, and only digits fit."),
                N_("Set the cell's format to plain text and type the digits again."),
            )
        return self._read_text(str(int(number)))

    def _read_boolean(self, flag: bool) -> Scalar | Unreadable:
        return self._read_text("TRUE" if flag else "FALSE")


def is_inn(digits: str) -> bool:
    """True for 10 or 12 digits whose check digits fit."""
    if not digits.strip("0"):
        return False
    if len(digits) == 10:
        return digits[9] == _check_digit(digits, _INN_10)
    if len(digits) == 12:
        first = _check_digit(digits, _INN_12_FIRST)
        return digits[10:] == first + _check_digit(digits, _INN_12_LAST)
    return False


def _check_digit(digits: str, weights: tuple[int, ...]) -> str:
    # The weights are fewer than the digits: the check digits themselves are left out.
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))
    return str(total % 11 % 10)


def _not_an_inn(text: str, digits: str) -> Unreadable:
    if len(digits) in {9, 11} and is_inn("0" + digits):
        return unreadable(
            text,
            "V01",
            N_('"{typed}" has lost its leading zero: a tax ID (INN) has 10 or 12 digits.'),
            N_("Set the cell's format to plain text and type {example}."),
            example="0" + digits,
        )
    if len(digits) in {10, 12}:
        return unreadable(
            text,
            "V01",
            N_('"{typed}" is no valid tax ID (INN): its check digits do not fit.'),
            N_("Compare it with the document: a digit is wrong, or two have changed places."),
        )
    return unreadable(
        text,
        "V01",
        N_('"{typed}" has {count} digits, and a tax ID (INN) has 10 or 12.'),
        N_("Set the cell's format to plain text and type all digits, a leading zero too."),
        count=str(len(digits)),
    )


def _not_an_id(cell: Cell) -> Unreadable:
    return unreadable(
        cell,
        "V12",
        N_('"{typed}" is not an ID.'),
        N_("Leave this cell to the program: it fills in the ID by itself."),
    )
