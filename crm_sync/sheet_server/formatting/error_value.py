"""What a cell can hold once it is calculated: a scalar, or an error with a type and a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class ErrorType(Enum):
    """The error types of Sheets' `ErrorValue.type`; the value is what a cell shows."""

    ERROR = "#ERROR!"
    NULL_VALUE = "#NULL!"
    DIVIDE_BY_ZERO = "#DIV/0!"
    VALUE = "#VALUE!"
    REF = "#REF!"
    NAME = "#NAME?"
    NUM = "#NUM!"
    N_A = "#N/A"
    LOADING = "Loading..."


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """A formula's failure as a value: it travels through other formulas like any scalar."""

    type: ErrorType
    message: str = ""

    @property
    def text(self) -> str:
        """The text that the cell shows, such as `#DIV/0!`."""
        return self.type.value

    def as_json(self) -> dict[str, str]:
        """Sheets' ErrorValue message; an empty message is left out, as Google does for `=NA()`."""
        answer = {"type": self.type.name}
        if self.message:
            answer["message"] = self.message
        return answer


Scalar = str | float | bool | None | ErrorValue
"""One cell's calculated value; `None` is a blank cell. A whole number is an `int`."""

NumberFormat = Mapping[str, Any]
"""Sheets' NumberFormat: `{"type": "DATE", "pattern": "yyyy-mm-dd"}`; the pattern may be absent."""


def tidy_number(value: float) -> float:
    """The same number, as an `int` where it is whole and exact, so that JSON says 2 and not 2.0."""
    if isinstance(value, int):
        return value
    if value.is_integer() and -9007199254740992 <= value <= 9007199254740992:
        return int(value)
    return value
