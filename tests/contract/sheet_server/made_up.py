"""Requests made up from the API's own schema: valid in form, arbitrary in content."""

from __future__ import annotations

import random
from typing import Any

from crm_sync.sheet_server import schema

TEXTS = (
    "", "a", "Анна", "=A1+1", "=SUM(A:A)", "=ARRAYFORMULA(A1:A3)", "1.5", "31.12.2026", "TRUE",
    "'x", "Sheet1", "Sheet1!A1:B2", "x" * 60, "🌵", "A1", "name_1", "#REF!", "%d.%m", "[", "$1",
)  # fmt: skip
INTEGERS = (*(0, 1, 2, 3, 4, 5) * 4, 7, 12, -1, 999, 2**31 - 1, -(2**31))
NUMBERS = (0, 1, -1, 1.5, 0.1, 1e300, -1e300, 1e30, 2**60, 1e-320)
# Without these a request is refused before it comes to anything.
OFTEN = frozenset(
    {"range", "dimension", "shiftDimension", "delimiterType", "spec", "metadataKey", "visibility"}
    | {"location", "ranges", "condition", "type", "find", "dimensions", "source", "name", "title"}
    | {"developerMetadataLookup", "dataFilters", "dataFilter", "dataRange", "rule", "booleanRule"}
)
# The ids under which `furnished` puts one of each kind.
PART_ID = 3


_PART_IDS = frozenset(
    {"chartId", "slicerId", "filterViewId", "filterId", "bandedRangeId", "protectedRangeId"}
    | {"namedRangeId", "tableId", "metadataId", "objectId"}
)


def furnished() -> list[dict[str, Any]]:
    """Requests that give a workbook with the sheets 0 and 5 one of every kind of part."""
    part = {"sheetId": 5, "startRowIndex": 2, "endRowIndex": 6, "startColumnIndex": 1}
    part["endColumnIndex"] = 4
    whole = {"range": part}
    chart = {"title": "Sums", "basicChart": {"chartType": "BAR"}}
    rule = {"ranges": [part], "booleanRule": {"condition": {"type": "NOT_BLANK"}}}
    entry = {"metadataId": PART_ID, "metadataKey": "k", "visibility": "DOCUMENT"}
    row = {"sheetId": 5, "dimension": "ROWS", "startIndex": 3, "endIndex": 4}
    return [
        {"addChart": {"chart": {"chartId": PART_ID, "spec": chart}}},
        {"addFilterView": {"filter": {"filterViewId": PART_ID, **whole}}},
        {"addBanding": {"bandedRange": {"bandedRangeId": PART_ID, **whole, "rowProperties": {
            "headerColor": {"red": 1}}}}},
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": PART_ID, **whole}}},
        {"addNamedRange": {"namedRange": {"namedRangeId": str(PART_ID), "name": "ours", **whole}}},
        {"addTable": {"table": {"tableId": str(PART_ID), "name": "T", **whole}}},
        {"addConditionalFormatRule": {"rule": rule}},
        {"addConditionalFormatRule": {"rule": rule}},
        {"createDeveloperMetadata": {"developerMetadata": {**entry, "location": {
            "dimensionRange": row}}}},
        {"addDimensionGroup": {"range": {**row, "startIndex": 1, "endIndex": 3}}},
        {"setBasicFilter": {"filter": {"range": {"sheetId": 0, "endRowIndex": 5}}}},
        {"mergeCells": {"range": {"sheetId": 5, "startRowIndex": 8, "endRowIndex": 10}}},
    ]  # fmt: skip


class Inventor:
    """Makes requests up; `ids` are the sheet ids that exist, so that most requests find one."""

    def __init__(self, dice: random.Random, ids: list[int]) -> None:
        self.dice = dice
        self.ids = ids

    def request(self, kind: str) -> dict[str, Any]:
        """A request of this kind."""
        body = self.message(schema.field_type("Request", kind), 0)
        if "fields" in schema.field_names(schema.field_type("Request", kind)):
            body["fields"] = self.mask(schema.field_type("Request", kind))
        return {kind: body}

    def message(self, name: str, depth: int) -> dict[str, Any]:
        """A message of the schema with some of its fields."""
        if name == "GridRange":
            return self.grid_range()
        if name == "DimensionRange":
            return self.dimension_range()
        chance = (0.9, 0.75, 0.5, 0.35, 0.2, 0.1, 0.05)[min(depth, 6)]
        fields = sorted(schema.field_names(name))
        made = {
            field: self.value(schema.field_type(name, field), field, depth + 1)
            for field in fields
            if self.dice.random() < (0.9 if field in OFTEN else chance)
        }
        one_of = name in ("ExtendedValue", "DeveloperMetadataLocation", "DataFilter")
        # One of these at a time is what clients send; several are an error, tried at times.
        if one_of and made and self.dice.random() < 0.9:
            chosen = self.dice.choice(sorted(made))
            made = {chosen: made[chosen]}
        return made

    def grid_range(self) -> dict[str, Any]:
        """Mostly a range within a small grid."""
        made: dict[str, Any] = {}
        if self.dice.random() < 0.8:
            made["sheetId"] = self.sheet_id()
        for side in ("Row", "Column"):
            start = self.start()
            if self.dice.random() < 0.8:
                made[f"start{side}Index"] = start
            if self.dice.random() < 0.8:
                made[f"end{side}Index"] = start + self.dice.choice((1,) * 8 + (2, 3, 4, 5, 0, -1))
        return made

    def dimension_range(self) -> dict[str, Any]:
        """Mostly a span of rows or columns within a small grid."""
        start = self.start()
        made = {
            "sheetId": self.sheet_id(),
            "dimension": self.dice.choice(("ROWS", "COLUMNS")),
            "startIndex": start,
            "endIndex": start + self.dice.choice((1,) * 8 + (2, 3, 4, 5, 0, -1)),
        }
        for name in list(made):
            if self.dice.random() < 0.03:
                del made[name]
        return made

    def start(self) -> int:
        """Mostly the index of a row or column of a small grid."""
        return self.dice.choice((0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 7) * 3 + (-1, 99))

    def sheet_id(self) -> int:
        """Mostly the id of a sheet that exists."""
        return self.dice.choice([*self.ids * 10, 77])

    def value(self, code: str, field: str, depth: int) -> Any:
        """A value of this type, at times of none."""
        if self.dice.random() < 0.01:
            return self.dice.choice((None, "x", 5, [], {}, [[]], True))
        if code.startswith("["):
            return [
                self.value(code[1:], field, depth) for _ in range(self.dice.choice((0, 1, 1, 2)))
            ]
        if code.startswith("{"):
            return {self.dice.choice(("0", "1", "x")): self.value(code[1:], field, depth)}
        if code.startswith("enum:"):
            names = code[5:].split("|")
            return self.dice.choice([*names[1:] * 5, names[0]])
        if field in _PART_IDS and self.dice.random() < 0.7:
            return PART_ID if code == "int32" else str(PART_ID)
        if field.lower().endswith("sheetid") and self.dice.random() < 0.9:
            return self.sheet_id()
        return self._scalar(code, depth)

    def _scalar(self, code: str, depth: int) -> Any:
        if code in ("int32", "int64"):
            return self.dice.choice(INTEGERS)
        if code in ("double", "float"):
            return self.dice.choice(NUMBERS)
        if code == "bool":
            return self.dice.random() < 0.5
        if code == "mask":
            return "*"
        if code in ("string", "any"):
            return self.dice.choice(TEXTS)
        return self.message(code, depth) if depth < 9 else {}

    def mask(self, request: str) -> str:
        """A field mask, mostly of names that the request's message has."""
        chance = self.dice.random()
        if chance < 0.3:
            return "*"
        if chance < 0.35:
            return self.dice.choice(("", "nope", "a(b", "a..b", ",", "*,*"))
        inner = [
            schema.field_type(request, field).lstrip("[")
            for field in schema.field_names(request)
            if field != "range"
        ]
        names = sorted({name for message in inner for name in schema.field_names(message)})
        if request in ("UpdateCellsRequest", "RepeatCellRequest", "AppendCellsRequest"):
            names = sorted(schema.field_names("CellData"))
        count = min(len(names), self.dice.choice((1, 1, 2, 3)))
        return ",".join(self.dice.sample(names, count)) or "*"
