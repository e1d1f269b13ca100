"""Functions that give rectangles, and those whose result is not a value at all."""

from __future__ import annotations

from functools import cmp_to_key
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue, Scalar
from crm_sync.sheet_server.formula.arrays import Array, Value
from crm_sync.sheet_server.formula.coercion import compare
from crm_sync.sheet_server.formula.environment import Env, Evaluator
from crm_sync.sheet_server.formula.functions.registry import function, special
from crm_sync.sheet_server.formula.syntax import Call

if TYPE_CHECKING:
    from crm_sync.sheet_server.formula.compiler import Compiler


def _array(value: Value) -> Array:
    return value if isinstance(value, Array) else Array([[value]])


@special("ARRAYFORMULA", 1, 1, shown=(0,))
def _arrayformula(compiler: Compiler, call: Call) -> Evaluator:
    inner = compiler.in_array_mode().compile(call.arguments[0])

    def calculate(env: Env) -> Value:
        value = inner(env)
        # Without its area a range is a computed array: it spreads instead of intersecting.
        return Array(value.lines, value.height, value.width) if isinstance(value, Array) else value

    return calculate


@function("TRANSPOSE", "r", shown=(0,))
def _transpose(env: Env, values: Value) -> Value:
    return _array(values).transposed()


@function("UNIQUE", "r b? b?", shown=(0,))
def _unique(env: Env, values: Value, by_column: bool = False, once: bool = False) -> Value:
    table = _array(values).transposed() if by_column else _array(values)
    groups: dict[object, list[list[Scalar]]] = {}
    for line in table.full_lines():
        # Unlike lookups, UNIQUE tells letter cases apart; True and 1 are two values.
        groups.setdefault(tuple((type(value), value) for value in line), []).append(line)
    kept = [group[0] for group in groups.values() if not once or len(group) == 1]
    if not kept:
        return ErrorValue(ErrorType.N_A, "No values are unique.")
    result = Array(kept, len(kept), table.width)
    return result.transposed() if by_column else result


@special("SORT", 1, None, shown=(0,))
def _sort(compiler: Compiler, call: Call) -> Evaluator:
    inner = compiler.in_array_mode()
    source = inner.compile_range(call.arguments[0])
    rules = [inner.compile(node) for node in call.arguments[1:]]

    def calculate(env: Env) -> Value:
        table = _array(source(env))
        orders: list[tuple[list[Scalar], bool]] = []
        for position in range(0, len(rules), 2):
            key = rules[position](env)
            ascending = env.single(rules[position + 1](env)) if position + 1 < len(rules) else True
            truth = env.truth(ascending, "SORT", position + 3)
            keys = _sort_keys(env, table, key)
            if isinstance(truth, ErrorValue):
                return truth
            if isinstance(keys, ErrorValue):
                return keys
            orders.append((keys, truth))
        if not orders:
            orders = [
                ([table.at(row, column) for row in range(table.height)], True)
                for column in range(table.width)
            ]
        return _sorted(table, orders)

    return calculate


def _sort_keys(env: Env, table: Array, key: Value) -> list[Scalar] | ErrorValue:
    if isinstance(key, Array) and key.height == table.height and table.height > 1:
        return [key.at(row, 0) for row in range(table.height)]
    column = env.number(env.single(key), "SORT", 2)
    if isinstance(column, ErrorValue):
        return column
    if not 1 <= int(column) <= table.width:
        return ErrorValue(
            ErrorType.VALUE,
            f"Function SORT parameter 2 value is {int(column)}. Valid values are between 1 and "
            f"{table.width} inclusive.",
        )
    return [table.at(row, int(column) - 1) for row in range(table.height)]


def _sorted(table: Array, orders: list[tuple[list[Scalar], bool]]) -> Array:
    lines = table.full_lines()
    rows = list(range(table.height))
    for keys, ascending in reversed(orders):

        def by_key(first: int, second: int, keys: list[Scalar] = keys) -> int:
            return _order(keys[first], keys[second])

        filled = [row for row in rows if keys[row] is not None]
        blank = [row for row in rows if keys[row] is None]
        # Blanks come last whichever way the rest is sorted.
        rows = sorted(filled, key=cmp_to_key(by_key), reverse=not ascending) + blank
    return Array([lines[row] for row in rows], table.height, table.width)


def _order(first: Scalar, second: Scalar) -> int:
    errors = isinstance(first, ErrorValue), isinstance(second, ErrorValue)
    if any(errors):
        return errors[0] - errors[1]
    return compare(first, second)


@special("FILTER", 2, None, shown=(0,))
def _filter(compiler: Compiler, call: Call) -> Evaluator:
    inner = compiler.in_array_mode()
    source, *conditions = [inner.compile_range(node) for node in call.arguments]

    def calculate(env: Env) -> Value:
        value = source(env)
        if isinstance(value, ErrorValue):
            return value
        table = _array(value)
        tests = [_array(condition(env)) for condition in conditions]
        by_row = all(test.height == table.height and test.width == 1 for test in tests)
        if not by_row:
            if not all(test.width == table.width and test.height == 1 for test in tests):
                return ErrorValue(
                    ErrorType.N_A,
                    "FILTER has mismatched range sizes. Expected row count: "
                    f"{table.height}. column count: 1. Actual row count: {tests[0].height}, "
                    f"column count: {tests[0].width}.",
                )
            table, tests = table.transposed(), [test.transposed() for test in tests]
        kept = _kept_lines(env, table, tests)
        if not isinstance(kept, list):
            return kept
        result = Array(kept, len(kept), table.width)
        return result if by_row else result.transposed()

    return calculate


def _kept_lines(env: Env, table: Array, tests: list[Array]) -> list[list[Scalar]] | ErrorValue:
    kept = []
    for row, line in enumerate(table.full_lines()):
        if all(_truth(env, test.at(row, 0)) for test in tests):
            kept.append(line)
    if kept:
        return kept
    return ErrorValue(ErrorType.N_A, "No matches are found in FILTER evaluation.")


def _truth(env: Env, value: Scalar) -> bool:
    # A row whose condition is an error is left out, it does not spoil the whole.
    truth = env.truth(value, "FILTER", 2)
    return truth is True


@function("SEQUENCE", "n n? n? n?")
def _sequence(
    env: Env, rows: float, columns: float = 1, start: float = 1, step: float = 1
) -> Value:
    height, width = int(rows), int(columns)
    if height < 1 or width < 1 or height * width > 1_000_000:
        return ErrorValue(ErrorType.NUM, "Function SEQUENCE needs at least one row and column.")
    return Array(
        [
            [start + step * (row * width + column) for column in range(width)]
            for row in range(height)
        ]
    )


@function("FLATTEN", "r", repeat=1)
def _flatten(env: Env, *values: Value) -> Value:
    return Array([[cell] for value in values for cell in _array(value).every()])


@function("HSTACK", "r", repeat=1)
def _hstack(env: Env, *values: Value) -> Value:
    missing: Any = ErrorValue(ErrorType.N_A)
    blocks = [_array(value) for value in values]
    lines = zip_longest(*(block.full_lines() for block in blocks))
    return Array(
        [
            [
                cell
                for block, part in zip(blocks, line, strict=True)
                for cell in (part if part is not None else [missing] * block.width)
            ]
            for line in lines
        ]
    )


@function("VSTACK", "r", repeat=1)
def _vstack(env: Env, *values: Value) -> Value:
    missing = ErrorValue(ErrorType.N_A)
    blocks = [_array(value) for value in values]
    width = max(block.width for block in blocks)
    return Array(
        [line + [missing] * (width - len(line)) for block in blocks for line in block.full_lines()]
    )


@function("HYPERLINK", "t v?")
def _hyperlink(env: Env, url: str, label: Scalar = None) -> Scalar:
    return url if label is None else label


@function("IMAGE", "t n? n? n?")
def _image(env: Env, *arguments: Scalar) -> Scalar:
    return None


@function("SPARKLINE", "r r?")
def _sparkline(env: Env, *arguments: Value) -> Scalar:
    return None
