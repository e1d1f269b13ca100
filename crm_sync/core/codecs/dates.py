"""Dates and times of day: serial numbers in a sheet, ISO 8601 text in the store, no time zone.

A serial number counts days since 1899-12-30, its fraction is the time of day:
https://developers.google.com/workspace/sheets/api/guides/formats#date-time-serial-numbers
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from math import floor
from typing import Final

from crm_sync.core.codecs.cleaning import bare, clean
from crm_sync.core.codecs.codec import CellCodec, Stored, unreadable
from crm_sync.core.codecs.locales import locale_named
from crm_sync.core.codecs.month_names import names_a_zone, with_numbers
from crm_sync.core.values import N_, Cell, Scalar, Unreadable

_EPOCH: Final = date(1899, 12, 30).toordinal()
_SECONDS: Final = 86_400

FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100
"""Outside of these years a number is none that a date was typed as."""

_FIRST_SERIAL: Final = date(FIRST_YEAR, 1, 1).toordinal() - _EPOCH
_LAST_SERIAL: Final = date(LAST_YEAR, 12, 31).toordinal() - _EPOCH

_TIME: Final = (
    r"(?:(?:[ ,]+|T)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?)?"
)
_WHOLE_HOUR: Final = re.compile(r"(?<=[0-9,]) ([0-9]{1,2}) ?([AaPp])\.?[Mm]\.?\Z")
_YEAR_FIRST: Final = re.compile(
    r"(?P<year>[0-9]{4})([-/.]) ?(?P<month>[0-9]{1,2})\2 ?(?P<day>[0-9]{1,2})\.?" + _TIME
)
# What a Python or SQL program writes: also with fractions of a second, which are dropped.
_STORED: Final = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:[ T](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?"
    r"(?P<half>))?"
)
_OTHER_SIGNS: Final = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?![0-9])")
_PATTERN_PART: Final = re.compile(r"([dMy]+)|'([^']*)'|([^dMy']+)")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LENGTH_OF_A_DAY: Final = 10
_LONGEST: Final = 60


@dataclass(frozen=True)
class Writing:
    """How a locale writes dates: the `shape` of a date with or without time, and the `example`
    of 31 December 2026, which shows the order of its parts.
    """

    shape: re.Pattern[str]
    example: str

    def respelt(self, typed: str) -> str:
        """A date with other signs between its parts than the locale's. Where days come first they
        do so whatever the sign; with the month first only the dash is used so.
        """
        match = _OTHER_SIGNS.match(typed)
        if match is None or not (self.example.startswith("31") or match[2] == "-"):
            return typed
        sign = next(letter for letter in self.example if not letter.isdigit())
        return sign.join((match[1], match[3], match[4])) + typed[match.end() :]


@lru_cache
def writing_of(locale_name: str) -> Writing | None:
    """How this locale writes dates by CLDR's short pattern; None where that is year first (as ISO
    is) or the locale unknown.
    """
    locale = locale_named(locale_name)
    pattern = str(locale.date_formats["short"].pattern) if locale else "y"
    names = {"d": "day", "M": "month", "y": "year"}
    digits = {"d": "[0-9]{1,2}", "M": "[0-9]{1,2}", "y": "(?:[0-9]{4}|[0-9]{2})"}
    sample = {"d": "31", "M": "12", "y": "2026"}
    pattern = bare(clean(pattern))
    if pattern.startswith("y"):
        return None
    shape, example = "", ""
    for letters, quoted, sign in _PATTERN_PART.findall(pattern):
        if letters:
            shape += f"(?P<{names[letters[0]]}>{digits[letters[0]]})"
            example += sample[letters[0]]
        else:
            written = re.escape((quoted or sign).strip() or " ")
            last = len(re.findall("day|month|year", shape)) == 3
            shape += f"(?: ?{written})?" if last else f" ?{written} ?"
            example += quoted or sign
    return Writing(re.compile(shape + _TIME), example.strip())


def _moment(match: re.Match[str]) -> datetime | None:
    """The moment of a matched date, None for one that does not exist (30 February, 24:00)."""
    year = int(match["year"])
    if len(match["year"]) == 2:
        year += 1900 if year >= FIRST_YEAR % 100 else 2000
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"] in "Pp" else 0)
    minute, second = int(match["minute"] or 0), int(match["second"] or 0)
    try:
        day = date(year, int(match["month"]), int(match["day"]))
        return datetime.combine(day, time(hour, minute, second))
    except ValueError:
        return None


def _canonical(moment: datetime) -> str:
    """The canonical text of a moment: midnight stands for "no time given"."""
    if not (moment.hour or moment.minute or moment.second):
        return moment.date().isoformat()
    return moment.isoformat(" ", "seconds" if moment.second else "minutes")


@lru_cache(1 << 16)
def _day(serial: int) -> str:
    return date.fromordinal(_EPOCH + serial).isoformat()


@lru_cache(1 << 16)
def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        return FIRST_YEAR <= date.fromisoformat(text).year <= LAST_YEAR
    except ValueError:
        return False


@dataclass(frozen=True)
class DateCodec(CellCodec):
    """Days, and with `with_time` moments of a day to the second."""

    locale: str = "en_US"
    with_time: bool = False

    def format(self, value: Scalar) -> Cell:
        """The serial number: whole for a day, with a fraction for a time of day."""
        if not isinstance(value, str):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        days = moment.toordinal() - _EPOCH
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
        return days + seconds / _SECONDS if seconds else days

    def normal(self, value: Stored) -> Scalar | Unreadable:
        """The canonical form of a stored date: ISO 8601, with a blank or a T before the time."""
        if not isinstance(value, str):
            return None if value is None else self._not_a_date(value)
        if len(value) == _LENGTH_OF_A_DAY and _is_day(value):
            return value
        text = bare(clean(value))
        if not text:
            return None
        match = _STORED.fullmatch(text) if len(text) <= _LONGEST else None
        moment = _moment(match) if match else None
        return self._not_a_date(value) if moment is None else self._checked(value, moment)

    def _read_text(self, text: str) -> Scalar | Unreadable:
        typed = " ".join(bare(text).lstrip("'").split())
        if len(typed) > _LONGEST:
            return self._not_a_date(text)
        plain = _WHOLE_HOUR.sub(r" \1:00 \2m", with_numbers(typed, self.locale))
        match = self._matched(plain)
        if match is None:
            return self._names_a_zone(text) if names_a_zone(typed) else self._not_a_date(text)
        moment = _moment(match)
        if moment is None:
            return unreadable(
                text,
                "V01",
                N_("There is no such date or time as {typed}."),
                N_("Type it like {example}."),
                example=self._example,
            )
        return self._checked(text, moment)

    def _matched(self, typed: str) -> re.Match[str] | None:
        match = _YEAR_FIRST.fullmatch(typed)
        if match is not None:
            return match
        writing = writing_of(self.locale)
        if writing is None:
            return None
        return writing.shape.fullmatch(typed) or writing.shape.fullmatch(writing.respelt(typed))

    def _read_number(self, number: int | float) -> Scalar | Unreadable:
        day = floor(number)
        seconds = round((number - day) * _SECONDS)
        if seconds == _SECONDS:
            day, seconds = day + 1, 0
        minutes, second = divmod(seconds, 60)
        clock = f"{minutes // 60:02}:{minutes % 60:02}"
        if not _FIRST_SERIAL <= day <= _LAST_SERIAL:
            return self._no_day_of_ours(number, day, clock)
        if not seconds:
            return _day(day)
        if not self.with_time:
            return self._has_a_time(f"{self._shown(day)} {clock}")
        return f"{_day(day)} {clock}" + (f":{second:02}" if second else "")

    def _no_day_of_ours(self, number: int | float, day: int, clock: str) -> Unreadable:
        """Told by what the cell shows, as far as a day can be told."""
        if 0 < number < 1:
            return self._not_a_date(clock)
        if date.min.toordinal() <= _EPOCH + day <= date.max.toordinal():
            return self._is_far(self._shown(day))
        return self._not_a_date(number)

    def _read_boolean(self, flag: bool) -> Scalar | Unreadable:
        return self._not_a_date(flag)

    def _checked(self, cell: Stored, moment: datetime) -> Scalar | Unreadable:
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            return self._is_far(cell)
        value = _canonical(moment)
        return value if self.with_time or len(value) == _LENGTH_OF_A_DAY else self._has_a_time(cell)

    def _not_a_date(self, cell: Stored) -> Unreadable:
        return unreadable(
            cell,
            "V01",
            N_('"{typed}" is not a date.'),
            N_("Type it like {example}."),
            example=self._example,
        )

    def _is_far(self, cell: Stored) -> Unreadable:
        return unreadable(
            cell,
            "V01",
            N_("The year of {typed} is not between {first} and {last}."),
            N_("Type it like {example}."),
            first=str(FIRST_YEAR),
            last=str(LAST_YEAR),
            example=self._example,
        )

    def _shown(self, serial: int) -> str:
        """The day that a person sees in a cell that holds this serial number."""
        writing = writing_of(self.locale)
        shown = writing.example if writing else "2026-12-31"
        day = date.fromordinal(_EPOCH + serial)
        parts = {"2026": f"{day.year:04}", "12": f"{day.month:02}", "31": f"{day.day:02}"}
        return re.sub("[0-9]+", lambda match: parts[match[0]], shown)

    def _names_a_zone(self, cell: Stored) -> Unreadable:
        return unreadable(
            cell,
            "V01",
            N_('"{typed}" names a time zone.'),
            N_("Type it as the clock on your wall shows it, like {example}."),
            example=self._example,
        )

    def _has_a_time(self, cell: Stored) -> Unreadable:
        return unreadable(
            cell,
            "V01",
            N_('"{typed}" has a time of day, and this column holds dates alone.'),
            N_("Type it like {example}."),
            example=self._example,
        )

    @property
    def _example(self) -> str:
        writing = writing_of(self.locale)
        day = writing.example if writing else "2026-12-31"
        return f"{day} 14:05" if self.with_time else day
