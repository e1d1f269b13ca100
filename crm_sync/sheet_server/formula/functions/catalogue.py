"""All functions by name. Each module declares its own when it is imported."""

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

DECLARING = (
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
"""The modules that declare functions; named here so that none of the imports seems unused."""


def find(name: str) -> Function | None:
    """The function of this upper-case name, or None."""
    return FUNCTIONS.get(name)


def names() -> list[str]:
    """The names of all functions, in order."""
    return sorted(FUNCTIONS)
