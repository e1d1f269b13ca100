"""The functions of formulas, by name."""

from crm_sync.sheet_server.formula.functions import (
    arithmetic,
    arrays,
    conditional,
    dates,
    information,
    logic,
    lookup,
    statistics,
    texts,
)
from crm_sync.sheet_server.formula.functions.registry import FUNCTIONS, Function

_DECLARING = (
    arithmetic,
    arrays,
    conditional,
    dates,
    information,
    logic,
    lookup,
    statistics,
    texts,
)


def find(name: str) -> Function | None:
    """The function of this upper-case name, or None."""
    return FUNCTIONS.get(name)


def names() -> list[str]:
    """The names of all functions, in order."""
    return sorted(FUNCTIONS)


__all__ = ["Function", "find", "names"]
