"""Field masks of requests: `a,b.c`, `a/b`, `a(b,c)`, `*`; read as a tree and applied."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from crm_sync.sheet_server import schema
from crm_sync.sheet_server.api_error import invalid

# Field name -> mask below it; an empty one means the whole field.
Mask = dict[str, Any]


@lru_cache(maxsize=2048)
def parse_mask(text: str, message: str) -> Mask:
    """The mask as a tree, with JSON names; for `*` every field of the message.

    Raises ApiError 400 for an empty mask and for a field that the message has not.
    """
    if not text.strip():
        raise invalid(
            "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
        )
    position, tree = _parse_list(text, 0)
    if position != len(text):
        raise _bad(text)
    return _resolved(tree, message, text)


def _bad(text: str) -> Exception:
    return invalid(f"Invalid field mask: {text}")


def _parse_list(text: str, position: int) -> tuple[int, Mask]:
    tree: Mask = {}
    while True:
        position = _parse_path(text, position, tree)
        if position < len(text) and text[position] == ",":
            position += 1
            continue
        return position, tree


def _parse_path(text: str, position: int, tree: Mask) -> int:
    below = tree
    whole = False
    while True:
        start = position
        while position < len(text) and text[position] not in ",./()":
            position += 1
        name = text[start:position].strip()
        if not name:
            raise _bad(text)
        whole = whole or (name in below and not below[name])
        below = below.setdefault(name, {})
        if position < len(text) and text[position] in "./":
            position += 1
            continue
        if position < len(text) and text[position] == "(":
            position, inner = _parse_list(text, position + 1)
            if position >= len(text) or text[position] != ")":
                raise _bad(text)
            below.update(inner)
            return position + 1
        below.clear()
        return position


def _resolved(tree: Mask, message: str, text: str) -> Mask:
    names = schema.field_names(message)
    if "*" in tree:
        return {name: {} for name in sorted(names)}
    resolved: Mask = {}
    for name, below in tree.items():
        found = name if name in names else _camel(name)
        if found not in names:
            raise invalid(f"Invalid field: {_snake_path(name)}")
        if below and "*" not in below:
            inner = schema.field_type(message, found).lstrip("[{")
            if not schema.field_names(inner):
                raise _bad(text)
            resolved[found] = _resolved(below, inner, text)
        else:
            resolved[found] = {}
    return resolved


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _snake_path(name: str) -> str:
    return schema.snake(name)


def apply_mask(target: dict[str, Any], source: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """The target with the masked fields of the source; those that the source lacks are gone."""
    result = dict(target)
    for name, below in mask.items():
        if not below:
            if name in source:
                result[name] = source[name]
            else:
                result.pop(name, None)
            continue
        inner = apply_mask(result.get(name) or {}, source.get(name) or {}, below)
        if inner or name in source:
            result[name] = inner
        else:
            result.pop(name, None)
    return result
