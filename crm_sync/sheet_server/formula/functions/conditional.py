"""SUMIF, COUNTIFS and their kin: what the rows that meet conditions add up to."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any

from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue, Scalar
from crm_sync.sheet_server.formula.arrays import Array, Value
from crm_sync.sheet_server.formula.criteria import criterion
from crm_sync.sheet_server.formula.environment import Env
from crm_sync.sheet_server.formula.functions.registry import function

Place = tuple[int, int]


def _array(value: Value) -> Array:
    return value if isinstance(value, Array) else Array([[value]])


def _matching(env: Env, name: str, conditions: Sequence[Any]) -> list[Place] | ErrorValue:
    """Row and column of all places where each range meets its condition, in order.

    `conditions` is range, criterion, range, criterion, ...
    """
    if len(conditions) % 2:
        return ErrorValue(ErrorType.N_A, f"Wrong number of arguments to {name}. Expected pairs.")
    ranges = [_array(value) for value in conditions[::2]]
    shape = (ranges[0].height, ranges[0].width)
    if any((each.height, each.width) != shape for each in ranges):
        return ErrorValue(ErrorType.VALUE, f"Array arguments to {name} are of different size.")
    places = _places(env, ranges[0], conditions[1])
    for each, wanted in zip(ranges[1:], conditions[3::2], strict=True):
        holds = criterion(wanted, env.locale, env.now.year).holds
        places = [place for place in places if holds(each.at(*place))]
    return places


def _places(env: Env, values: Array, wanted: Scalar) -> list[Place]:
    condition = criterion(wanted, env.locale, env.now.year)
    if condition.key is not None and values.width == 1:
        return [(row, 0) for row in values.positions(0).get(condition.key, ())]
    if condition.holds(None):
        return [
            (row, column)
            for row in range(values.height)
            for column in range(values.width)
            if condition.holds(values.at(row, column))
        ]
    return [
        (row, column)
        for row, line in enumerate(values.lines)
        for column, value in enumerate(line)
        if condition.holds(value)
    ]


def _numbers_at(values: Array, places: Sequence[Place]) -> list[float] | ErrorValue:
    found: list[float] = []
    for row, column in places:
        value = values.at(row, column)
        if isinstance(value, ErrorValue):
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found.append(value)
    return found


def _selected(
    env: Env, name: str, values: Value, conditions: Sequence[Any]
) -> list[float] | ErrorValue:
    places = _matching(env, name, conditions)
    if isinstance(places, ErrorValue):
        return places
    return _numbers_at(_array(values), places)


def _average(numbers: list[float], name: str) -> Scalar:
    if not numbers:
        return ErrorValue(
            ErrorType.DIVIDE_BY_ZERO,
            f"Evaluation of function {name} caused a divide by zero error.",
        )
    return statistics.fmean(numbers)


@function("COUNTIF", "r v")
def _countif(env: Env, values: Value, wanted: Scalar) -> Scalar:
    return len(_places(env, _array(values), wanted))


@function("COUNTIFS", "r v", repeat=2)
def _countifs(env: Env, *conditions: Any) -> Scalar:
    places = _matching(env, "COUNTIFS", conditions)
    return places if isinstance(places, ErrorValue) else len(places)


@function("SUMIF", "r v r?", shown=(2, 0))
def _sumif(env: Env, values: Value, wanted: Scalar, summed: Value = None) -> Scalar:
    # The summed range has its own corner, but the size of the first: cells beyond are read too.
    numbers = _numbers_at(
        _array(values if summed is None else summed), _places(env, _array(values), wanted)
    )
    return numbers if isinstance(numbers, ErrorValue) else math.fsum(numbers)


@function("SUMIFS", "r r v", repeat=2, shown=(0,))
def _sumifs(env: Env, summed: Value, *conditions: Any) -> Scalar:
    numbers = _selected(env, "SUMIFS", summed, conditions)
    return numbers if isinstance(numbers, ErrorValue) else math.fsum(numbers)


@function("AVERAGEIF", "r v r?", shown=(2, 0))
def _averageif(env: Env, values: Value, wanted: Scalar, averaged: Value = None) -> Scalar:
    numbers = _numbers_at(
        _array(values if averaged is None else averaged), _places(env, _array(values), wanted)
    )
    return numbers if isinstance(numbers, ErrorValue) else _average(numbers, "AVERAGEIF")


@function("AVERAGEIFS", "r r v", repeat=2, shown=(0,))
def _averageifs(env: Env, averaged: Value, *conditions: Any) -> Scalar:
    numbers = _selected(env, "AVERAGEIFS", averaged, conditions)
    return numbers if isinstance(numbers, ErrorValue) else _average(numbers, "AVERAGEIFS")


@function("MAXIFS", "r r v", repeat=2, shown=(0,))
def _maxifs(env: Env, values: Value, *conditions: Any) -> Scalar:
    numbers = _selected(env, "MAXIFS", values, conditions)
    return numbers if isinstance(numbers, ErrorValue) else max(numbers, default=0)


@function("MINIFS", "r r v", repeat=2, shown=(0,))
def _minifs(env: Env, values: Value, *conditions: Any) -> Scalar:
    numbers = _selected(env, "MINIFS", values, conditions)
    return numbers if isinstance(numbers, ErrorValue) else min(numbers, default=0)
