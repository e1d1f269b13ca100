"""Rows of a tab that stay the bytes in which they arrived until someone looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar, cast, overload

import msgspec

from crm_sync.core.values import N_, Cell
from crm_sync.errors import ShapeError

Row = tuple[Cell, ...]
_T = TypeVar("_T")


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
_ROW: Final = msgspec.json.Decoder(Row)
_ROWS: Final = msgspec.json.Decoder(list[Row])
_TOGETHER: Final = 500
"""So many rows are parsed in one go when all are asked for."""


class RawRows(Sequence[Row]):
    """The rows of a tab: None for a blank cell, trailing blanks cut, as are trailing blank rows. A
    row is parsed when it is first asked for.
    """

    def __init__(self, raw: Sequence[msgspec.Raw]) -> None:
        end = len(raw)
        while end and not parsed_row(raw[end - 1]):
            end -= 1
        self.raw = raw if end == len(raw) else raw[:end]
        self._rows: list[Row | None] = [None] * len(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Row, ...]: ...

    def __getitem__(self, index: int | slice) -> Row | tuple[Row, ...]:
        if isinstance(index, slice):
            return tuple(self[number] for number in range(*index.indices(len(self.raw))))
        row = self._rows[index]
        if row is None:
            row = self._rows[index] = parsed_row(self.raw[index])
        return row

    def __iter__(self) -> Iterator[Row]:
        for start in range(0, len(self.raw), _TOGETHER):
            rows: Sequence[Row | None] = self._rows[start : start + _TOGETHER]
            if None in rows:
                rows = parsed_rows(self.raw[start : start + _TOGETHER])
                self._rows[start : start + _TOGETHER] = rows
            yield from cast("Sequence[Row]", rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


def parsed_row(raw: msgspec.Raw) -> Row:
    """One row of an answer. Raises ShapeError for what no spreadsheet sends."""
    return _row(_decoded(_ROW, raw))


def parsed_rows(raw: Sequence[msgspec.Raw]) -> list[Row]:
    """Neighbouring rows of an answer; see `parsed_row`."""
    body = b"[" + b",".join(raw) + b"]"
    # Behind a quote that is part of a text, "" may be its end and not a blank cell.
    quoted = b'\\"' in body
    rows = _decoded(_ROWS, body if quoted else body.replace(b'""', b"null"))
    if quoted:
        return [_row(row) for row in rows]
    return [row if row and row[-1] is not None else cut(row) for row in rows]


def _decoded(decoder: msgspec.json.Decoder[_T], raw: msgspec.Raw | bytes) -> _T:
    try:
        return decoder.decode(raw)
    except msgspec.MsgspecError as exc:
        raise ShapeError(
            N_("A row of the answer cannot be read."),
            N_("Run crm-sync sync again; if it stays so, look at the workbook in the browser."),
        ) from exc


def _row(cells: Row) -> Row:
    return cut([None if cell == "" else cell for cell in cells] if "" in cells else cells)


def cut(cells: Iterable[Cell]) -> Row:
    """A row without trailing blanks."""
    row = tuple(cells)
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row if end == len(row) else row[:end]
