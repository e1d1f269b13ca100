"""Texts of formulas: which may fill other cells too, and what one read before it was copied."""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(
    r"""
    (?P<kept>
        "(?:[^"]|"")*"                      # text
      | '(?:[^']|'')*'                      # the title of a sheet
      | \[[^\]]*\]                          # a column of a table
      | [^\W\d][\w.]*(?=\()                 # the name of a function
      | (?<![\w.$])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w:$.])     # a number
    )
    | (?P<column>(?<![\w.$])\$?[A-Za-z]{1,3})(?P<fixed>\$?)(?P<row>[1-9]\d*)(?![\w.(!])
    | (?<![\w.$])(?P<top_fixed>\$?)(?P<top>[1-9]\d*):(?P<end_fixed>\$?)(?P<end>[1-9]\d*)(?![\w.])
    | [^\W\d][\w.]*                         # any other name
    """,
    re.VERBOSE,
)

# Functions that give more than one value: it stands in cells beside and below the formula's own.
_SPILLING: Final = re.compile(
    r"""
    \{ | \b(?:
        ARRAYFORMULA | ARRAY_CONSTRAIN | BYCOL | BYROW | CHOOSECOLS | CHOOSEROWS | EXPAND
      | FILTER | FLATTEN | FREQUENCY | GOOGLEFINANCE | GROWTH | HSTACK | IMPORT\w+ | INDEX
      | INDIRECT | LAMBDA | LET | LINEST | LOGEST | MAKEARRAY | MAP | MINVERSE | MMULT
      | MODE\.MULT | MUNIT | OFFSET | QUERY | RANDARRAY | REDUCE | REGEXEXTRACT | SCAN
      | SEQUENCE | SORT | SORTN | SPLIT | TOCOL | TOROW | TRANSPOSE | TREND | UNIQUE | VSTACK
      | WRAPCOLS | WRAPROWS | XLOOKUP
    )\s*\(
    """,
    re.VERBOSE | re.IGNORECASE,
)


def may_spill(formula: str) -> bool:
    """True if the formula may fill more cells than its own."""
    return _SPILLING.search(formula) is not None


def moved_back(formula: str, rows: int) -> str:
    """The formula as it read before its cell was copied `rows` rows down (up, if negative).

    References with $ stand still, all others had followed the cell. What had fallen off the sheet
    reads #REF! and stays so.
    """

    def original(token: re.Match[str]) -> str:
        if token["row"]:
            return f"{token['column']}{token['fixed']}{_shifted(token['row'], token['fixed'])}"
        if token["top"]:
            top = _shifted(token["top"], token["top_fixed"])
            end = _shifted(token["end"], token["end_fixed"])
            return f"{token['top_fixed']}{top}:{token['end_fixed']}{end}"
        return token[0]

    def _shifted(row: str, fixed: str) -> str:
        return row if fixed else str(max(int(row) - rows, 1))

    return _TOKEN.sub(original, formula) if rows else formula
