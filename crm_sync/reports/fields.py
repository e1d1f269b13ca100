"""Fields of a record read as what they are. A value that cannot be read (some SQLite client wrote
it by hand) counts as empty: it is the sync run that says so in Problems.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from crm_sync.core.values import Scalar

_DAY_LENGTH = 10
_MOST_DIGITS = 50

Values = Mapping[str, Scalar]


def text(values: Values, name: str) -> str:
    """The field as text, "" when empty."""
    value = values.get(name)
    return "" if value is None else str(value)


def moment(values: Values, name: str, zone: tzinfo | None = None) -> str:
    """The field as a canonical moment, "" when empty."""
    return wall_of(values.get(name), zone)


def wall_of(value: Scalar, zone: tzinfo | None) -> str:
    """A value as a canonical moment, "" for an empty one."""
    return wall(str(value), zone) if value else ""


def day(values: Values, name: str, zone: tzinfo | None = None) -> date | None:
    """The day of a date or moment."""
    found = moment(values, name, zone)
    return date.fromisoformat(found[:_DAY_LENGTH]) if found else None


def decimal(values: Values, name: str) -> Decimal | None:
    """The field as a finite number."""
    return number(values.get(name))


def number(value: Scalar) -> Decimal | None:
    """A value as a finite number of a size that sums can hold."""
    try:
        found = Decimal(str(value)) if value is not None else None
    except InvalidOperation:
        return None
    is_one = found is not None and found.is_finite() and abs(found.adjusted()) < _MOST_DIGITS
    return found if is_one else None


def integer(values: Values, name: str) -> int | None:
    """The field as a whole number."""
    return whole(values.get(name))


def whole(value: Scalar) -> int | None:
    """A value as a whole number."""
    found = number(value)
    return int(found) if found is not None and found == int(found) else None


@lru_cache(1 << 16)
def wall(text: str, zone: tzinfo | None) -> str:
    """A written date or time as a canonical moment on the wall clock of the zone, "" if it is
    none. Only a time that says how far it is from UTC is moved; without a zone not even that.
    """
    try:
        if len(text) <= _DAY_LENGTH:
            return date.fromisoformat(text).isoformat()
        at = datetime.fromisoformat(text)
        if at.tzinfo and zone:
            at = at.astimezone(zone)
    except (ValueError, OverflowError):
        return ""
    return at.replace(tzinfo=None).isoformat(" ", "seconds" if at.second else "minutes")
