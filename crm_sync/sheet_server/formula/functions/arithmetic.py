"""Sums, products, rounding, powers."""

from __future__ import annotations

import math
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import TYPE_CHECKING

from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue, Scalar
from crm_sync.sheet_server.formula import operators
from crm_sync.sheet_server.formula.arrays import Array, Value
from crm_sync.sheet_server.formula.environment import Env, Evaluator
from crm_sync.sheet_server.formula.functions.numbers import numbers_of
from crm_sync.sheet_server.formula.functions.registry import function, special
from crm_sync.sheet_server.formula.syntax import Call

if TYPE_CHECKING:
    from crm_sync.sheet_server.formula.compiler import Compiler


@function("SUM", "r", repeat=1, shown=(0,))
def _sum(env: Env, *values: Value) -> Scalar:
    numbers = numbers_of(env, "SUM", values)
    return numbers if isinstance(numbers, ErrorValue) else _total(numbers)


def _total(numbers: list[float]) -> float:
    return math.fsum(numbers) if any(isinstance(item, float) for item in numbers) else sum(numbers)


@function("PRODUCT", "r", repeat=1, shown=(0,))
def _product(env: Env, *values: Value) -> Scalar:
    numbers = numbers_of(env, "PRODUCT", values)
    if isinstance(numbers, ErrorValue):
        return numbers
    return math.prod(numbers) if numbers else 0


@special("SUMPRODUCT", 1, None)
def _sumproduct(compiler: Compiler, call: Call) -> Evaluator:
    inner = compiler.in_array_mode()
    arguments = [inner.compile(node) for node in call.arguments]

    def calculate(env: Env) -> Value:
        values = [argument(env) for argument in arguments]
        arrays = [value if isinstance(value, Array) else Array([[value]]) for value in values]
        if len({(array.height, array.width) for array in arrays}) > 1:
            return ErrorValue(ErrorType.VALUE, "Function SUMPRODUCT has mismatched range sizes.")
        for array in arrays:
            if array.first_error is not None:
                return array.first_error
        return _total([_product_at(arrays, row, column) for row, column in _places(arrays)])

    return calculate


def _places(arrays: list[Array]) -> list[tuple[int, int]]:
    height = min(len(array.lines) for array in arrays)
    return [(row, column) for row in range(height) for column in range(arrays[0].width)]


def _product_at(arrays: list[Array], row: int, column: int) -> float:
    result: float = 1
    for array in arrays:
        value = array.at(row, column)
        # Texts and booleans count as zero, unless an operator made numbers of them.
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return 0
        result *= value
    return result


def _rounded(value: float, places: float, mode: str) -> Scalar:
    digits = max(-300, min(300, math.trunc(places)))
    number = Decimal(repr(value))
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= digits:
        return value
    unit = Decimal(1).scaleb(-digits)
    whole = (number / unit).to_integral_value(rounding=mode)
    return float(whole * unit)


@function("ROUND", "n n?", shown=(0,))
def _round(env: Env, value: float, places: float = 0) -> Scalar:
    return _rounded(value, places, ROUND_HALF_UP)


@function("ROUNDUP", "n n?", shown=(0,))
def _roundup(env: Env, value: float, places: float = 0) -> Scalar:
    return _rounded(value, places, ROUND_UP)


@function("ROUNDDOWN", "n n?", shown=(0,))
def _rounddown(env: Env, value: float, places: float = 0) -> Scalar:
    return _rounded(value, places, ROUND_DOWN)


@function("TRUNC", "n n?", shown=(0,))
def _trunc(env: Env, value: float, places: float = 0) -> Scalar:
    return _rounded(value, places, ROUND_DOWN)


@function("INT", "n")
def _int(env: Env, value: float) -> Scalar:
    return math.floor(value)


@function("MOD", "n n")
def _mod(env: Env, value: float, divisor: float) -> Scalar:
    if divisor == 0:
        return ErrorValue(ErrorType.DIVIDE_BY_ZERO, "Function MOD parameter 2 cannot be zero.")
    return value % divisor


@function("QUOTIENT", "n n")
def _quotient(env: Env, value: float, divisor: float) -> Scalar:
    if divisor == 0:
        return ErrorValue(ErrorType.DIVIDE_BY_ZERO, "Function QUOTIENT parameter 2 cannot be zero.")
    return math.trunc(value / divisor)


@function("ABS", "n", shown=(0,))
def _abs(env: Env, value: float) -> Scalar:
    return abs(value)


@function("SIGN", "n")
def _sign(env: Env, value: float) -> Scalar:
    return (value > 0) - (value < 0)


@function("SQRT", "n")
def _sqrt(env: Env, value: float) -> Scalar:
    if value < 0:
        return ErrorValue(
            ErrorType.NUM,
            "Function SQRT parameter 1 value is negative. It should be positive or zero.",
        )
    return math.sqrt(value)


@function("POWER", "n n")
def _power(env: Env, base: float, exponent: float) -> Scalar:
    return operators.power(env, base, exponent)


@function("EXP", "n")
def _exp(env: Env, value: float) -> Scalar:
    return operators.power(env, math.e, value)


@function("LN", "n")
def _ln(env: Env, value: float) -> Scalar:
    return _logarithm("LN", value, math.e)


@function("LOG", "n n?")
def _log(env: Env, value: float, base: float = 10) -> Scalar:
    return _logarithm("LOG", value, base)


@function("LOG10", "n")
def _log10(env: Env, value: float) -> Scalar:
    return _logarithm("LOG10", value, 10)


def _logarithm(name: str, value: float, base: float) -> Scalar:
    if value <= 0 or base <= 0 or base == 1:
        return ErrorValue(
            ErrorType.NUM, f"Function {name} parameter 1 value is {value}. It should be positive."
        )
    return math.log10(value) if base == 10 else math.log(value) / math.log(base)


@function("PI", "")
def _pi(env: Env) -> Scalar:
    return math.pi


@function("CEILING", "n n?", shown=(0,))
def _ceiling(env: Env, value: float, factor: float = 1) -> Scalar:
    return _to_multiple("CEILING", value, factor, upward=True)


@function("FLOOR", "n n?", shown=(0,))
def _floor(env: Env, value: float, factor: float = 1) -> Scalar:
    return _to_multiple("FLOOR", value, factor, upward=False)


def _to_multiple(name: str, value: float, factor: float, *, upward: bool) -> Scalar:
    if factor == 0:
        return 0
    if value > 0 > factor:
        return ErrorValue(
            ErrorType.NUM, f"Function {name} parameter 2 should be positive like parameter 1."
        )
    steps = Decimal(repr(value)) / Decimal(repr(factor))
    whole = math.ceil(steps) if upward else math.floor(steps)
    return float(whole * Decimal(repr(factor)))
