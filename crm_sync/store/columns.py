"""Rows of a query turned into columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from operator import le
from typing import Any, Final

from crm_sync.core.values import Scalar

JUNK: Final = frozenset({float, bytes})
"""The types of values that no codec wrote."""

_BATCH: Final = 20_000


class _Column:
    """One column as it grows. Its texts are shared as long as few of them differ."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._known: dict[Any, Any] | None = {}

    def extend(self, values: Sequence[Any]) -> None:
        if not JUNK.isdisjoint(map(type, values)):
            values = [scalar(value) for value in values]
        if self._known is None:
            self.values += values
            return
        self.values += map(self._known.setdefault, values, values)
        if len(self._known) > _BATCH // 2 and len(self._known) > len(self.values) // 4:
            self._known = None


def columns_of(cursor: sqlite3.Cursor, width: int) -> list[list[Any]]:
    """The columns of what a cursor gives."""
    found = [_Column() for _ in range(width)]
    while rows := cursor.fetchmany(_BATCH):
        for column, values in zip(found, zip(*rows, strict=True), strict=True):
            column.extend(values)
    return [column.values for column in found]


def in_order(columns: list[list[Any]]) -> list[list[Any]]:
    """The columns in order of the first one, which are ids: shorter ones first."""
    keys = [(len(key), key) for key in columns[0]]
    if all(map(le, keys, keys[1:])):
        return columns
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return [list(map(column.__getitem__, order)) for column in columns]


def scalar(value: Any) -> Scalar:
    """A value as the store would have written it: a float or bytes as text."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    plain: Scalar = value
    return plain
