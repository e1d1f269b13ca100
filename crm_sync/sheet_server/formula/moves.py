"""References follow their cells: copies, inserted, deleted and moved rows, columns and sheets.

All functions take and give formula texts with the leading `=`. A text that cannot be parsed is
given back as it is, so is one that nothing touches.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from crm_sync.sheet_server.formula.references import Corner, Reference
from crm_sync.sheet_server.formula.syntax import parse
from crm_sync.sheet_server.formula.tokens import Token, TokenKind

Dimension = Literal["ROWS", "COLUMNS"]
_LOST = "#REF!"
_OPEN_END = 10**9


@dataclass(frozen=True, slots=True)
class Inserted:
    """`count` rows or columns were put in before the index `start` of a sheet."""

    sheet: str
    dimension: Dimension
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class Deleted:
    """The rows or columns from `start` up to, not including, `end` are gone."""

    sheet: str
    dimension: Dimension
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows or columns `start` to `end` now lie before what was at `destination`.

    `destination` counts before the move, as in Sheets' MoveDimensionRequest.
    """

    sheet: str
    dimension: Dimension
    start: int
    end: int
    destination: int


@dataclass(frozen=True, slots=True)
class Renamed:
    """A sheet has another title."""

    sheet: str
    title: str


@dataclass(frozen=True, slots=True)
class SheetGone:
    """A sheet was deleted."""

    sheet: str


@dataclass(frozen=True, slots=True)
class CellsMoved:
    """A rectangle (half-open rows and columns) was cut and pasted so far away, maybe elsewhere."""

    sheet: str
    rows: tuple[int, int]
    columns: tuple[int, int]
    to_sheet: str
    row_delta: int
    column_delta: int


Change = Inserted | Deleted | Moved | Renamed | SheetGone | CellsMoved


def shift(text: str, rows: int, columns: int, locale: str) -> str:
    """The formula as it reads when its cell is copied so many rows down and columns right.

    `$` anchors stay; a reference that would leave the sheet becomes `#REF!`.
    """
    return _rewritten(text, locale, lambda reference: reference.shifted(rows, columns))


def adjust(text: str, change: Change, sheet: str, locale: str) -> str:
    """The formula after a change of structure; `sheet` is the title of the formula's own sheet.

    For `Renamed` it is the title before. A reference to deleted cells becomes `#REF!`.
    """

    def follow(reference: Reference) -> Reference | None:
        named = reference.sheet if reference.sheet is not None else sheet
        if named.casefold() != change.sheet.casefold():
            return reference
        return _followed(reference, change, sheet)

    return _rewritten(text, locale, follow)


def qualify(text: str, sheet: str, locale: str) -> str:
    """The formula with this sheet's title in each reference that named none.

    For a formula that is cut from `sheet` and pasted on another one.
    """
    return _rewritten(
        text,
        locale,
        lambda found: found if found.sheet is not None else replace(found, sheet=sheet),
    )


def _rewritten(text: str, locale: str, change: Callable[[Reference], Reference | None]) -> str:
    formula = parse(text, locale)
    tokens: list[Token] = []
    touched = False
    for token in formula.tokens:
        if token.reference is None:
            tokens.append(token)
            continue
        after = change(token.reference)
        touched = touched or after != token.reference
        tokens.append(
            Token(TokenKind.ERROR, _LOST)
            if after is None
            else Token(TokenKind.REFERENCE, after.text, after)
        )
    if not touched:
        return text
    return "=" + "".join(token.text for token in tokens)


def _followed(reference: Reference, change: Change, home: str) -> Reference | None:
    match change:
        case Renamed():
            return reference if reference.sheet is None else replace(reference, sheet=change.title)
        case SheetGone():
            return None
        case CellsMoved():
            return _with_moved_cells(reference, change, home)
        case Inserted():
            return _along(reference, change.dimension, lambda span: _after_insert(span, change))
        case Deleted():
            return _along(reference, change.dimension, lambda span: _after_delete(span, change))
        case Moved():
            return _along(reference, change.dimension, lambda span: _after_move(span, change))


_Span = tuple[int, int]
"""First and last index along the dimension, both inclusive."""


def _along(
    reference: Reference, dimension: Dimension, change: Callable[[_Span], _Span | None]
) -> Reference | None:
    """The reference with its span along one dimension changed; sides left open stay open."""
    field = "row" if dimension == "ROWS" else "column"
    first: int | None = getattr(reference.first, field)
    if reference.last is None:
        assert first is not None
        span = change((first, first))
        return (
            None if span is None else replace(reference, first=_at(reference.first, field, span[0]))
        )
    last: int | None = getattr(reference.last, field)
    if first is None and last is None:
        return reference
    low = min(index for index in (first, last) if index is not None)
    high = max(first, last) if first is not None and last is not None else _OPEN_END
    span = change((low, high))
    if span is None:
        return None
    backwards = first is not None and last is not None and first > last
    ends = (span[1], span[0]) if backwards else span
    return replace(
        reference,
        first=reference.first if first is None else _at(reference.first, field, ends[0]),
        last=reference.last if last is None else _at(reference.last, field, _end(ends, first)),
    )


def _end(ends: _Span, first: int | None) -> int:
    # "A:A5" gives its only row at the end: that row is the start of the span.
    return ends[0] if first is None else ends[1]


def _at(corner: Corner, field: str, index: int) -> Corner:
    return replace(corner, row=index) if field == "row" else replace(corner, column=index)


def _after_insert(span: _Span, change: Inserted) -> _Span:
    first, last = (index + change.count if index >= change.start else index for index in span)
    return first, last


def _after_delete(span: _Span, change: Deleted) -> _Span | None:
    first, last = span
    size = change.end - change.start
    if change.start <= first and last < change.end:
        return None
    low = first if first < change.start else max(first - size, change.start)
    high = last if last < change.start else max(last - size, change.start - 1)
    return low, high


def _after_move(span: _Span, change: Moved) -> _Span | None:
    """A span wholly inside the moved block goes with it; any other one sees a cut and an insert."""
    first, last = span
    size = change.end - change.start
    if change.start <= change.destination <= change.end:
        return span
    landing = change.destination - (size if change.destination > change.start else 0)
    if change.start <= first and last < change.end:
        delta = landing - change.start
        return first + delta, last + delta
    cut = _after_delete(span, Deleted(change.sheet, change.dimension, change.start, change.end))
    assert cut is not None
    return _after_insert(cut, Inserted(change.sheet, change.dimension, landing, size))


def _with_moved_cells(reference: Reference, change: CellsMoved, home: str) -> Reference:
    bounds = reference.bounds
    is_inside = (
        bounds.bottom is not None
        and bounds.right is not None
        and change.rows[0] <= bounds.top
        and bounds.bottom < change.rows[1]
        and change.columns[0] <= bounds.left
        and bounds.right < change.columns[1]
    )
    if not is_inside:
        return reference
    same_sheet = change.to_sheet.casefold() == home.casefold() and reference.sheet is None
    return Reference(
        None if same_sheet else change.to_sheet,
        _carried(reference.first, change),
        None if reference.last is None else _carried(reference.last, change),
    )


def _carried(corner: Corner, change: CellsMoved) -> Corner:
    assert corner.row is not None
    assert corner.column is not None
    return replace(
        corner, row=corner.row + change.row_delta, column=corner.column + change.column_delta
    )
