"""Decimal numbers as plain text: no exponent, no float, never more than 15 digits."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Final

PLACES_OF_A_SHEET: Final = 15
"""Digits that a spreadsheet keeps of a number, and that a float gives back unchanged."""

# Steps between neighbouring floats by which a calculation may miss; what was typed misses by none.
_NOISE: Final = 8

_PLAIN: Final = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?")


def plain_number(number: int | float) -> str:
    """A cell's number as plain text: "48500", "48500.5", "-3", without the noise of a calculation,
    because a formula's 1234.5600000000002 is the 1234.56 that people see.
    """
    if isinstance(number, int):
        return str(int(number))
    shown = repr(number)
    if len(shown) > PLACES_OF_A_SHEET:
        rounded = format(number, f".{PLACES_OF_A_SHEET}g")
        if abs(float(rounded) - number) <= _NOISE * math.ulp(number):
            shown = rounded
    if "e" in shown:
        shown = format(Decimal(shown), "f")
    return shortest(shown) or "0"


def shortest(text: str) -> str | None:
    """The canonical form of a plain decimal, "+048.50" as "48.5"; None if it is not one."""
    match = _PLAIN.fullmatch(text)
    if match is None:
        return None
    whole = match[2].lstrip("0") or "0"
    fraction = (match[3] or "").rstrip("0")
    if whole == "0" and not fraction:
        return "0"
    sign = "-" if match[1] == "-" else ""
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole


def fraction_length(canonical: str) -> int:
    """Digits after the point of a canonical decimal."""
    return len(canonical.partition(".")[2])


def fits_a_sheet(canonical: str) -> bool:
    """True if a spreadsheet's number gives this decimal back, digit for digit."""
    digits = canonical.lstrip("-").replace(".", "").lstrip("0")
    return len(digits) <= PLACES_OF_A_SHEET
