"""Figures of days long past that have changed since they were last shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_sync.reports.comparison import Comparison, Line
from crm_sync.reports.measures import NO_FIGURES, Figures, Metric
from crm_sync.reports.periods import Window

_WATCHED = (Metric.COUNT, Metric.SUM)


@dataclass(frozen=True)
class Restated:
    """A figure that was `was` and is `now`. `value` is of the dimension, None for the total."""

    window: Window
    value: str | None
    label: str
    metric: Metric
    was: Decimal
    now: Decimal


def restated(earlier: Comparison, later: Comparison, since: date) -> tuple[Restated, ...]:
    """What differs in the windows that were over at the end of the day `since`, by the records as
    they are now: somebody has since added, changed or refunded a sale of those days.

    Both comparisons are of one dimension and have the same windows: make the earlier one from the
    records as they stood at the end of that day, the later one from those of now.
    """
    found: list[Restated] = []
    for window in sorted({each for each in later.windows.all if each.end <= since}):
        was, now = _figures(earlier, window), _figures(later, window)
        labels = {line.value: line.label for line in (*earlier.lines, *later.lines)}
        for value in sorted(was.keys() | now.keys(), key=lambda each: (each is not None, each)):
            pair = was.get(value, NO_FIGURES), now.get(value, NO_FIGURES)
            found.extend(_differences(window, (value, labels.get(value, "")), *pair))
    return tuple(found)


def _differences(
    window: Window, named: tuple[str | None, str], was: Figures, now: Figures
) -> Iterator[Restated]:
    for metric in _WATCHED:
        before, after = was.value(metric), now.value(metric)
        if before is not None and after is not None and before != after:
            yield Restated(window, *named, metric, before, after)


def _figures(compared: Comparison, window: Window) -> Mapping[str | None, Figures]:
    def of(line: Line) -> Figures:
        named = compared.windows
        sides = (
            (named.current, line.now),
            (named.previous, line.previous),
            (named.last_year, line.last_year),
            (named.whole_previous, line.whole_previous),
        )
        return next((found for own, found in sides if own == window and found), NO_FIGURES)

    return {line.value: of(line) for line in (compared.total, *compared.lines)}
