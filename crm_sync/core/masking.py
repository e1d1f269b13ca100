"""Masks: enough of a phone number or an address to know it again, not enough to use it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from crm_sync.core.schema import Kind
from crm_sync.core.values import Scalar

MASK: Final = "***"
"""What stands in every mask; no value that can be read holds it."""

_SHOWN: Final = 2


def masked(kind: Kind, value: Scalar) -> str | None:
    """A canonical value behind a mask; None for an empty one. Lists keep their length.

    "+79123456767" becomes "+7 912 ***-**-67", "anna@romashka.ru" becomes "an***@romashka.ru", any
    other text "Пе***".
    """
    if value is None or value == "":
        return None
    if kind is Kind.PHONE:
        return _each(str(value), _phone)
    if kind is Kind.EMAIL:
        return _each(str(value), _email)
    text = str(value)
    return f"{text[:_SHOWN]}{MASK}" if len(text) > 2 * _SHOWN else MASK


def _each(value: str, mask: Callable[[str], str]) -> str:
    return "; ".join(mask(item) for item in value.split("; "))


def _phone(number: str) -> str:
    """The country and the area, and the last two digits; an extension is left out."""
    digits = number.partition("x")[0].partition(";")[0]
    if re.fullmatch(r"\+7\d{10}", digits):
        return f"+7 {digits[2:5]} {MASK}-**-{digits[-2:]}"
    return f"{digits[:3]} {MASK} {digits[-2:]}" if len(digits) > 7 else MASK


def _email(address: str) -> str:
    name, at, host = address.rpartition("@")
    shown = name[:_SHOWN] if len(name) > 2 * _SHOWN else name[:1] if len(name) > 2 else ""
    return f"{shown}{MASK}{at}{host}"
