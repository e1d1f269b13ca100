"""Where rows and columns go when some are inserted, deleted or moved."""

from __future__ import annotations

from dataclasses import dataclass

Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Inserted:
    """`count` rows or columns put in before `at`."""

    at: int
    count: int

    def interval(self, start: int, end: int) -> Interval | None:
        """Where a half-open interval lies afterwards."""
        return (
            start + self.count if start >= self.at else start,
            end + self.count if end > self.at else end,
        )

    def index(self, index: int) -> int | None:
        """Where one row or column is afterwards."""
        return index + self.count if index >= self.at else index


@dataclass(frozen=True, slots=True)
class Deleted:
    """Rows or columns `start` to `end` taken out."""

    start: int
    end: int

    def interval(self, start: int, end: int) -> Interval | None:
        """Where a half-open interval lies afterwards; None if nothing is left of it."""
        left, right = self._place(start), self._place(end)
        return None if left == right else (left, right)

    def index(self, index: int) -> int | None:
        """Where one row or column is afterwards; None if it is gone."""
        return None if self.start <= index < self.end else self._place(index)

    def _place(self, edge: int) -> int:
        if edge <= self.start:
            return edge
        return max(self.start, edge - (self.end - self.start))


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows or columns `start` to `end` put before `to`, counted before the move."""

    start: int
    end: int
    to: int

    def interval(self, start: int, end: int) -> Interval | None:
        """Where a half-open interval lies afterwards.

        One that is moved as a whole goes along; any other keeps its span around what stays.
        """
        if self.start <= start and end <= self.end:
            first = self.index(start)
            return first, first + (end - start)
        rest = Deleted(self.start, self.end).interval(start, end)
        if rest is None:
            return start, end
        count = self.end - self.start
        at = self.to if self.to <= self.start else self.to - count
        return Inserted(at, count).interval(*rest)

    def index(self, index: int) -> int:
        """Where one row or column is afterwards."""
        count = self.end - self.start
        at = self.to if self.to <= self.start else self.to - count
        if self.start <= index < self.end:
            return at + index - self.start
        if index >= self.end:
            index -= count
        return index + count if index >= at else index


Shift = Inserted | Deleted | Moved
