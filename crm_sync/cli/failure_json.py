"""The shape of an error as `--json` prints it, apart from all others: every command may fail."""

from __future__ import annotations


def error_json(code: str, message: str, hint: str) -> dict[str, str]:
    """What went wrong, in the reader's language; `code` stays the same in all of them."""
    return {"code": code, "message": message, "hint": hint}
