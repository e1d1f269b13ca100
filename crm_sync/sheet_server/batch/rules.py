"""Data validation and conditional formats."""

from __future__ import annotations

from crm_sync.sheet_server.api_error import invalid
from crm_sync.sheet_server.batch.context import Batch, Handler
from crm_sync.sheet_server.formats import with_styles
from crm_sync.sheet_server.grid import EMPTY, Marks
from crm_sync.sheet_server.workbook import Json, Sheet


def set_data_validation(batch: Batch, request: Json) -> None:
    """Sets one rule on all cells of a range, or takes their rules away."""
    area = batch.editable(request.get("range", {}))
    sheet = batch.sheet(area.sheet_id)
    rule = request.get("rule")
    if rule is not None and not rule.get("condition", {}).get("type"):
        raise invalid("Data validation rule must have a condition.")
    seen: dict[Marks | None, Marks] = {}
    for index in range(area.top, area.bottom):
        row = sheet.rows[index]
        if rule is None and row is None:
            continue
        line = sheet.edit(index)
        for column in range(area.left, area.right):
            before = line.cells[column] if column < len(line.cells) else None
            if before is None:
                before = EMPTY
            if before.marks not in seen:
                old = before.marks or Marks()
                seen[before.marks] = Marks(old.format, rule, old.other)
            line.put(column, before.with_marks(seen[before.marks]))


def add_conditional_format_rule(batch: Batch, request: Json) -> None:
    """Puts a rule at its index among the rules of its sheet."""
    rule = _checked(batch, request.get("rule", {}))
    sheet = batch.sheet(rule["ranges"][0].get("sheetId", 0))
    rules = sheet.part("conditionalFormats")
    index = request.get("index", 0)
    if not 0 <= index <= len(rules):
        raise invalid(f"Index {index} must be between 0 and {len(rules)}.")
    rules.insert(index, rule)
    sheet.set_part("conditionalFormats", rules)


def _checked(batch: Batch, rule: Json) -> Json:
    ranges = rule.get("ranges", [])
    if not ranges:
        raise invalid("Must specify at least one range.")
    if len({held.get("sheetId", 0) for held in ranges}) > 1:
        raise invalid("All ranges must be on the same sheet.")
    for held in ranges:
        batch.area(held)
    if ("booleanRule" in rule) == ("gradientRule" in rule):
        raise invalid("Exactly one of booleanRule and gradientRule must be specified.")
    if "booleanRule" in rule and not rule["booleanRule"].get("condition", {}).get("type"):
        raise invalid("booleanRule must have a condition.")
    styled: Json = with_styles(rule)
    return styled


def _rule_at(batch: Batch, request: Json) -> tuple[Sheet, list[Json], int]:
    sheet = batch.sheet(request.get("sheetId", 0))
    rules = sheet.part("conditionalFormats")
    index = request.get("index", 0)
    if not 0 <= index < len(rules):
        raise invalid(f"No conditional format on sheet: {sheet.id} at index: {index}")
    return sheet, rules, index


def update_conditional_format_rule(batch: Batch, request: Json) -> Json:
    """Replaces a rule, or moves it to another index; the reply holds the rule before, too."""
    if "rule" in request:
        rule = _checked(batch, request["rule"])
        request = {**request, "sheetId": rule["ranges"][0].get("sheetId", 0)}
        sheet, rules, index = _rule_at(batch, request)
        old, rules[index] = rules[index], rule
        reply = {"newRule": rule, "newIndex": index, "oldRule": old, "oldIndex": index}
    else:
        sheet, rules, index = _rule_at(batch, request)
        to = request.get("newIndex", 0)
        if not 0 <= to < len(rules):
            raise invalid(f"newIndex {to} must be between 0 and {len(rules) - 1}.")
        rule = rules.pop(index)
        rules.insert(to, rule)
        reply = {"newRule": rule, "newIndex": to, "oldIndex": index}
    sheet.set_part("conditionalFormats", rules)
    return {name: item for name, item in reply.items() if item != 0}


def delete_conditional_format_rule(batch: Batch, request: Json) -> Json:
    """Takes a rule away; those after it move up."""
    sheet, rules, index = _rule_at(batch, request)
    rule = rules.pop(index)
    sheet.set_part("conditionalFormats", rules)
    return {"rule": rule}


KINDS: dict[str, Handler] = {
    "setDataValidation": set_data_validation,
    "addConditionalFormatRule": add_conditional_format_rule,
    "updateConditionalFormatRule": update_conditional_format_rule,
    "deleteConditionalFormatRule": delete_conditional_format_rule,
}
