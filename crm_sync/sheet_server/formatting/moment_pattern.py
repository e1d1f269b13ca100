"""Serial numbers as dates, times and elapsed times, by a section of a pattern."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import floor

from crm_sync.sheet_server.formatting.locales import SheetLocale
from crm_sync.sheet_server.formatting.pattern import Kind, Section, Token

SERIAL_EPOCH = date(1899, 12, 30).toordinal()
"""Day 0 of Sheets' serial numbers; 1900 is a common year there, unlike in Lotus and Excel."""

_DAY_MS = 86_400_000
_FIRST_SERIAL = 1 - SERIAL_EPOCH
_LAST_SERIAL = date.max.toordinal() - SERIAL_EPOCH


@dataclass(frozen=True, slots=True)
class _Moment:
    day: date
    milliseconds: int
    elapsed_ms: int

    @property
    def hour(self) -> int:
        return self.milliseconds // 3_600_000

    @property
    def minute(self) -> int:
        return self.milliseconds // 60_000 % 60

    @property
    def second(self) -> int:
        return self.milliseconds // 1000 % 60


_Part = Callable[[_Moment], str]


def moment_formatter(section: Section, locale: SheetLocale) -> Callable[[float], str]:
    """A function that shows a serial number by this section.

    A serial outside the years 1 to 9999 raises ValueError.
    """
    parts = _parts(section.tokens, locale)
    shows_elapsed = section.has(Kind.ELAPSED)

    def show(serial: float) -> str:
        sign = "-" if shows_elapsed and serial < 0 else ""
        moment = _moment(abs(serial) if shows_elapsed else serial)
        return sign + "".join(part(moment) for part in parts)

    return show


def _moment(serial: float) -> _Moment:
    if not _FIRST_SERIAL <= serial < _LAST_SERIAL:
        raise ValueError(f"serial {serial} is outside the years 1 to 9999")
    elapsed = floor(serial * _DAY_MS + 0.5)
    days, milliseconds = divmod(elapsed, _DAY_MS)
    return _Moment(date.fromordinal(SERIAL_EPOCH + days), milliseconds, elapsed)


def _parts(tokens: Sequence[Token], locale: SheetLocale) -> list[_Part]:
    has_half_day = any(token.kind is Kind.HALF_DAY for token in tokens)
    has_day = any(
        token.kind is Kind.LETTERS and token.text[0] in "dD" and len(token.text) <= 2
        for token in tokens
    )
    parts: list[_Part] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        index += 1
        if token.kind is Kind.POINT and _zeros_after(tokens, index):
            count = _zeros_after(tokens, index)
            index += count
            parts.append(_fraction(count, locale.decimal))
        elif token.kind is Kind.LETTERS:
            if token.text[0] in "mM" and _means_minutes(tokens, index - 1):
                parts.append(_number(lambda moment: moment.minute, len(token.text)))
            else:
                parts.append(_letters(token.text, locale, has_half_day, has_day))
        elif token.kind is Kind.ELAPSED:
            parts.append(_elapsed(token.text))
        elif token.kind is Kind.HALF_DAY:
            parts.append(_half_day(token.text, locale))
        else:
            parts.append(_literal(token.text))
    return parts


def _zeros_after(tokens: Sequence[Token], index: int) -> int:
    count = 0
    while index + count < len(tokens) and tokens[index + count] == Token(Kind.DIGIT, "0"):
        count += 1
    return count


def _means_minutes(tokens: Sequence[Token], index: int) -> bool:
    """Whether the run of `m` is minutes: next to hours or before seconds. `M` is always a month."""
    if tokens[index].text[0] == "M" or len(tokens[index].text) > 2:
        return False
    before = _neighbour(tokens, range(index - 1, -1, -1))
    after = _neighbour(tokens, range(index + 1, len(tokens)))
    return before in ("h", "s") or after == "s"


def _neighbour(tokens: Sequence[Token], indexes: range) -> str:
    for index in indexes:
        if tokens[index].kind in (Kind.LETTERS, Kind.ELAPSED):
            return tokens[index].text[0].lower()
    return ""


def _literal(text: str) -> _Part:
    return lambda moment: text


def _number(read: Callable[[_Moment], int], width: int) -> _Part:
    return lambda moment: str(read(moment)).zfill(min(width, 2))


def _fraction(count: int, decimal: str) -> _Part:
    return lambda moment: decimal + f"{moment.milliseconds % 1000:03d}".ljust(count, "0")[:count]


def _elapsed(letters: str) -> _Part:
    unit = {"h": 3_600_000, "m": 60_000, "s": 1000}[letters[0].lower()]
    return lambda moment: str(moment.elapsed_ms // unit).zfill(len(letters))


def _half_day(text: str, locale: SheetLocale) -> _Part:
    if len(text) > 3:
        return lambda moment: locale.am if moment.hour < 12 else locale.pm
    early, late = text.split("/")
    return lambda moment: early if moment.hour < 12 else late


def _letters(text: str, locale: SheetLocale, has_half_day: bool, has_day: bool) -> _Part:
    letter, width = text[0].lower(), len(text)
    if letter == "y":
        if width <= 2:
            return lambda moment: f"{moment.day.year % 100:02d}"
        return lambda moment: f"{moment.day.year:04d}"
    if letter == "h":
        if has_half_day:
            return _number(lambda moment: (moment.hour + 11) % 12 + 1, width)
        return _number(lambda moment: moment.hour, width)
    if letter == "s":
        return _number(lambda moment: moment.second, width)
    if letter == "d":
        return _day_letters(width, locale)
    return _month_letters(width, locale, has_day)


def _day_letters(width: int, locale: SheetLocale) -> _Part:
    if width <= 2:
        return _number(lambda moment: moment.day.day, width)
    names = locale.weekdays_short if width == 3 else locale.weekdays
    return lambda moment: names[moment.day.weekday()]


def _month_letters(width: int, locale: SheetLocale, has_day: bool) -> _Part:
    if width <= 2:
        return _number(lambda moment: moment.day.month, width)
    if width == 3:
        names = locale.months_short if has_day else locale.months_short_alone
    elif width == 5:
        names = tuple(name[:1] for name in locale.months_alone)
    else:
        names = locale.months if has_day else locale.months_alone
    return lambda moment: names[moment.day.month - 1]
