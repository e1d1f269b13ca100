"""`+ - * / ^ & %` and comparison, on single values and, in array mode, cell by cell."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue, Scalar
from crm_sync.sheet_server.formula.arrays import Array, Value
from crm_sync.sheet_server.formula.coercion import DIVIDE_BY_ZERO, compare
from crm_sync.sheet_server.formula.environment import Env, Evaluator

_MISSING = ErrorValue(ErrorType.N_A, "")
_TOO_LARGE = ErrorValue(ErrorType.NUM, "Numeric value is greater than 1.79769e+308.")

_Two = Callable[[Env, Scalar, Scalar], Scalar]


def broadcast(env: Env, function: Callable[..., Scalar], values: list[Value]) -> Value:
    """The function applied cell by cell; single values, rows and columns are repeated.

    Where one of several arrays has no cell, the result is `#N/A`.
    """
    arrays = [value for value in values if isinstance(value, Array)]
    if not arrays:
        return function(env, *values)
    height = max(array.height for array in arrays)
    width = max(array.width for array in arrays)
    lines: list[list[Scalar]] = []
    before: tuple[list[Scalar], ...] = ()
    for parts in zip(*(_spread(value, height, width) for value in values), strict=True):
        # Below the last used row of a column all lines are the same blank one: work it out once.
        if before and all(map(operator.is_, parts, before)):
            lines.append(lines[-1])
            continue
        lines.append(
            [
                _MISSING if _MISSING in cells else function(env, *cells)
                for cells in zip(*parts, strict=True)
            ]
        )
        before = parts
    return Array(lines)


def _spread(value: Value, height: int, width: int) -> list[list[Scalar]]:
    """The value as so many lines of that width; what it has no cell for is missing."""
    if not isinstance(value, Array):
        return [[value] * width] * height
    lines = value.full_lines()
    if value.width == 1 and width > 1:
        lines = [line * width for line in lines]
    elif value.width < width:
        lines = [[*line, *[_MISSING] * (width - len(line))] for line in lines]
    if value.height == 1:
        return lines * height
    missing: list[Scalar] = [_MISSING] * width
    return [*lines, *[missing] * (height - len(lines))]


def unary(sign: str, operand: Evaluator, *, array: bool) -> Evaluator:
    """The evaluator of `-x`, `+x` and `x%`."""
    if sign == "+":
        return operand if array else lambda env: env.single(operand(env))
    apply = _negated if sign == "-" else _percent
    if array:
        return lambda env: broadcast(env, apply, [operand(env)])
    return lambda env: apply(env, env.single(operand(env)))


def _negated(env: Env, value: Scalar) -> Scalar:
    number = env.number(value, "UMINUS", 1)
    return number if isinstance(number, ErrorValue) else -number


def _percent(env: Env, value: Scalar) -> Scalar:
    number = env.number(value, "UNARY_PERCENT", 1)
    return number if isinstance(number, ErrorValue) else number / 100


def binary(sign: str, left: Evaluator, right: Evaluator, *, array: bool) -> Evaluator:
    """The evaluator of `left sign right`."""
    apply = _BINARY[sign]
    if array:
        return lambda env: broadcast(env, apply, [left(env), right(env)])

    def calculate(env: Env) -> Value:
        first, second = left(env), right(env)
        if first.__class__ is Array:
            first = env.single(first)
        if second.__class__ is Array:
            second = env.single(second)
        return apply(env, first, second)  # type: ignore[arg-type]

    return calculate


_PLAIN = frozenset({int, float})


def _arithmetic(name: str, plain: Callable[[float, float], float]) -> _Two:
    def apply(env: Env, left: Scalar, right: Scalar) -> Scalar:
        if left.__class__ in _PLAIN and right.__class__ in _PLAIN:
            return plain(left, right)  # type: ignore[arg-type]
        first = env.number(left, name, 1)
        if isinstance(first, ErrorValue):
            return first
        second = env.number(right, name, 2)
        return second if isinstance(second, ErrorValue) else plain(first, second)

    return apply


def _divide(env: Env, left: Scalar, right: Scalar) -> Scalar:
    first = env.number(left, "DIVIDE", 1)
    if isinstance(first, ErrorValue):
        return first
    second = env.number(right, "DIVIDE", 2)
    if isinstance(second, ErrorValue):
        return second
    return DIVIDE_BY_ZERO if second == 0 else first / second


def power(env: Env, left: Scalar, right: Scalar) -> Scalar:
    """`left ^ right`; `#NUM!` where the result is no real number or too large."""
    base = env.number(left, "POW", 1)
    if isinstance(base, ErrorValue):
        return base
    exponent = env.number(right, "POW", 2)
    if isinstance(exponent, ErrorValue):
        return exponent
    if base == 0 and exponent < 0:
        return ErrorValue(
            ErrorType.DIVIDE_BY_ZERO, "Evaluation of function POW caused a divide by zero error."
        )
    if base < 0 and not float(exponent).is_integer():
        return ErrorValue(
            ErrorType.NUM,
            f"POW evaluates to an imaginary number: base {base}, exponent {exponent}.",
        )
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return _TOO_LARGE


def _join(env: Env, left: Scalar, right: Scalar) -> Scalar:
    if isinstance(left, ErrorValue):
        return left
    if isinstance(right, ErrorValue):
        return right
    return env.text(left) + env.text(right)


def _comparison(holds: Callable[[int, int], bool]) -> _Two:
    def apply(env: Env, left: Scalar, right: Scalar) -> Scalar:
        if isinstance(left, ErrorValue):
            return left
        if isinstance(right, ErrorValue):
            return right
        return holds(compare(left, right), 0)

    return apply


_BINARY: dict[str, _Two] = {
    "+": _arithmetic("ADD", operator.add),
    "-": _arithmetic("MINUS", operator.sub),
    "*": _arithmetic("MULTIPLY", operator.mul),
    "/": _divide,
    "^": power,
    "&": _join,
    "=": _comparison(operator.eq),
    "<>": _comparison(operator.ne),
    "<": _comparison(operator.lt),
    "<=": _comparison(operator.le),
    ">": _comparison(operator.gt),
    ">=": _comparison(operator.ge),
}
