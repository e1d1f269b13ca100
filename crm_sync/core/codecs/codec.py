"""What a codec is, and what all codecs do alike: blank cells, error texts, numbers too long."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from crm_sync.core.codecs.cleaning import LONGEST_CELL, clean, fold, sheet_length, typed_text
from crm_sync.core.values import N_, Cell, Scalar, Unreadable

Stored: TypeAlias = str | int | float | bytes | None
"""What a column of SQLite may hold when any client may write to it."""

TOO_LARGE: Final = 10**15
"""From here on a sheet, which keeps 15 digits, may show another number than was typed."""

ERROR_TEXTS: Final = frozenset(
    {"#REF!", "#N/A", "#ERROR!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!"}
    | {"#CALC!", "#ССЫЛКА!", "#Н/Д", "#ОШИБКА!", "#ДЕЛ/0!", "#ЗНАЧ!", "#ИМЯ?", "#ЧИСЛО!"}
    | {"#ПУСТО!", "Loading...", "Loading…", "Загрузка...", "Загрузка…"}
)
"""What stands in a cell whose formula failed or has not been computed yet."""


@dataclass(frozen=True)
class Conventions:
    """How the people of a workbook write: its `locale` as Sheets names it ("ru_RU"), and the
    country (ISO 3166, "RU") whose phone numbers are typed without a country code.
    """

    locale: str = "en_US"
    region: str = "RU"


class Codec(Protocol):
    """The reading and writing of one field's cells. Laws, for every canonical value v and cell c:
    parse(format(v)) = v, normal(v) = v, and parse(c) = v implies parse(format(v)) = v. No method
    raises, whatever it is given.
    """

    def parse(self, cell: Cell) -> Scalar | Unreadable:
        """What a cell says: the canonical value, None for a blank cell, or why it says nothing."""

    def format(self, value: Scalar) -> Cell:
        """The cell to write for a canonical value. Text is to be written as text."""

    def normal(self, value: Stored) -> Scalar | Unreadable:
        """The canonical form of a value found in the store, where any client may have put it."""


def unreadable(
    cell: object, code: str, reason: str, remedy: str = "", /, **params: str
) -> Unreadable:
    """A refusal of this cell; its templates may also use `{typed}`."""
    typed = typed_text(cell)
    return Unreadable(typed, code, reason, remedy, {"typed": typed, **params})


NOTHING: Final = frozenset(
    {"-", "--", "---", "?", "??", "???", ".", "...", "нет", "нету", "не знаю", "неизвестно", "н/д"}
    | {"б/н", "пусто", "отсутствует", "нет данных", "не указан", "не указано", "не известно"}
    | {"пока нет", "нет номера", "нет телефона", "нет почты", "без номера", "без телефона"}
    | {"none", "no", "n/a", "na", "nil", "null", "unknown", "tbd", "tbc", "not known", "no phone"}
    | {"no email", "no e-mail", "keine", "keiner", "kein telefon", "unbekannt", "k.a."}
)
"""What people type to say that there is nothing, folded."""


class CellCodec(ABC):
    """A codec that need only say what a non-blank text, a number and a checkbox mean to it."""

    def parse(self, cell: Cell) -> Scalar | Unreadable:
        """What a cell says; see `Codec.parse`."""
        if cell is None:
            return None
        if isinstance(cell, str):
            text = clean(cell)
            if not text:
                return None
            if text[0] in "#LЗ" and text in ERROR_TEXTS:
                return _failed_formula(text)
            if 2 * len(text) > LONGEST_CELL and sheet_length(text) > LONGEST_CELL:
                return too_long(text, LONGEST_CELL)
            read = self._read_text(text)
            if isinstance(read, Unreadable) and fold(text) in NOTHING:
                return _says_nothing(text)
            return read
        if isinstance(cell, bool):
            return self._read_boolean(cell)
        if -TOO_LARGE < cell < TOO_LARGE:
            return self._read_number(cell)
        return _number_without_bounds(cell)

    def normal(self, value: Stored) -> Scalar | Unreadable:
        """The canonical form of a stored value; see `Codec.normal`."""
        if isinstance(value, bytes):
            return unreadable(value, "V01", N_("The store holds bytes here instead of a value."))
        return self.parse(value)

    @abstractmethod
    def format(self, value: Scalar) -> Cell:
        """The cell to write for a canonical value; see `Codec.format`."""

    @abstractmethod
    def _read_text(self, text: str) -> Scalar | Unreadable:
        """What a text says that is clean and not empty."""

    @abstractmethod
    def _read_number(self, number: int | float) -> Scalar | Unreadable:
        """What a number of at most 15 digits before the point says."""

    @abstractmethod
    def _read_boolean(self, flag: bool) -> Scalar | Unreadable:
        """What a checkbox says."""


def _says_nothing(text: str) -> Unreadable:
    return unreadable(
        text,
        "V01",
        N_('"{typed}" is no value.'),
        N_("If there is none, leave the cell empty."),
    )


_LONGEST_CODE: Final = 40


def too_long(text: str, limit: int) -> Unreadable:
    """A refusal of a text of more than `limit` characters."""
    # What fits a code or a number in any case is no sentence of which a part could stand elsewhere.
    is_code = limit <= _LONGEST_CODE
    return unreadable(
        text,
        "V01",
        N_("The text is too long: {length} characters, at most {limit} fit."),
        N_("Shorten it.") if is_code else N_("Shorten it, or put a part of it elsewhere."),
        length=str(len(text)),
        limit=str(limit),
    )


SHORTENED: Final = re.compile(r"[0-9][.,]?[0-9]*[Ee]\+?[0-9]{1,2}")
"""What a spreadsheet makes of many digits in a narrow column: 8,91235E+10."""


def shortened(text: str) -> Unreadable:
    """A refusal of digits of which a spreadsheet has kept only the first."""
    return unreadable(
        text,
        "V01",
        N_('"{typed}" is a number that the spreadsheet has cut short: digits are lost.'),
        N_("Set the cell's format to plain text and type all digits again."),
    )


def _failed_formula(text: str) -> Unreadable:
    return unreadable(
        text,
        "V09",
        N_("The cell shows {typed}: its formula has no result."),
        N_("Mend the formula or type the value itself."),
    )


def _number_without_bounds(number: int | float) -> Unreadable:
    if isinstance(number, float) and not math.isfinite(number):
        return unreadable(
            number, "V09", N_("{typed} is not a number."), N_("Type the value itself.")
        )
    return unreadable(
        number,
        "V09",
        N_("The number {typed} is too long: a spreadsheet keeps only 15 digits of it."),
        N_("Set the cell's format to plain text and type it again."),
    )
