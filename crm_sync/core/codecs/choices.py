"""Closed answers: yes or no, and keys of a short list that people see by their labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rapidfuzz import fuzz, process

from crm_sync.core.codecs.cleaning import fold, squeeze, typed_text
from crm_sync.core.codecs.codec import CellCodec, Stored, unreadable
from crm_sync.core.codecs.decimals import plain_number
from crm_sync.core.values import N_, Cell, Scalar, Unreadable

_YES: Final = frozenset(
    {"true", "истина", "да", "yes", "y", "1", "x", "х", "+", "✓", "✔", "☑", "✅", "v", "on", "ja"}
)
_NO: Final = frozenset({"false", "ложь", "нет", "no", "n", "0", "-", "☐", "off", "nein"})

_BETWEEN_FIRST: Final = re.compile(r"[;\n]")
_BETWEEN_NEXT: Final = re.compile(r"[,/+]|(?<=\s)(?:и|and|und)(?=\s)", re.IGNORECASE)
_SIMILAR: Final = 60
_SHORT: Final = 4
"""Letters of which a text has to have so many before it is like anything but its own beginning."""

_MOST_KNOWN: Final = 10_000


@dataclass(frozen=True)
class BooleanCodec(CellCodec):
    """Yes or no: 1 or 0 in the store, a checkbox in the sheet."""

    def format(self, value: Scalar) -> Cell:
        """TRUE or FALSE as the cell's boolean."""
        return bool(value) if isinstance(value, int) else value

    def _read_text(self, text: str) -> Scalar | Unreadable:
        word = fold(text).rstrip(".!") or fold(text)
        if word in _YES:
            return 1
        return 0 if word in _NO else _neither_yes_nor_no(text)

    def _read_number(self, number: int | float) -> Scalar | Unreadable:
        return int(number) if number in (0, 1) else _neither_yes_nor_no(number)

    def _read_boolean(self, flag: bool) -> Scalar | Unreadable:
        return int(flag)


def _neither_yes_nor_no(cell: Cell) -> Unreadable:
    return unreadable(
        cell,
        "V01",
        N_('"{typed}" is neither yes nor no.'),
        N_("Tick the box, or type TRUE or FALSE."),
    )


@dataclass(frozen=True, eq=False)
class ChoiceCodec(CellCodec):
    """Keys of a closed list; `labels` show them. With `many`, several keys in the list's order."""

    choices: tuple[str, ...]
    labels: Mapping[str, str]
    many: bool = False

    @cached_property
    def _keys(self) -> Mapping[str, str]:
        """The key that a folded text means. A label that two keys share means neither."""
        owners: dict[str, set[str]] = {}
        for key in self.choices:
            owners.setdefault(fold(self.labels.get(key, key)), set()).add(key)
        labels = {text: min(keys) for text, keys in owners.items() if len(keys) == 1 and text}
        return labels | {fold(key): key for key in self.choices}

    @cached_property
    def _squeezed(self) -> Mapping[str, str]:
        """The key that a text typed in haste means, by its letters alone, where that is one key."""
        owners: dict[str, set[str]] = {}
        for text, key in self._keys.items():
            owners.setdefault(squeeze(text), set()).add(key)
        return {text: min(keys) for text, keys in owners.items() if len(keys) == 1 and text}

    def _key(self, text: str) -> str | None:
        return self._keys.get(fold(text)) or self._squeezed.get(squeeze(text))

    @cached_property
    def _shown(self) -> Mapping[str, str]:
        """What the cell shows for a key: its label, or the key where the label would be misread."""
        shown = {}
        for key in self.choices:
            label = self.labels.get(key, key)
            parted = self.many and _BETWEEN_FIRST.search(label)
            shown[key] = label if self._keys.get(fold(label)) == key and not parted else key
        return shown

    def format(self, value: Scalar) -> Cell:
        """The label, or the labels joined by "; "."""
        if not isinstance(value, str):
            return value
        keys = value.split("; ") if self.many else [value]
        return "; ".join(self._shown.get(key, key) for key in keys)

    def normal(self, value: Stored) -> Scalar | Unreadable:
        """The canonical form of a stored choice: the key, whether key or label stands there."""
        if isinstance(value, str) and value in self._shown:
            return value
        return super().normal(value)

    def _read_text(self, text: str) -> Scalar | Unreadable:
        known = self._known.get(text)
        if known is not None:
            return known
        read = self._read_anew(text)
        if isinstance(read, str) and len(self._known) < _MOST_KNOWN:
            self._known[text] = read
        return read

    @cached_property
    def _known(self) -> dict[str, str]:
        """Texts read before, and what they mean: a column has many cells and few texts."""
        return {}

    def _read_anew(self, text: str) -> str | Unreadable:
        key = self._key(text)
        if key is not None:
            return key
        chosen: set[str] = set()
        for item in self._items(text):
            key = self._key(item)
            if key is None:
                return self._unknown(text, item)
            chosen.add(key)
        if len(chosen) > 1 and not self.many:
            return unreadable(
                text,
                "V04",
                N_('"{typed}" names several values, and one fits here.'),
                N_("Choose one of: {choices}."),
                choices=self._list(self.choices),
            )
        return "; ".join(key for key in self.choices if key in chosen) or self._unknown(text, text)

    def _read_number(self, number: int | float) -> Scalar | Unreadable:
        return self._read_text(plain_number(number))

    def _read_boolean(self, flag: bool) -> Scalar | Unreadable:
        return self._read_text("TRUE" if flag else "FALSE")

    def _items(self, text: str) -> list[str]:
        items: list[str] = []
        for item in _BETWEEN_FIRST.split(text):
            known = self._key(item) is not None
            items += [item] if known else _BETWEEN_NEXT.split(item)
        return [item.strip() for item in items if item.strip()]

    def _unknown(self, text: str, item: str) -> Unreadable:
        labels = {key: fold(self._shown[key]) for key in self.choices}
        near = _like(fold(item)[:200], labels)
        if near:
            return unreadable(
                text,
                "V04",
                N_('"{item}" is not in the list.'),
                N_("Did you mean {suggestions}?"),
                item=typed_text(item),
                suggestions=self._list(near),
            )
        return unreadable(
            text,
            "V04",
            N_('"{item}" is not in the list.'),
            N_("Choose one of: {choices}."),
            item=typed_text(item),
            choices=self._list(self.choices),
        )

    def _list(self, keys: tuple[str, ...]) -> str:
        return ", ".join(self._shown[key] for key in keys)


def _like(query: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of the labels that are most like a text, the best one first. A short text is part
    of many words: "yes" is no "person".
    """
    if len(query) < _SHORT:
        return tuple(key for key, label in labels.items() if label.startswith(query))
    near = process.extract(query, labels, scorer=fuzz.WRatio, score_cutoff=_SIMILAR, limit=3)
    return tuple(key for _, _, key in near)
