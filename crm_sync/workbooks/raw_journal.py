"""The rows of the journal tab, bytes until each is looked at: as dictionaries they would take
thirty times the memory of the answer that brought them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar, overload

import msgspec
import orjson

from crm_sync.workbooks.answers import Malformed, without_lone_surrogates
from crm_sync.workbooks.cells import Json

T = TypeVar("T")


class _Grid(msgspec.Struct, rename="camel"):
    row_data: list[msgspec.Raw] = []


class _Sheet(msgspec.Struct):
    data: list[_Grid] = []


class _Book(msgspec.Struct):
    sheets: list[_Sheet] = []


class _Swapped(msgspec.Struct, rename="camel"):
    spreadsheet_id: str = ""
    updated_spreadsheet: _Book = msgspec.field(default_factory=_Book)


_BOOK: Final = msgspec.json.Decoder(_Book)
_SWAPPED: Final = msgspec.json.Decoder(_Swapped)


class JournalRows(Sequence[Json]):
    """RowData messages, each parsed when it is asked for."""

    def __init__(self, raw: Sequence[msgspec.Raw]) -> None:
        self._raw = raw

    def __len__(self) -> int:
        return len(self._raw)

    @overload
    def __getitem__(self, index: int) -> Json: ...

    @overload
    def __getitem__(self, index: slice) -> list[Json]: ...

    def __getitem__(self, index: int | slice) -> Json | list[Json]:
        if isinstance(index, slice):
            return [_parsed(raw) for raw in self._raw[index]]
        return _parsed(self._raw[index])


def journal_rows(body: bytes) -> JournalRows:
    """The journal of a spreadsheets:getByDataFilter that asked for it alone. Raises Malformed."""
    return _rows(_decoded(_BOOK, body))


def swapped_rows(body: bytes, spreadsheet_id: str) -> JournalRows:
    """The journal in the answer to a write to this spreadsheet. Raises Malformed."""
    answer = _decoded(_SWAPPED, body)
    if answer.spreadsheet_id != spreadsheet_id:
        raise Malformed("another spreadsheet")
    return _rows(answer.updated_spreadsheet)


def _decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            return decoder.decode(without_lone_surrogates(body))
    except msgspec.MsgspecError as exc:
        raise Malformed("journal") from exc


def _rows(book: _Book) -> JournalRows:
    if not book.sheets:
        raise Malformed("journal")
    data = book.sheets[0].data
    return JournalRows(data[0].row_data if data else ())


def _parsed(raw: msgspec.Raw) -> Json:
    row = orjson.loads(memoryview(raw))
    if not isinstance(row, dict):
        raise Malformed("journal")
    return row
