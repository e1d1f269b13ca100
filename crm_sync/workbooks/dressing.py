"""Looks as requests of a batchUpdate: formats, lists to choose from, protection, colours.

https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

from crm_sync.core.looks import (
    MARK,
    Dressing,
    FormatLook,
    FrozenLook,
    Heading,
    HeadingsLook,
    HighlightLook,
    ListLook,
    LocaleLook,
    NoteLook,
    ProtectLook,
    RoomLook,
    Rule,
    RuleKind,
    RuleLook,
    UnprotectLook,
    WidthLook,
)
from crm_sync.core.schema import FilledBy
from crm_sync.workbooks.cells import (
    BLUE,
    GREY,
    NUMBER_FORMAT,
    VALUE,
    WHITE,
    Json,
    cell_data,
    number_format,
)

_BACKGROUND: Final = {FilledBy.STAFF: WHITE, FilledBy.ENGINE: GREY, FilledBy.SYSTEM: BLUE}
_HEADING_FIELDS: Final = (
    "note,userEnteredFormat"
    "(textFormat.bold,backgroundColor,wrapStrategy,verticalAlignment,numberFormat)"
)


def dressing_requests(look: Dressing) -> Iterator[Json]:
    """The requests that give a workbook one look."""
    match look:
        case HeadingsLook() | NoteLook() | ListLook():
            yield _cell_write(look)
        case WidthLook():
            yield _columns(look, {"pixelSize": look.width})
            if look.hidden:
                yield _columns(look, {"hiddenByUser": True})
        case FormatLook():
            cell = {"userEnteredFormat": {"numberFormat": number_format(look.pattern)}}
            area = cells(look.sheet_id, look.top, look.bottom, look.start, look.end)
            yield {"repeatCell": {"range": area, "cell": cell, "fields": NUMBER_FORMAT}}
        case RuleLook():
            area = cells(look.sheet_id, look.top, None, look.column, look.column + 1)
            yield {"setDataValidation": {"range": area, "rule": _rule(look.rule)}}
        case ProtectLook():
            span = cells(look.sheet_id, None, None, look.start, look.end)
            yield protection(span, warning=not look.lock)
        case RoomLook():
            yield _room(look)
        case UnprotectLook():
            yield {"deleteProtectedRange": {"protectedRangeId": look.protected_id}}
        case HighlightLook():
            yield _highlight(look)
        case FrozenLook() | LocaleLook():
            yield _property(look)
        case _:
            assert_never(look)


def _cell_write(look: HeadingsLook | NoteLook | ListLook) -> Json:
    match look:
        case HeadingsLook():
            values = [_heading(heading) for heading in look.headings]
            fields = f"{VALUE},{_HEADING_FIELDS}" if look.written else _HEADING_FIELDS
        case NoteLook():
            values, fields = [{"note": look.note}], "note"
        case ListLook():
            values, fields = [cell_data(look.cell, formula=look.row > 0)], VALUE
        case _:
            assert_never(look)
    start = {"sheetId": look.sheet_id, "rowIndex": look.row, "columnIndex": look.column}
    return {"updateCells": {"start": start, "rows": [{"values": values}], "fields": fields}}


def _property(look: FrozenLook | LocaleLook) -> Json:
    if isinstance(look, LocaleLook):
        properties: Json = {"locale": look.locale}
        return {"updateSpreadsheetProperties": {"properties": properties, "fields": "locale"}}
    properties = {
        "sheetId": look.sheet_id,
        "gridProperties": {"frozenRowCount": look.rows},
    }
    fields = "gridProperties.frozenRowCount"
    return {"updateSheetProperties": {"properties": properties, "fields": fields}}


def protection(area: Json, *, warning: bool) -> Json:
    """A request that protects an area in our name."""
    held = {"range": area, "description": MARK, "warningOnly": warning}
    return {"addProtectedRange": {"protectedRange": held}}


def cells(sheet_id: int, top: int | None, bottom: int | None, left: int, right: int) -> Json:
    """A GridRange; None leaves it open."""
    area = {"sheetId": sheet_id, "startColumnIndex": left, "endColumnIndex": right}
    if top is not None:
        area["startRowIndex"] = top
    if bottom is not None:
        area["endRowIndex"] = bottom
    return area


def colour(code: str) -> Json:
    """The Color of "#RRGGBB"."""
    names = ("red", "green", "blue")
    return {
        name: round(int(code[at : at + 2], 16) / 255, 4)
        for name, at in zip(names, (1, 3, 5), strict=True)
    }


def _heading(heading: Heading) -> Json:
    data: Json = {
        "userEnteredValue": {"stringValue": heading.text},
        "userEnteredFormat": {
            "textFormat": {"bold": True},
            "backgroundColor": _BACKGROUND[heading.filled_by],
            "wrapStrategy": "WRAP",
            "verticalAlignment": "MIDDLE",
        },
    }
    return {**data, "note": heading.note} if heading.note else data


def _room(look: RoomLook) -> Json:
    span = {
        "sheetId": look.sheet_id,
        "dimension": "COLUMNS",
        "startIndex": look.at,
        "endIndex": look.at + look.columns,
    }
    return {"insertDimension": {"range": span, "inheritFromBefore": look.at > 0}}


def _rule(rule: Rule) -> Json:
    # Not strict: what staff type besides is read, and named as a problem if it will not do.
    shown: Json = {"strict": False, "showCustomUi": True}
    match rule.kind:
        case RuleKind.LIST:
            values = [{"userEnteredValue": word} for word in rule.values]
            return {"condition": {"type": "ONE_OF_LIST", "values": values}, **shown}
        case RuleKind.RANGE:
            values = [{"userEnteredValue": f"={rule.values[0]}"}]
            return {"condition": {"type": "ONE_OF_RANGE", "values": values}, **shown}
        case RuleKind.CHECKBOX:
            return {"condition": {"type": "BOOLEAN"}, **shown}
        case RuleKind.OTHER:
            raise AssertionError("no rule of the staff's own is ever set")
        case _:
            assert_never(rule.kind)


def _highlight(look: HighlightLook) -> Json:
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": look.formula}]}
    rule = {
        "ranges": [cells(look.sheet_id, look.top, None, look.column, look.column + 1)],
        "booleanRule": {
            "condition": condition,
            "format": {"backgroundColor": colour(look.colour)},
        },
    }
    if look.replaces is not None:
        return {"updateConditionalFormatRule": {"rule": rule, "index": look.replaces}}
    return {"addConditionalFormatRule": {"rule": rule, "index": 0}}


def _columns(look: WidthLook, properties: Json) -> Json:
    span = {
        "sheetId": look.sheet_id,
        "dimension": "COLUMNS",
        "startIndex": look.start,
        "endIndex": look.end,
    }
    return {
        "updateDimensionProperties": {
            "range": span,
            "properties": properties,
            "fields": ",".join(properties),
        }
    }
