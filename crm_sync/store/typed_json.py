"""Scalars and cells as JSON that keeps their types: 1, 1.0, "1" and true stay four values."""

from __future__ import annotations

import json
from typing import Any

import orjson


def to_json(value: object) -> str:
    """The value as JSON text. A lone half of a surrogate pair and a whole number of any size are
    kept too.
    """
    try:
        return orjson.dumps(value, default=dict).decode()
    except TypeError:
        # orjson refuses half surrogates and numbers beyond 64 bits; both come out of real sheets.
        return json.dumps(value, default=dict, separators=(",", ":"))


def from_json(text: str) -> Any:
    """What `to_json` was given, with dicts for mappings and lists for sequences."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text, strict=False)
