"""How a formula's number is shown when its cell has no format of its own: as what it came from.

A sum of money is money, a date plus days is a date, a looked-up percentage is a percentage.
"""

from __future__ import annotations

from collections.abc import Callable

from crm_sync.sheet_server.formatting.error_value import ErrorValue, NumberFormat
from crm_sync.sheet_server.formatting.show import MOMENT_TYPES
from crm_sync.sheet_server.formula import functions
from crm_sync.sheet_server.formula.compiler import Compiler
from crm_sync.sheet_server.formula.environment import Env
from crm_sync.sheet_server.formula.functions.registry import LOOKUP_COLUMN
from crm_sync.sheet_server.formula.references import Bounds
from crm_sync.sheet_server.formula.syntax import (
    ArrayLiteral,
    Binary,
    Call,
    NameNode,
    Node,
    ReferenceNode,
    Unary,
)

FormatReader = Callable[[Env, int], NumberFormat | None]
"""Gives the format of a result; the number is the column within a result that spreads."""

_DURATION: NumberFormat = {"type": "TIME", "pattern": "[h]:mm:ss"}
# A range often begins with a heading: the format is looked for in its first few rows.
_ROWS_TRIED = 3


def format_reader(node: Node, compiler: Compiler) -> FormatReader | None:
    """The reader of the format that the node's result is shown in; None when it is always plain."""
    match node:
        case ReferenceNode() | NameNode():
            target = compiler.target(node)
            return None if target is None else _of_cells(*target)
        case Unary():
            return None if node.operator == "%" else format_reader(node.operand, compiler)
        case Binary():
            return _of_operator(node, compiler)
        case ArrayLiteral():
            return format_reader(node.rows[0][0], compiler)
        case Call():
            return _of_call(node, compiler)
        case _:
            return None


def _of_cells(sheet_id: int, bounds: Bounds) -> FormatReader:
    def read(env: Env, offset: int) -> NumberFormat | None:
        column = bounds.left + offset
        if bounds.right is not None and column > bounds.right:
            column = bounds.right
        rows, columns = env.cells.size(sheet_id)
        last = rows if bounds.bottom is None else min(bounds.bottom + 1, rows)
        if column >= columns:
            return None
        for row in range(bounds.top, min(bounds.top + _ROWS_TRIED, last)):
            found = env.cells.number_format(sheet_id, row, column)
            if found is not None:
                return None if found.get("type") == "TEXT" else found
        return None

    return read


def _of_operator(node: Binary, compiler: Compiler) -> FormatReader | None:
    combine = _COMBINED.get(node.operator)
    left = format_reader(node.left, compiler)
    right = format_reader(node.right, compiler)
    if combine is None or (left is None and right is None):
        return None

    def read(env: Env, offset: int) -> NumberFormat | None:
        return combine(left and left(env, offset), right and right(env, offset))

    return read


def _is_moment(found: NumberFormat | None) -> bool:
    return found is not None and found.get("type") in MOMENT_TYPES


def _is_money(found: NumberFormat | None) -> bool:
    return found is not None and found.get("type") == "CURRENCY"


def _of_sum(left: NumberFormat | None, right: NumberFormat | None) -> NumberFormat | None:
    return left or right


def _of_difference(left: NumberFormat | None, right: NumberFormat | None) -> NumberFormat | None:
    if not (_is_moment(left) and _is_moment(right)):
        return left or right
    assert left is not None
    assert right is not None
    whole_days = left.get("type") == right.get("type") == "DATE"
    return None if whole_days else _DURATION


def _of_product(left: NumberFormat | None, right: NumberFormat | None) -> NumberFormat | None:
    if _is_money(left) != _is_money(right):
        return left if _is_money(left) else right
    return None


def _of_quotient(left: NumberFormat | None, right: NumberFormat | None) -> NumberFormat | None:
    return left if _is_money(left) and not _is_money(right) else None


_COMBINED: dict[str, Callable[[NumberFormat | None, NumberFormat | None], NumberFormat | None]] = {
    "+": _of_sum,
    "-": _of_difference,
    "*": _of_product,
    "/": _of_quotient,
}


def _of_call(node: Call, compiler: Compiler) -> FormatReader | None:
    function = functions.find(node.name.upper())
    if function is None or function.shown is None:
        return None
    if function.shown == LOOKUP_COLUMN:
        return _of_lookup(node, compiler)
    if isinstance(function.shown, str):
        fixed = {"type": function.shown}
        return lambda env, offset: fixed
    readers = [
        reader
        for index in function.shown
        if index < len(node.arguments)
        and (reader := format_reader(node.arguments[index], compiler)) is not None
    ]
    if not readers:
        return None

    def read(env: Env, offset: int) -> NumberFormat | None:
        return next((found for each in readers if (found := each(env, offset))), None)

    return read


def _of_lookup(node: Call, compiler: Compiler) -> FormatReader | None:
    if len(node.arguments) < 3:
        return None
    target = compiler.target(node.arguments[1])
    if target is None:
        return None
    index_of = compiler.compile(node.arguments[2])
    cells = _of_cells(*target)

    def read(env: Env, offset: int) -> NumberFormat | None:
        index = env.number(env.single(index_of(env)), "VLOOKUP", 3)
        if isinstance(index, ErrorValue) or index < 1:
            return None
        return cells(env, int(index) - 1)

    return read
