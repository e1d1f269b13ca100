"""Scalars and cells as JSON that keeps their types: 1, 1.0, "1" and true stay four values."""

from __future__ import annotations

import json
from typing import Any

import orjson

# Leading white space is part of JSON; to us it says that orjson cannot give back what is inside.
_ODD = " "


def to_json(value: object) -> str:
    """The value as JSON text. A lone half of a surrogate pair and a whole number of any size are
    kept too.
    """
    try:
        return orjson.dumps(value, default=dict).decode()
    except TypeError:
        return _ODD + json.dumps(value, default=dict, separators=(",", ":"))


def from_json(text: str) -> Any:
    """What `to_json` was given, with dicts for mappings and lists for sequences."""
    return json.loads(text) if text.startswith(_ODD) else orjson.loads(text)
