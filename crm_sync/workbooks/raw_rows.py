"""Rows of a tab that stay the bytes in which they arrived until someone looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, overload

import msgspec

from crm_sync.core.values import N_, Cell
from crm_sync.errors import ShapeError

Row = tuple[Cell, ...]


class ValueRange(msgspec.Struct):
    """A ValueRange of the Sheets API; `values` is left out when the tab is blank."""

    range: str
    values: list[msgspec.Raw] = []


class MatchedRange(msgspec.Struct, rename="camel"):
    """A MatchedValueRange: the values, and the filters that asked for them."""

    value_range: ValueRange
    data_filters: list[dict[str, Any]]


class ValuesAnswer(msgspec.Struct, rename="camel"):
    """The answer of values:batchGetByDataFilter."""

    value_ranges: list[MatchedRange] = []


ANSWER: Final = msgspec.json.Decoder(ValuesAnswer)
_ROW: Final = msgspec.json.Decoder(list[str | int | float | bool | None])


class RawRows(Sequence[Row]):
    """The rows of a tab: None for a blank cell, trailing blanks cut, as are trailing blank rows. A
    row is parsed when it is first asked for.
    """

    def __init__(self, raw: Sequence[msgspec.Raw]) -> None:
        end = len(raw)
        while end and not parsed_row(raw[end - 1]):
            end -= 1
        self.raw = raw if end == len(raw) else raw[:end]
        self._rows: dict[int, Row] = {}

    def __len__(self) -> int:
        return len(self.raw)

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Row, ...]: ...

    def __getitem__(self, index: int | slice) -> Row | tuple[Row, ...]:
        if isinstance(index, slice):
            return tuple(self[number] for number in range(*index.indices(len(self.raw))))
        row = self._rows.get(index)
        if row is None:
            row = parsed_row(self.raw[index])
            self._rows[index if index >= 0 else index + len(self.raw)] = row
        return row

    def __iter__(self) -> Iterator[Row]:
        return map(self.__getitem__, range(len(self.raw)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


def parsed_row(raw: msgspec.Raw) -> Row:
    """One row of an answer. Raises ShapeError for what no spreadsheet sends."""
    try:
        cells = _ROW.decode(raw)
    except msgspec.MsgspecError as exc:
        raise ShapeError(
            N_("A row of the answer cannot be read."),
            N_("Run crm-sync sync again; if it stays so, look at the workbook in the browser."),
        ) from exc
    return cut([None if cell == "" else cell for cell in cells])


def cut(cells: Iterable[Cell]) -> Row:
    """A row without trailing blanks."""
    row = tuple(cells)
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row if end == len(row) else row[:end]
