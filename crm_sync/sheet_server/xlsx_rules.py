"""What an .xlsx file asks of its cells and shows by itself: lists to choose from, checkboxes,
colours by condition.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Final

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from crm_sync.sheet_server.ranges import bounded
from crm_sync.sheet_server.workbook import Json, Sheet

_LONGEST_LIST: Final = 255
"""Signs of a list that Excel holds in the rule itself."""

_OPEN_END: Final = re.compile(r"(\$?[A-Z]{1,3}\$?[0-9]+:)(\$?[A-Z]{1,3})\Z")
_SHEET: Final = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!")
_COMPARED: Final[Mapping[str, str]] = {
    "NUMBER_EQ": "==",
    "NUMBER_NOT_EQ": "!=",
    "NUMBER_GREATER": ">",
    "NUMBER_GREATER_THAN_EQ": ">=",
    "NUMBER_LESS": "<",
    "NUMBER_LESS_THAN_EQ": "<=",
    "NUMBER_BETWEEN": "between",
    "NUMBER_NOT_BETWEEN": "not between",
}
_TEXTS: Final[Mapping[str, str]] = {
    "TEXT_CONTAINS": "containing",
    "TEXT_NOT_CONTAINS": "not containing",
    "TEXT_STARTS_WITH": "begins with",
    "TEXT_ENDS_WITH": "ends with",
}
_SCALE: Final = (("min", "minpoint"), ("mid", "midpoint"), ("max", "maxpoint"))

Colour = Callable[[object], str | None]
Formula = Callable[[str], str | None]


def write_lists(page: Worksheet, sheet: Sheet, pages: Mapping[str, tuple[str, int]]) -> None:
    """The lists to choose from, one rule for all cells below each other that have the same. `pages`
    gives the page of each sheet, by its title, and how many rows it has.
    """
    rules: dict[int, list[tuple[int, Json]]] = {}
    for row, column, cell in sheet.cells(sheet.area):
        if cell.marks is not None and cell.marks.validation is not None:
            rules.setdefault(column, []).append((row, cell.marks.validation))
    for column, found in sorted(rules.items()):
        for first, last, rule in _runs(found):
            source = _source(rule.get("condition", {}), pages)
            if source is not None:
                kind = "stop" if rule.get("strict") else "warning"
                # What is not strict is taken as typed: a warning at each value would only be noise.
                options: Json = {"validate": "list", "source": source, "error_type": kind}
                if kind == "warning":
                    options["show_error"] = False
                page.data_validation(first, column, last, column, options)


def is_checkbox(rule: Json | None) -> bool:
    """True for the rule that makes a box to tick of a cell."""
    condition = (rule or {}).get("condition", {})
    return condition.get("type") == "BOOLEAN" and not condition.get("values")


def write_conditions(
    page: Worksheet, sheet: Sheet, make: Callable[[Json], Format], colour: Colour, formula: Formula
) -> None:
    """The colours by condition, the first rule before the others; one that Excel does not know is
    left out.
    """
    for rule in sheet.part("conditionalFormats"):
        options = _condition(rule, make, colour, formula)
        if options is None:
            continue
        for held in rule.get("ranges", []):
            area = bounded(sheet, held)
            if area.height and area.width:
                corners = (area.top, area.left, area.bottom - 1, area.right - 1)
                page.conditional_format(*corners, dict(options))


def _runs(found: list[tuple[int, Json]]) -> Iterator[tuple[int, int, Json]]:
    """First and last row of those that follow each other with the same rule."""
    numbered = enumerate(found)
    for (_, _), group in groupby(numbered, lambda each: (each[1][0] - each[0], str(each[1][1]))):
        rows = [each for _, each in group]
        yield rows[0][0], rows[-1][0], rows[0][1]


def _source(condition: Json, pages: Mapping[str, tuple[str, int]]) -> list[str] | str | None:
    values = [str(each.get("userEnteredValue", "")) for each in condition.get("values", [])]
    if condition.get("type") == "ONE_OF_LIST":
        # Excel holds a list of at most 255 characters; a longer one is left out.
        fits = values and len(",".join(values)) <= _LONGEST_LIST
        return values if fits and not any("," in value for value in values) else None
    if condition.get("type") == "ONE_OF_RANGE" and values:
        return _range(values[0].removeprefix("="), pages)
    return None


def _range(text: str, pages: Mapping[str, tuple[str, int]]) -> str | None:
    """A range as Excel writes it: with the page's own title, and an end."""
    match = _SHEET.match(text)
    if match is None:
        return None
    title = (match[1] or match[2]).replace("''", "'")
    page, rows = pages.get(title, ("", 0))
    if not page:
        return None
    end = _OPEN_END.sub(rf"\g<1>\g<2>${max(rows, 2)}", text[match.end() :])
    quoted = page.replace("'", "''")
    return f"='{quoted}'!{end}"


def _condition(
    rule: Json, make: Callable[[Json], Format], colour: Colour, formula: Formula
) -> Json | None:
    if "gradientRule" in rule:
        return _gradient(rule["gradientRule"], colour)
    held = rule.get("booleanRule", {})
    condition = held.get("condition", {})
    kind = condition.get("type", "")
    values = [str(each.get("userEnteredValue", "")) for each in condition.get("values", [])]
    options = _tested(kind, values, formula)
    if options is not None:
        options["format"] = make(held.get("format", {}))
    return options


def _tested(kind: str, values: list[str], formula: Formula) -> Json | None:
    if kind in ("BLANK", "NOT_BLANK"):
        return {"type": "blanks" if kind == "BLANK" else "no_blanks"}
    if kind == "CUSTOM_FORMULA" and values:
        text = formula(values[0])
        return None if text is None else {"type": "formula", "criteria": text}
    if kind in _TEXTS and values:
        return {"type": "text", "criteria": _TEXTS[kind], "value": values[0]}
    if kind == "TEXT_EQ" and values:
        quoted = values[0].replace('"', '""')
        return {"type": "cell", "criteria": "==", "value": f'"{quoted}"'}
    if kind not in _COMPARED or not values:
        return None
    numbers = [formula(value if value.startswith("=") else f"={value}") for value in values]
    if None in numbers:
        return None
    if kind.endswith("BETWEEN"):
        low, high = numbers[0], numbers[-1]
        return {"type": "cell", "criteria": _COMPARED[kind], "minimum": low, "maximum": high}
    return {"type": "cell", "criteria": _COMPARED[kind], "value": numbers[0]}


def _gradient(rule: Json, colour: Colour) -> Json | None:
    """A scale of two or three colours."""
    options: Json = {"type": "3_color_scale" if "midpoint" in rule else "2_color_scale"}
    for ours, theirs in _SCALE:
        point = rule.get(theirs)
        if point is None:
            continue
        options[f"{ours}_color"] = colour(point.get("color")) or "#FFFFFF"
        kinds = {"NUMBER": "num", "PERCENT": "percent", "PERCENTILE": "percentile"}
        if (kind := kinds.get(point.get("type", ""))) is not None and point.get("value"):
            options[f"{ours}_type"] = kind
            options[f"{ours}_value"] = float(str(point["value"]).replace(",", "."))
    return options
