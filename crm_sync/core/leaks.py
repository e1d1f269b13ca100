"""Formulas that carry what stands in cells out of the workbook, to an address elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LEAK: Final = "LEAK"
"""The code of the warning that tells of one."""

_CALL = re.compile(
    r"(?<![\w.])(IMPORTXML|IMPORTDATA|IMPORTFEED|IMPORTHTML|IMAGE|HYPERLINK)\s*\(", re.IGNORECASE
)
_QUOTED = re.compile(r'"(?:[^"]|"")*"?' + r"|'(?:[^']|'')*'?")
# Possessive, for a row of quotes can be read as texts in more ways than there is time for.
_TEXT = r'"(?:[^"]|"")*+"'
_CONSTANT = re.compile(rf"(?:{_TEXT}|[&()\s])*+")
_LEADING = re.compile(rf"[(\s]*+((?:{_TEXT}[)\s]*+(?:&[(\s]*+)?)++)")
_ONE_PLACE = re.compile(
    r"(?:(?:'(?:[^']|'')*'|\w+)!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d*)?", re.IGNORECASE
)
_HOST = re.compile(r"(?:(?:[a-z][a-z0-9+.-]*:)?//)?+([^/?#\s]+)[/?#]", re.IGNORECASE)
_WITHIN = ("#", "mailto:", "tel:")
_LONGEST_ADDRESS = 2000
"""Signs of an address that are looked at: browsers take no more."""


@dataclass(frozen=True)
class Leak:
    """A function that takes cells along when it asks an address, and whose address that is: ""
    where the cells themselves make it.
    """

    function: str
    address: str


def leaks(formula: str) -> tuple[Leak, ...]:
    """What carries cells out in a formula, each once. An address without any cell in it, a link
    within the workbook, to a mailbox or a phone, and one that stands in a cell as it is, do not.
    """
    if not _CALL.search(formula):
        return ()
    found = [leak for call in _calls(formula) if (leak := _leak(call, formula)) is not None]
    return tuple(dict.fromkeys(found))


def _calls(formula: str) -> Iterator[re.Match[str]]:
    """The calls, but for what stands in texts and in names of tabs."""
    at = 0
    while at < len(formula):
        if formula[at] in "\"'":
            quoted = _QUOTED.match(formula, at)
            at = quoted.end() if quoted else at + 1
            continue
        call = _CALL.match(formula, at)
        if call:
            yield call
            at = call.end()
        else:
            at += 1


def _leak(call: re.Match[str], formula: str) -> Leak | None:
    function, address = call[1].upper(), _first_argument(formula, call.end())
    if _CONSTANT.fullmatch(address):
        return None
    leading = _LEADING.match(address)
    text = "".join(re.findall(r'"((?:[^"]|"")*)"', leading[1])).strip() if leading else ""
    if function == "HYPERLINK" and (
        text.casefold().startswith(_WITHIN) or _ONE_PLACE.fullmatch(address.strip())
    ):
        return None
    host = _HOST.match(text)
    return Leak(function, host[1] if host else "")


def _first_argument(formula: str, start: int) -> str:
    depth, at, end = 0, start, min(len(formula), start + _LONGEST_ADDRESS)
    while at < end:
        sign = formula[at]
        if sign in "\"'":
            quoted = _QUOTED.match(formula, at)
            at = quoted.end() if quoted else at + 1
            continue
        if depth == 0 and sign in ",;)":
            break
        depth += (sign in "({") - (sign in ")}")
        at += 1
    return formula[start:at]
