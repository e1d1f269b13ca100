"""Backups of the store as values, and which of them to keep: the younger, the denser."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Backup:
    """A copy of the whole store. `made_at` is UTC, ISO 8601; `reason` is "by hand" or "run 12" (it
    was made before that run); `sequence` and `records` (by table, archived ones too) are the
    store's then; `size` is in bytes, as the file lies there; `digest` is the SHA-256 of the plain
    copy; `passphrase` says that a passphrase opens it, not a key. All but `name` and `size` are
    empty for a file without a readable description.
    """

    name: str
    size: int
    made_at: str = ""
    reason: str = ""
    sequence: int = 0
    records: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""
    encrypted: bool = False
    passphrase: bool = False


@dataclass(frozen=True)
class Opener:
    """What opens an encrypted backup: a file with a private key, or a passphrase."""

    key: str = ""
    passphrase: str = field(default="", repr=False)


NO_OPENER = Opener()


@dataclass(frozen=True)
class BackupCheck:
    """What a trial restore of a backup has shown. `faults` are message templates with their facts,
    none for a good one; `shared` counts the entries of history that backup and store have alike.
    """

    backup: Backup
    records: Mapping[str, int]
    shared: int
    faults: tuple[tuple[str, Mapping[str, object]], ...]


@dataclass(frozen=True)
class KeepRule:
    """Of the last so many hours, days, ISO weeks and months that have a backup, the newest one of
    each is kept; and the newest few in any case.
    """

    last: int = 5
    hourly: int = 24
    daily: int = 14
    weekly: int = 8
    monthly: int = 12


def outdated(moments: Iterable[datetime], rule: KeepRule) -> tuple[datetime, ...]:
    """The moments whose backups the rule does not keep, oldest first. Periods are those of the
    moments' own time zone. What is kept once stays until newer ones take its place: a clock that
    jumps makes no backup vanish before its time.
    """
    newest_first = sorted(set(moments), reverse=True)
    kept = set(newest_first[: rule.last])
    for count, period in _periods(rule):
        seen: dict[tuple[int, ...], datetime] = {}
        for moment in newest_first:
            seen.setdefault(period(moment), moment)
        kept.update(list(seen.values())[:count])
    return tuple(moment for moment in reversed(newest_first) if moment not in kept)


def _periods(rule: KeepRule) -> tuple[tuple[int, Callable[[datetime], tuple[int, ...]]], ...]:
    return (
        (rule.hourly, lambda at: (at.year, at.month, at.day, at.hour)),
        (rule.daily, lambda at: (at.year, at.month, at.day)),
        (rule.weekly, lambda at: tuple(at.isocalendar()[:2])),
        (rule.monthly, lambda at: (at.year, at.month)),
    )
