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
    LocaleLook,
    NoteLook,
    ProtectLook,
    Rule,
    RuleKind,
    RuleLook,
    UnprotectLook,
    WidthLook,
)
from crm_sync.core.schema import FilledBy
from crm_sync.workbooks.cells import BLUE, GREY, NUMBER_FORMAT, WHITE, Json, number_format

_BACKGROUND: Final = {FilledBy.STAFF: WHITE, FilledBy.ENGINE: GREY, FilledBy.SYSTEM: BLUE}
_HEADING_FIELDS: Final = (
    "userEnteredValue,note,userEnteredFormat"
    "(textFormat.bold,backgroundColor,wrapStrategy,verticalAlignment,numberFormat)"
)


def dressing_requests(look: Dressing) -> Iterator[Json]:
    """The requests that give a workbook one look."""
    match look:
        case HeadingsLook():
            rows = [{"values": [_heading(heading) for heading in look.headings]}]
            start = _start(look.sheet_id, look.row, look.column)
            yield {"updateCells": {"start": start, "rows": rows, "fields": _HEADING_FIELDS}}
        case NoteLook():
            start = _start(look.sheet_id, look.row, look.column)
            rows = [{"values": [{"note": look.note}]}]
            yield {"updateCells": {"start": start, "rows": rows, "fields": "note"}}
        case WidthLook():
            yield _columns(look, {"pixelSize": look.width})
            if look.hidden:
                yield _columns(look, {"hiddenByUser": True})
        case FormatLook():
            yield {
                "repeatCell": {
                    "range": cells(look.sheet_id, look.top, look.bottom, look.start, look.end),
                    "cell": {"userEnteredFormat": {"numberFormat": number_format(look.pattern)}},
                    "fields": NUMBER_FORMAT,
                }
            }
        case RuleLook():
            area = cells(look.sheet_id, look.top, None, look.column, look.column + 1)
            yield {"setDataValidation": {"range": area, "rule": _rule(look.rule)}}
        case ProtectLook():
            span = cells(look.sheet_id, None, None, look.start, look.end)
            yield protection(span, warning=not look.lock)
        case UnprotectLook():
            yield {"deleteProtectedRange": {"protectedRangeId": look.protected_id}}
        case HighlightLook():
            yield _highlight(look)
        case FrozenLook():
            grid = {"frozenRowCount": look.rows}
            properties = {"sheetId": look.sheet_id, "gridProperties": grid}
            fields = "gridProperties.frozenRowCount"
            yield {"updateSheetProperties": {"properties": properties, "fields": fields}}
        case LocaleLook():
            properties = {"locale": look.locale}
            yield {"updateSpreadsheetProperties": {"properties": properties, "fields": "locale"}}
        case _:
            assert_never(look)


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


def _start(sheet_id: int, row: int, column: int) -> Json:
    return {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
