"""The functions of formulas: see `find`."""

from crm_sync.sheet_server.formula.functions.catalogue import find, names
from crm_sync.sheet_server.formula.functions.registry import Function

__all__ = ["Function", "find", "names"]
