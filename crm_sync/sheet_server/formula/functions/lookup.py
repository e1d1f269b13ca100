"""Finding a row by its key, cells by their place, and the place of a reference."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue, Scalar
from crm_sync.sheet_server.formula.arrays import Array, Value, match_key
from crm_sync.sheet_server.formula.coercion import compare
from crm_sync.sheet_server.formula.criteria import wildcard
from crm_sync.sheet_server.formula.environment import Env, Evaluator
from crm_sync.sheet_server.formula.functions.registry import LOOKUP_COLUMN, function, special
from crm_sync.sheet_server.formula.syntax import Call

if TYPE_CHECKING:
    from crm_sync.sheet_server.formula.compiler import Compiler


def _array(value: Value) -> Array:
    return value if isinstance(value, Array) else Array([[value]])


def _not_found(env: Env, name: str, key: Scalar) -> ErrorValue:
    return ErrorValue(ErrorType.N_A, f"Did not find value '{env.text(key)}' in {name} evaluation.")


def exact_row(values: Array, column: int, key: Scalar) -> int | None:
    """The first row of a column that equals the key; texts may hold `*` and `?`."""
    if key is None:
        return None
    if isinstance(key, str):
        pattern = wildcard(key)
        if pattern is not None:
            for row, value in enumerate(values.column(column)):
                if isinstance(value, str) and pattern.fullmatch(value):
                    return row
            return None
    rows = values.positions(column).get(match_key(key))
    return rows[0] if rows else None


def _sorted_row(values: list[Scalar], key: Scalar) -> int | None:
    """The last of ascending values that is not above the key; other types are skipped."""
    rank = _type_rank(key)
    rows = [
        row
        for row, value in enumerate(values)
        if value is not None and not isinstance(value, ErrorValue) and _type_rank(value) == rank
    ]
    position = bisect_right(rows, 0, key=lambda row: compare(values[row], key))
    return rows[position - 1] if position else None


def _type_rank(value: Scalar) -> int:
    if isinstance(value, bool):
        return 2
    return 1 if isinstance(value, str) else 0


@function("VLOOKUP", "v r n b?", shown=LOOKUP_COLUMN)
def _vlookup(env: Env, key: Scalar, table: Value, index: float, is_sorted: bool = True) -> Scalar:
    return _looked_up(env, "VLOOKUP", key, _array(table), int(index), is_sorted)


@function("HLOOKUP", "v r n b?")
def _hlookup(env: Env, key: Scalar, table: Value, index: float, is_sorted: bool = True) -> Scalar:
    return _looked_up(env, "HLOOKUP", key, _array(table).transposed(), int(index), is_sorted)


def _looked_up(
    env: Env, name: str, key: Scalar, table: Array, index: int, is_sorted: bool
) -> Scalar:
    if not 1 <= index <= table.width:
        kind = ErrorType.REF if index > table.width else ErrorType.VALUE
        return ErrorValue(kind, f"{name} evaluates to an out of bounds range.")
    row = _sorted_row(table.column(0), key) if is_sorted else exact_row(table, 0, key)
    return _not_found(env, name, key) if row is None else table.at(row, index - 1)


@function("MATCH", "v r n?")
def _match(env: Env, key: Scalar, values: Value, kind: float = 1) -> Scalar:
    line = _array(values)
    if line.height > 1 and line.width > 1:
        return ErrorValue(ErrorType.N_A, "MATCH range must be a single row or a single column.")
    if line.width > 1:
        line = line.transposed()
    if kind == 0:
        row = exact_row(line, 0, key)
    elif kind > 0:
        row = _sorted_row(line.column(0), key)
    else:
        row = _descending_row(line.column(0), key)
    return _not_found(env, "MATCH", key) if row is None else row + 1


def _descending_row(values: list[Scalar], key: Scalar) -> int | None:
    found = None
    for row, value in enumerate(values):
        if value is None or isinstance(value, ErrorValue) or _type_rank(value) != _type_rank(key):
            continue
        if compare(value, key) < 0:
            break
        found = row
    return found


@function("XLOOKUP", "v r r e? n? n?", shown=(2,))
def _xlookup(
    env: Env, key: Scalar, searched: Value, results: Value, missing: Scalar = None, *modes: float
) -> Value:
    line, table = _array(searched), _array(results)
    by_column = line.height == 1 and line.width > 1
    if by_column:
        line, table = line.transposed(), table.transposed()
    if line.height != table.height:
        return ErrorValue(ErrorType.VALUE, "Array arguments to XLOOKUP are of different size.")
    match_mode, search_mode = (*map(int, modes), *(0, 1)[len(modes) :])
    row = _xlookup_row(line.column(0), key, match_mode, search_mode)
    if row is None:
        return _not_found(env, "XLOOKUP", key) if missing is None else missing
    if table.width == 1:
        return table.at(row, 0)
    found = Array([[table.at(row, column) for column in range(table.width)]])
    return found.transposed() if by_column else found


def _xlookup_row(
    values: list[Scalar], key: Scalar, match_mode: int, search_mode: int
) -> int | None:
    order = list(range(len(values)))
    if search_mode < 0:
        order.reverse()
    pattern = wildcard(key) if match_mode == 2 and isinstance(key, str) else None
    nearest: int | None = None
    for row in order:
        value = values[row]
        if value is None or isinstance(value, ErrorValue) or _type_rank(value) != _type_rank(key):
            continue
        if pattern is not None:
            if isinstance(value, str) and pattern.fullmatch(value):
                return row
            continue
        difference = compare(value, key)
        if difference == 0:
            return row
        if match_mode in (-1, 1) and difference == match_mode:
            closer = nearest is None or compare(value, values[nearest]) == -match_mode
            nearest = row if closer else nearest
    return nearest


@function("INDEX", "r n? n?", shown=(0,))
def _index(env: Env, values: Value, row: float = 0, column: float = 0) -> Value:
    table, down, across = _array(values), int(row), int(column)
    if table.height == 1 and table.width > 1 and across == 0 and down > 0:
        # One index into a single row counts along it.
        down, across = 0, down
    if not (0 <= down <= table.height and 0 <= across <= table.width):
        return ErrorValue(
            ErrorType.NUM,
            f"Function INDEX parameter {2 if down > table.height or down < 0 else 3} value is "
            f"{down if down > table.height or down < 0 else across}. It is out of range.",
        )
    if (down or table.height == 1) and (across or table.width == 1):
        return table.at(max(down - 1, 0), max(across - 1, 0))
    lines = table.full_lines()
    if down:
        lines = [lines[down - 1]]
    if across:
        lines = [[line[across - 1]] for line in lines]
    return Array(lines)


@special("ROW", 0, 1)
def _row(compiler: Compiler, call: Call) -> Evaluator:
    return _place(compiler, call, "ROW")


@special("COLUMN", 0, 1)
def _column(compiler: Compiler, call: Call) -> Evaluator:
    return _place(compiler, call, "COLUMN")


def _place(compiler: Compiler, call: Call, name: str) -> Evaluator:
    by_row = name == "ROW"
    if not call.arguments:
        return lambda env: (env.row if by_row else env.column) + 1
    target = compiler.target(call.arguments[0])
    if target is None:
        wrong = ErrorValue(ErrorType.N_A, f"Argument must be a range for {name}.")
        return lambda env: wrong
    sheet_id, bounds = target
    first = bounds.top if by_row else bounds.left

    def place(env: Env) -> Value:
        if not compiler.array:
            return first + 1
        size = env.cells.size(sheet_id)[0 if by_row else 1]
        last = bounds.bottom if by_row else bounds.right
        numbers = list(range(first + 1, (size if last is None else min(last + 1, size)) + 1))
        return Array([[number] for number in numbers] if by_row else [[*numbers]])

    return place


@function("ROWS", "r")
def _rows(env: Env, values: Value) -> Scalar:
    return values if isinstance(values, ErrorValue) else _array(values).height


@function("COLUMNS", "r")
def _columns(env: Env, values: Value) -> Scalar:
    return values if isinstance(values, ErrorValue) else _array(values).width
