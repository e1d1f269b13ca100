"""Dates and times as serial numbers: days since 1899-12-30."""

from __future__ import annotations

import calendar
import math
from datetime import date

from crm_sync.sheet_server.formatting import SERIAL_EPOCH
from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue, Scalar
from crm_sync.sheet_server.formula.arrays import Array, Value
from crm_sync.sheet_server.formula.environment import Env
from crm_sync.sheet_server.formula.functions.registry import function

_FIRST = date.min.toordinal() - SERIAL_EPOCH
_LAST = date.max.toordinal() - SERIAL_EPOCH
_SECONDS = 86_400


def _out_of_calendar(name: str, position: int = 1) -> ErrorValue:
    return ErrorValue(ErrorType.NUM, f"Function {name} parameter {position} value is out of range.")


def _day(serial: float) -> date | None:
    whole = math.floor(serial)
    return date.fromordinal(SERIAL_EPOCH + whole) if _FIRST <= whole <= _LAST else None


def _serial(year: int, month: int, day: int) -> int | None:
    """Days since the epoch; months and days beyond their range run over into the next ones."""
    years, index = divmod(month - 1, 12)
    if not 1 <= year + years <= 9999:
        return None
    serial = date(year + years, index + 1, 1).toordinal() - SERIAL_EPOCH + day - 1
    return serial if _FIRST <= serial <= _LAST else None


@function("TODAY", "", shown="DATE", volatile=True)
def _today(env: Env) -> Scalar:
    return env.now.toordinal() - SERIAL_EPOCH


@function("NOW", "", shown="DATE_TIME", volatile=True)
def _now(env: Env) -> Scalar:
    now = env.now
    seconds = now.hour * 3600 + now.minute * 60 + now.second + now.microsecond / 1e6
    return now.toordinal() - SERIAL_EPOCH + seconds / _SECONDS


@function("DATE", "n n n", shown="DATE")
def _date(env: Env, year: float, month: float, day: float) -> Scalar:
    whole = math.trunc(year)
    # Years 0 to 1899 count from 1900, as in Excel.
    serial = _serial(whole + 1900 if 0 <= whole < 1900 else whole, int(month), int(day))
    return _out_of_calendar("DATE") if serial is None else serial


@function("TIME", "n n n", shown="TIME")
def _time(env: Env, hours: float, minutes: float, seconds: float) -> Scalar:
    total = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return _out_of_calendar("TIME") if total < 0 else total % _SECONDS / _SECONDS


@function("YEAR", "n")
def _year(env: Env, serial: float) -> Scalar:
    day = _day(serial)
    return _out_of_calendar("YEAR") if day is None else day.year


@function("MONTH", "n")
def _month(env: Env, serial: float) -> Scalar:
    day = _day(serial)
    return _out_of_calendar("MONTH") if day is None else day.month


@function("DAY", "n")
def _day_of_month(env: Env, serial: float) -> Scalar:
    day = _day(serial)
    return _out_of_calendar("DAY") if day is None else day.day


def _seconds_of_day(serial: float) -> int:
    return math.floor(serial % 1 * _SECONDS + 0.5) % _SECONDS


@function("HOUR", "n")
def _hour(env: Env, serial: float) -> Scalar:
    return _seconds_of_day(serial) // 3600


@function("MINUTE", "n")
def _minute(env: Env, serial: float) -> Scalar:
    return _seconds_of_day(serial) // 60 % 60


@function("SECOND", "n")
def _second(env: Env, serial: float) -> Scalar:
    return _seconds_of_day(serial) % 60


@function("WEEKDAY", "n n?")
def _weekday(env: Env, serial: float, kind: float = 1) -> Scalar:
    day = _day(serial)
    if day is None:
        return _out_of_calendar("WEEKDAY")
    match int(kind):
        case 1:
            return day.isoweekday() % 7 + 1
        case 2:
            return day.isoweekday()
        case 3:
            return day.weekday()
        case _:
            return ErrorValue(
                ErrorType.NUM,
                f"Function WEEKDAY parameter 2 value is {int(kind)}. Valid values are between "
                "1 and 3 inclusive.",
            )


@function("WEEKNUM", "n n?")
def _weeknum(env: Env, serial: float, kind: float = 1) -> Scalar:
    day = _day(serial)
    if day is None or int(kind) not in (1, 2, 21):
        return _out_of_calendar("WEEKNUM")
    if int(kind) == 21:
        return day.isocalendar().week
    first = date(day.year, 1, 1)
    offset = first.isoweekday() % 7 if int(kind) == 1 else first.weekday()
    return (day.timetuple().tm_yday - 1 + offset) // 7 + 1


@function("ISOWEEKNUM", "n")
def _isoweeknum(env: Env, serial: float) -> Scalar:
    day = _day(serial)
    return _out_of_calendar("ISOWEEKNUM") if day is None else day.isocalendar().week


@function("EDATE", "n n", shown="DATE")
def _edate(env: Env, serial: float, months: float) -> Scalar:
    start = _day(serial)
    first = None if start is None else _serial(start.year, start.month + int(months), 1)
    if start is None or first is None:
        return _out_of_calendar("EDATE")
    return first + min(start.day, _length_of_month(first)) - 1


@function("EOMONTH", "n n", shown="DATE")
def _eomonth(env: Env, serial: float, months: float) -> Scalar:
    start = _day(serial)
    first = None if start is None else _serial(start.year, start.month + int(months), 1)
    if first is None:
        return _out_of_calendar("EOMONTH")
    return first + _length_of_month(first) - 1


def _length_of_month(serial: int) -> int:
    day = date.fromordinal(SERIAL_EPOCH + serial)
    return calendar.monthrange(day.year, day.month)[1]


@function("DAYS", "n n")
def _days(env: Env, end: float, start: float) -> Scalar:
    return math.floor(end) - math.floor(start)


@function("DATEDIF", "n n t")
def _datedif(env: Env, start: float, end: float, unit: str) -> Scalar:
    first, last = _day(start), _day(end)
    if first is None or last is None or first > last:
        return ErrorValue(
            ErrorType.NUM,
            f"Function DATEDIF parameter 1 ({start:g}) should be on or before "
            f"Function DATEDIF parameter 2 ({end:g}).",
        )
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    match unit.upper():
        case "D":
            return (last - first).days
        case "M":
            return months
        case "Y":
            return months // 12
        case "YM":
            return months % 12
        case "MD":
            return _days_after_months(first, last)
        case "YD":
            return _days_after_years(first, last)
        case _:
            return ErrorValue(
                ErrorType.NUM,
                f"Function DATEDIF parameter 3 value is '{unit}'. Valid units are "
                "Y, M, D, MD, YM and YD.",
            )


def _days_after_months(first: date, last: date) -> int:
    if last.day >= first.day:
        return last.day - first.day
    before = _serial(last.year, last.month - 1, 1)
    assert before is not None
    return last.day + max(_length_of_month(before), first.day) - first.day


def _days_after_years(first: date, last: date) -> int:
    year = last.year - ((last.month, last.day) < (first.month, first.day))
    start = _serial(year, first.month, first.day)
    assert start is not None
    return last.toordinal() - SERIAL_EPOCH - start


@function("DATEVALUE", "v")
def _datevalue(env: Env, value: Scalar) -> Scalar:
    number = env.number(value, "DATEVALUE", 1)
    if isinstance(number, ErrorValue) or isinstance(value, bool):
        return ErrorValue(
            ErrorType.VALUE,
            f"DATEVALUE parameter '{env.text(value)}' cannot be parsed to date/time.",
        )
    return math.floor(number)


@function("TIMEVALUE", "v")
def _timevalue(env: Env, value: Scalar) -> Scalar:
    number = env.number(value, "TIMEVALUE", 1)
    if isinstance(number, ErrorValue):
        return ErrorValue(
            ErrorType.VALUE,
            f"TIMEVALUE parameter '{env.text(value)}' cannot be parsed to date/time.",
        )
    return number % 1


@function("NETWORKDAYS", "n n r?")
def _networkdays(env: Env, start: float, end: float, holidays: Value = None) -> Scalar:
    low, high = sorted((math.floor(start), math.floor(end)))
    if high - low > 1_000_000:
        return _out_of_calendar("NETWORKDAYS")
    free = set(holidays.numbers) if isinstance(holidays, Array) else {holidays}
    # Serial 2 is Monday, 1 January 1900.
    worked = sum((serial - 2) % 7 < 5 and serial not in free for serial in range(low, high + 1))
    return worked if start <= end else -worked
