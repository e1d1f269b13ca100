"""Whole numbers and decimals (money), as cells hold them and as people type them in a locale."""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Final

from crm_sync.core.codecs.cleaning import bare, clean
from crm_sync.core.codecs.codec import CellCodec, Stored, unreadable
from crm_sync.core.codecs.decimals import (
    PLACES_OF_A_SHEET,
    fits_a_sheet,
    fraction_length,
    plain_number,
    shortest,
)
from crm_sync.core.codecs.locales import OTHER_CURRENCY
from crm_sync.core.values import N_, Cell, Scalar, Unreadable

_MINUS: Final = str.maketrans({"−": "-", "’": "'"})
_BLANKS_AROUND_SIGN: Final = re.compile(r"^([+-]) +")
_DIGITS_AND_WORDS: Final = re.compile(r"[0-9].*[^\W\d_]|[^\W\d_].*[0-9]")
_LONGEST: Final = 60
_GROUP: Final = 3
"""Digits of a group: a thousand has one."""

_TWO: Final = 2


@lru_cache
def _shape(decimal: str, groups: str) -> re.Pattern[str]:
    """Numbers with this decimal sign, their thousands parted by one of `groups` or not at all."""
    group = f"(?P<group>[{re.escape(groups)}])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*"
    return re.compile(
        rf"(?P<sign>[+-]?)(?P<whole>[0-9]{{1,3}}{group}|[0-9]+)"
        rf"(?:{re.escape(decimal)}(?P<fraction>[0-9]+))?"
    )


def _read(text: str, decimal: str, groups: str) -> str | None:
    match = _shape(decimal, groups).fullmatch(text)
    if match is None:
        return None
    whole = re.sub(r"[^0-9]", "", match["whole"])
    return shortest(f"{match['sign']}{whole}.{match['fraction'] or '0'}")


def _readings(text: str) -> list[str]:
    """All that a number could mean, in any locale; sorted, without repeats."""
    found = {_read(text, ",", ". '"), _read(text, ".", ", '")}
    return sorted(reading for reading in found if reading is not None)


@dataclass(frozen=True)
class _NumberCodec(CellCodec):
    """What whole numbers and decimals have in common: a locale's signs, and bounds. Where nobody
    knows the locale, `knows_signs` is False.
    """

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimal_sign: str = "."
    group_sign: str = ","
    currency_marks: tuple[str, ...] = ()
    knows_signs: bool = True

    @property
    @abstractmethod
    def decimals(self) -> int:
        """Digits behind the decimal sign that fit."""

    @abstractmethod
    def _checked(self, cell: Stored, plain: str) -> Scalar | Unreadable:
        """The canonical value of a plain decimal that stands in this cell."""

    def normal(self, value: Stored) -> Scalar | Unreadable:
        """The canonical form of a stored number. Texts are read alike whatever the locale: as plain
        decimals, else only if they can mean one number alone.
        """
        if not isinstance(value, str) or len(value) > _LONGEST:
            return super().normal(value)
        text = bare(clean(value))
        plain = shortest(text)
        if plain is None and text:
            readings = _readings(text)
            if len(readings) != 1:
                return self._refused(value, readings)
            plain = readings[0]
        return None if plain is None else self._checked(value, plain)

    def _read_text(self, text: str) -> Scalar | Unreadable:
        typed = " ".join(bare(text).translate(_MINUS).lstrip("'").split())
        number = self._without_currency(typed)
        if len(number) > _LONGEST:
            return _not_a_number(text, self._example)
        plain = _read(number, self.decimal_sign, self._groups)
        if plain is None:
            return self._refused(text, _readings(number))
        may_be_group = self.decimals < _GROUP or not self.knows_signs
        if may_be_group and len(number.rpartition(self.decimal_sign)[2]) == _GROUP:
            # "1,234" and "1,000" where the comma is decimal: rather a thousand than a fraction.
            readings = _readings(number)
            if len(readings) == _TWO:
                return self._refused(text, readings)
        return self._checked(text, plain)

    def _read_number(self, number: int | float) -> Scalar | Unreadable:
        read = self._checked(number, plain_number(number))
        if not isinstance(read, Unreadable):
            return read
        shown = self._shown(read.typed)
        return replace(read, typed=shown, params={**read.params, "typed": shown})

    def _read_boolean(self, flag: bool) -> Scalar | Unreadable:
        return _not_a_number(flag, self._example)

    def _without_currency(self, text: str) -> str:
        for mark in self.currency_marks:
            if text.casefold().endswith(mark.casefold()):
                text = text[: -len(mark)].strip()
                break
            if text.casefold().startswith(mark.casefold()):
                text = text[len(mark) :].strip()
                break
        return _BLANKS_AROUND_SIGN.sub(r"\1", text)

    @property
    def _groups(self) -> str:
        # A blank parts thousands in no locale's way but everybody's: it can mean nothing else.
        return self.group_sign.translate(_MINUS) + " "

    @property
    def _example(self) -> str:
        return "1234"

    def _shown(self, plain: str) -> str:
        return plain.replace(".", self.decimal_sign)

    def _refused(self, text: str, readings: list[str]) -> Unreadable:
        if len(readings) == _TWO:
            return unreadable(
                text,
                "V09",
                N_('"{typed}" may mean {first} or {second}.'),
                N_("Type the one that is meant, without marks between thousands."),
                first=self._shown(readings[0]),
                second=self._shown(readings[1]),
            )
        if readings:
            return unreadable(
                text,
                "V09",
                N_('"{typed}" is not how numbers are written in this spreadsheet.'),
                N_("If {reading} is meant, type it so."),
                reading=self._shown(readings[0]),
            )
        return self._words(text) or _not_a_number(text, self._example)

    def _words(self, text: str) -> Unreadable | None:
        """A number with more around it than belongs there."""
        if "%" in text:
            return unreadable(
                text,
                "V09",
                N_('"{typed}" is a percent, and this column holds amounts.'),
                N_("Type the amount itself, for example {example}."),
                example=self._example,
            )
        if self.currency_marks and OTHER_CURRENCY.search(text):
            return unreadable(
                text,
                "V09",
                N_('"{typed}" names a currency beside the number.'),
                N_("Type the number alone, like {example}; the currency has its own column."),
                example=self._example,
            )
        if _DIGITS_AND_WORDS.search(text):
            return unreadable(
                text,
                "V09",
                N_('"{typed}" has words beside the number.'),
                N_("Type the number alone, in full: {example}. Words fit into the note."),
                example=self._example,
            )
        return None

    def _out_of_range(self, cell: Stored, plain: str) -> Unreadable | None:
        number = Decimal(plain)
        low, high = self.minimum, self.maximum
        if low is not None and number < low:
            return unreadable(
                cell,
                "V09",
                N_("{typed} is too small: the least is {minimum}."),
                N_("Type {minimum} or more."),
                minimum=self._shown(str(low)),
            )
        if high is not None and number > high:
            return unreadable(
                cell,
                "V09",
                N_("{typed} is too large: the most is {maximum}."),
                N_("Type {maximum} or less."),
                maximum=self._shown(str(high)),
            )
        return None


@dataclass(frozen=True)
class IntegerCodec(_NumberCodec):
    """Whole numbers of at most 15 digits."""

    @property
    def decimals(self) -> int:
        """None: a fraction does not fit."""
        return 0

    def format(self, value: Scalar) -> Cell:
        """The number itself."""
        return value

    def _checked(self, cell: Stored, plain: str) -> Scalar | Unreadable:
        if "." in plain:
            return unreadable(
                cell,
                "V09",
                N_("{typed} is not a whole number."),
                N_("Type it without a fraction, for example {example}."),
                example=plain.partition(".")[0].lstrip("-"),
            )
        if not fits_a_sheet(plain):
            return _too_many_digits(cell)
        if self.minimum is None and self.maximum is None:
            return int(plain)
        return self._out_of_range(cell, plain) or int(plain)


@dataclass(frozen=True)
class DecimalCodec(_NumberCodec):
    """Decimals of at most `places` digits after the point and 15 in all; beyond 15 digits no
    spreadsheet would give back what was written, so more of them are refused.
    """

    places: int = 2

    @property
    def decimals(self) -> int:
        """As many as the field has places."""
        return self.places

    def format(self, value: Scalar) -> Cell:
        """The decimal as a number: whole, or the float whose shortest form is this decimal."""
        if not isinstance(value, str) or shortest(value) is None:
            return value
        return float(value) if "." in value else int(value)

    @property
    def _example(self) -> str:
        return self._shown("1234.50") if self.places == 2 else self._shown("1234.5")

    def _checked(self, cell: Stored, plain: str) -> Scalar | Unreadable:
        if fraction_length(plain) > self.places:
            return unreadable(
                cell,
                "V09",
                N_("{typed} has more than {places} digits after the decimal sign."),
                N_("Round it, in a formula with ROUND."),
                places=str(self.places),
            )
        if not fits_a_sheet(plain):
            return _too_many_digits(cell)
        if self.minimum is None and self.maximum is None:
            return plain
        return self._out_of_range(cell, plain) or plain


def _not_a_number(cell: Stored, example: str) -> Unreadable:
    return unreadable(
        cell,
        "V09",
        N_('"{typed}" is not a number.'),
        N_("Type digits only, for example {example}."),
        example=example,
    )


def _too_many_digits(cell: Stored) -> Unreadable:
    return unreadable(
        cell,
        "V09",
        N_("{typed} has more than {limit} digits: a spreadsheet does not keep them all."),
        N_("Type a shorter number."),
        limit=str(PLACES_OF_A_SHEET),
    )
