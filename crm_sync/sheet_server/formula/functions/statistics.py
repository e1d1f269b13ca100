"""Counts, averages, extremes and spreads of many values."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue, Scalar
from crm_sync.sheet_server.formula.arrays import Array, Value
from crm_sync.sheet_server.formula.environment import Env
from crm_sync.sheet_server.formula.functions.numbers import numbers_of
from crm_sync.sheet_server.formula.functions.registry import function


def _no_numbers(name: str) -> ErrorValue:
    return ErrorValue(
        ErrorType.DIVIDE_BY_ZERO, f"Evaluation of function {name} caused a divide by zero error."
    )


def _out_of_range(name: str, position: float) -> ErrorValue:
    return ErrorValue(
        ErrorType.NUM, f"Function {name} parameter 2 value {position} is out of range."
    )


@function("COUNT", "r", repeat=1)
def _count(env: Env, *values: Value) -> Scalar:
    total = 0
    for value in values:
        if isinstance(value, Array):
            total += len(value.numbers)
        elif value is not None and not isinstance(env.number(value, "COUNT", 1), ErrorValue):
            total += 1
    return total


@function("COUNTA", "r", repeat=1)
def _counta(env: Env, *values: Value) -> Scalar:
    return sum(item is not None for value in values for item in _items(value))


def _items(value: Value) -> Iterator[Scalar]:
    if isinstance(value, Array):
        yield from value.stored()
    else:
        # An argument that is left empty counts: it is a value of its own.
        yield "" if value is None else value


@function("COUNTBLANK", "r", repeat=1)
def _countblank(env: Env, *values: Value) -> Scalar:
    total = 0
    for value in values:
        if isinstance(value, Array):
            filled = sum(item is not None and item != "" for item in value.stored())
            total += value.height * value.width - filled
        else:
            total += value is None or value == ""
    return total


@function("COUNTUNIQUE", "r", repeat=1)
def _countunique(env: Env, *values: Value) -> Scalar:
    keys = {(type(item), item) for value in values for item in _items(value) if item is not None}
    return len(keys)


@function("AVERAGE", "r", repeat=1, shown=(0,))
def _average(env: Env, *values: Value) -> Scalar:
    numbers = numbers_of(env, "AVERAGE", values)
    if isinstance(numbers, ErrorValue):
        return numbers
    return statistics.fmean(numbers) if numbers else _no_numbers("AVERAGE")


@function("MIN", "r", repeat=1, shown=(0,))
def _min(env: Env, *values: Value) -> Scalar:
    numbers = numbers_of(env, "MIN", values)
    return numbers if isinstance(numbers, ErrorValue) else min(numbers, default=0)


@function("MAX", "r", repeat=1, shown=(0,))
def _max(env: Env, *values: Value) -> Scalar:
    numbers = numbers_of(env, "MAX", values)
    return numbers if isinstance(numbers, ErrorValue) else max(numbers, default=0)


@function("MEDIAN", "r", repeat=1, shown=(0,))
def _median(env: Env, *values: Value) -> Scalar:
    numbers = numbers_of(env, "MEDIAN", values)
    if isinstance(numbers, ErrorValue):
        return numbers
    if not numbers:
        return ErrorValue(ErrorType.NUM, "MEDIAN has no valid input data.")
    return statistics.median(numbers)


@function("MODE", "r", repeat=1, shown=(0,))
def _mode(env: Env, *values: Value) -> Scalar:
    numbers = numbers_of(env, "MODE", values)
    if isinstance(numbers, ErrorValue):
        return numbers
    commonest = Counter(numbers).most_common(1)
    if not commonest or commonest[0][1] < 2:
        return ErrorValue(ErrorType.N_A, "Function MODE found no value that occurs twice.")
    return commonest[0][0]


@function("LARGE", "r n", shown=(0,))
def _large(env: Env, values: Value, position: float) -> Scalar:
    return _at_rank(env, "LARGE", values, position, largest=True)


@function("SMALL", "r n", shown=(0,))
def _small(env: Env, values: Value, position: float) -> Scalar:
    return _at_rank(env, "SMALL", values, position, largest=False)


def _at_rank(env: Env, name: str, values: Value, position: float, *, largest: bool) -> Scalar:
    numbers = numbers_of(env, name, [values])
    if isinstance(numbers, ErrorValue):
        return numbers
    index = int(position)
    if not 1 <= index <= len(numbers):
        return _out_of_range(name, position)
    return sorted(numbers, reverse=largest)[index - 1]


@function("RANK", "n r b?")
def _rank(env: Env, value: float, values: Value, ascending: bool = False) -> Scalar:
    numbers = numbers_of(env, "RANK", [values])
    if isinstance(numbers, ErrorValue):
        return numbers
    if value not in numbers:
        return ErrorValue(ErrorType.N_A, f"Function RANK did not find the value {value}.")
    return 1 + sum(number < value if ascending else number > value for number in numbers)


@function("STDEV", "r", repeat=1)
def _stdev(env: Env, *values: Value) -> Scalar:
    variance = _variance(env, "STDEV", values)
    return variance if isinstance(variance, ErrorValue) else float(variance) ** 0.5


@function("VAR", "r", repeat=1)
def _var(env: Env, *values: Value) -> Scalar:
    return _variance(env, "VAR", values)


def _variance(env: Env, name: str, values: Sequence[Value]) -> float | ErrorValue:
    numbers = numbers_of(env, name, values)
    if isinstance(numbers, ErrorValue):
        return numbers
    return statistics.variance(numbers) if len(numbers) > 1 else _no_numbers(name)
