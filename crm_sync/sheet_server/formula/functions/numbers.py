"""The numbers that a function of many arguments works on."""

from __future__ import annotations

from collections.abc import Sequence

from crm_sync.sheet_server.formatting.error_value import ErrorValue
from crm_sync.sheet_server.formula.arrays import Array, Value
from crm_sync.sheet_server.formula.environment import Env


def numbers_of(env: Env, name: str, values: Sequence[Value]) -> list[float] | ErrorValue:
    """All numbers of the arguments, or the first error.

    A range gives its numbers and drops texts and booleans; a value written as an argument must
    be a number, or it is an error. Blank arguments are dropped.
    """
    found: list[float] = []
    for position, value in enumerate(values, start=1):
        if isinstance(value, Array):
            if value.first_error is not None:
                return value.first_error
            found.extend(value.numbers)
        elif value is not None:
            number = env.number(value, name, position)
            if isinstance(number, ErrorValue):
                return number
            found.append(number)
    return found
