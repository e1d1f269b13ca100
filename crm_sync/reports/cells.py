"""Shown cells: how reports put dates, money, shares and texts into a grid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Protocol

from crm_sync.core.grid import Shown, Style
from crm_sync.core.schema import Kind
from crm_sync.core.values import N_, Cell, Scalar

Say = Callable[..., str]
"""Gives a msgid in the reader's language, its placeholders filled from keyword arguments."""


class Show(Protocol):
    """Gives a canonical value as the cell that people read: labels for keys, names for ids."""

    def __call__(self, table: str, field: str, value: Scalar) -> Cell: ...


EPOCH = date(1899, 12, 30)
BLANK = Shown()

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)

_STYLES = {
    Kind.INTEGER: Style.INTEGER,
    Kind.DECIMAL: Style.MONEY,
    Kind.DATE: Style.DATE,
    Kind.DATETIME: Style.DATETIME,
}


def as_kept(table: str, field: str, value: Scalar) -> Cell:
    """The canonical value itself: the `Show` of one who has no labels."""
    return value


def title(text: str) -> Shown:
    """A cell that names the whole grid or a part of it."""
    return Shown(text, Style.TITLE)


def header(text: str) -> Shown:
    """A column's heading."""
    return Shown(text, Style.HEADER)


def text(value: str) -> Shown:
    """Text that stays text whatever it begins with; blank for ""."""
    return Shown(value, Style.TEXT) if value else BLANK


def total(text: str) -> Shown:
    """The label of a row of totals."""
    return Shown(text, Style.TOTAL)


def note(value: str) -> Shown:
    """A remark below or above the rows."""
    return Shown(value, Style.NOTE)


def integer(value: int | None) -> Shown:
    """A whole number."""
    return BLANK if value is None else Shown(value, Style.INTEGER)


def money(value: Decimal | None) -> Shown:
    """An amount rounded to cents, half away from zero."""
    return BLANK if value is None else Shown(float(rounded(value, 2)), Style.MONEY)


def number(value: Decimal | None, places: int = 2) -> Shown:
    """A number that is neither money nor a count: days between purchases, an index. Rounded half
    away from zero.
    """
    if value is None:
        return BLANK
    found = rounded(value, places)
    return integer(int(found)) if found == int(found) else Shown(float(found), Style.PLAIN)


def spoken(number: object, say: Say) -> str:
    """A plain decimal within a sentence, with the point or comma of its language."""
    whole, point, fraction = str(number).partition(".")
    return say(N_("{whole}.{fraction}"), whole=whole, fraction=fraction) if point else whole


def percent(value: Decimal | None) -> Shown:
    """A share (0.125 is 12.5 %) rounded to tenths of a percent, half away from zero."""
    return BLANK if value is None else Shown(float(rounded(value, 3)), Style.PERCENT)


def day(value: date | None) -> Shown:
    """A date as a serial number."""
    return BLANK if value is None else Shown((value - EPOCH).days, Style.DATE)


def moment(value: str) -> Shown:
    """A canonical moment as a serial number, with a time if it has one; blank for ""."""
    if not value:
        return BLANK
    at = datetime.fromisoformat(value)
    if len(value) <= 10:
        return day(at.date())
    return clock_time(at)


def clock_time(at: datetime) -> Shown:
    """A local date and time as a serial number."""
    seconds = at.hour * 3600 + at.minute * 60 + at.second
    return Shown((at.date() - EPOCH).days + seconds / 86400, Style.DATETIME)


def shown(cell: Cell, kind: Kind) -> Shown:
    """A cell made by a column's codec, in the style of its kind. A text stays a text."""
    if cell is None or cell == "":
        return BLANK
    if isinstance(cell, str):
        return Shown(cell, Style.TEXT)
    style = _STYLES.get(kind, Style.PLAIN)
    if style is Style.DATETIME and float(cell).is_integer():
        style = Style.DATE
    return Shown(cell, style)


def rounded(value: Decimal, places: int) -> Decimal:
    """The number with at most so many digits after the point, halves away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), context=_EXACT)
