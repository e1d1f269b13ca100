"""Which members Google's messages have: checks `fields` masks and the bodies of Drive calls.

`schema.json` and `drive_schema.json` hold names and types of every field, as the discovery
documents sheets.v4.json and drive.v3.json give them; tests compare them.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from crm_sync.sheet_server.field_mask import Mask

Messages = Mapping[str, Mapping[str, str]]

_FOLDER = Path(__file__).parent
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "time": str,
    "bool": bool,
    "int64": (str, int),
    "int32": int,
    "double": (int, float),
}


@cache
def sheets_messages() -> Messages:
    """The messages of Sheets v4: `{message: {field: type}}`."""
    return _load("schema.json")


@cache
def drive_messages() -> Messages:
    """The messages of Drive v3 that are served here."""
    return _load("drive_schema.json")


def unknown_field(mask: Mask, message: str, messages: Messages) -> str | None:
    """The path of the first field of a mask that a message does not have, or None."""
    known = messages.get(message, {})
    for name, inner in mask.items():
        if name == "*":
            types = sorted(set(known.values()))
            found = [_unknown_inside(inner, kind, messages) for kind in types]
            if inner and all(path is not None for path in found):
                return f"*.{found[0]}" if found else "*"
            continue
        if name not in known:
            return name
        path = _unknown_inside(inner, known[name], messages)
        if path is not None:
            return f"{name}.{path}"
    return None


def misfit(body: Mapping[str, Any], message: str, messages: Messages) -> str | None:
    """The path of the first member of a body that has the wrong type, or None.

    Names that the message does not have are passed over, as Drive does.
    """
    for name, kind in sorted(messages.get(message, {}).items()):
        value = body.get(name)
        if value is not None and (wrong := _wrong(value, kind, messages)) is not None:
            return name + wrong
    return None


def _unknown_inside(inner: Mask, kind: str, messages: Messages) -> str | None:
    if not inner or kind.startswith("{") or kind.endswith("any"):
        return None
    below = kind.lstrip("[")
    if below not in messages:
        return next(iter(inner))
    return unknown_field(inner, below, messages)


def _wrong(value: Any, kind: str, messages: Messages) -> str | None:
    """Where in a value its type is not met (`""`: the value itself), or None."""
    if kind.startswith("["):
        if not isinstance(value, list):
            return ""
        return next(filter(None, (_item(item, kind[1:], messages) for item in value)), None)
    if kind.startswith("{"):
        return None if isinstance(value, dict) else ""
    if kind in messages:
        if not isinstance(value, dict):
            return ""
        inner = misfit(value, kind, messages)
        return None if inner is None else f".{inner}"
    expected = _TYPES.get(kind)
    if expected is None:
        return None
    right = isinstance(value, expected) and (kind == "bool" or not isinstance(value, bool))
    return None if right else ""


def _item(item: Any, kind: str, messages: Messages) -> str | None:
    wrong = _wrong(item, kind, messages)
    return None if wrong is None else f"[]{wrong}"


def _load(name: str) -> Messages:
    messages: Messages = json.loads((_FOLDER / name).read_text(encoding="utf-8"))["messages"]
    return messages
