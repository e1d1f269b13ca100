"""Partial responses: the `fields` parameter, parsed and applied.

Grammar (https://developers.google.com/workspace/drive/api/guides/fields-parameter): names parted
by commas, `a/b` or `a.b` for what is inside, `a(b,c)` for several of it, `*` for all.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

Mask: TypeAlias = Mapping[str, "Mask"]
"""Names to what is wanted inside them; an empty mapping wants everything."""

ALL: Mask = {}
_SEPARATORS = "./"
_STOPS = "./,()"


class MaskError(ValueError):
    """The text is not a field mask; `path` is the part that is not understood."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def parse_mask(text: str) -> Mask:
    """The mask that a text stands for; `""` and `"*"` want everything. Raises MaskError."""
    if not text.strip():
        raise MaskError(text)
    reader = _Reader(text)
    mask = reader.read_list()
    if reader.position < len(text):
        raise MaskError(text[reader.position :])
    return mask


def apply_mask(message: Any, mask: Mask) -> Any:
    """The part of a JSON message that the mask wants, members in the message's own order.

    Lists are looked through. A name that the message lacks selects nothing.
    """
    if not mask or (len(mask) == 1 and mask.get("*") == ALL):
        return message
    if isinstance(message, list):
        return [apply_mask(item, mask) for item in message]
    if not isinstance(message, dict):
        return message
    rest = mask.get("*")
    chosen: dict[str, Any] = {}
    for name, value in message.items():
        inner = mask.get(name, rest)
        if inner is not None:
            chosen[name] = apply_mask(value, inner)
    return chosen


def inside(mask: Mask | None, name: str) -> Mask | None:
    """The mask of a member: None if there is no mask, empty where all or nothing is known of it."""
    if not mask:
        return mask
    return mask.get(name, mask.get("*", ALL))


def reaches(mask: Mask, path: str) -> bool:
    """Whether the mask wants anything at `path` (`"sheets/data"`), above it or inside it."""
    here: Mask = mask
    for name in path.split("/"):
        if not here:
            return True
        inner = here.get(name, here.get("*"))
        if inner is None:
            return False
        here = inner
    return True


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def read_list(self) -> Mask:
        mask: dict[str, Mask] = {}
        while True:
            self._read_path(mask)
            if not self._take(","):
                return mask

    def _read_path(self, mask: dict[str, Mask]) -> None:
        name = self._read_name()
        inner: Mask = ALL
        if self._take("("):
            inner = self.read_list()
            if not self._take(")"):
                raise MaskError(self.text)
        elif self._take(_SEPARATORS):
            nested: dict[str, Mask] = {}
            self._read_path(nested)
            inner = nested
        mask[name] = _union(mask[name], inner) if name in mask else inner

    def _read_name(self) -> str:
        start = self.position
        while self.position < len(self.text) and self.text[self.position] not in _STOPS:
            self.position += 1
        name = self.text[start : self.position].strip()
        if not name or (name != "*" and not name.replace("_", "a").isalnum()):
            raise MaskError(self.text)
        return name

    def _take(self, choices: str) -> bool:
        while self.position < len(self.text) and self.text[self.position] == " ":
            self.position += 1
        if self.position < len(self.text) and self.text[self.position] in choices:
            self.position += 1
            return True
        return False


def _union(one: Mask, other: Mask) -> Mask:
    if not one or not other:
        return ALL
    merged = dict(one)
    for name, inner in other.items():
        merged[name] = _union(merged[name], inner) if name in merged else inner
    return merged
