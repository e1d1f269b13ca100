"""A person in texts: by name, phone, e-mail, tax id, however it is written; and the texts without
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from crm_sync.core.schema import Field, Kind, Table
from crm_sync.core.values import N_

ERASED = N_("Erased")
"""What stands in the place of a person's name."""

PERSONAL_KINDS = frozenset({Kind.TEXT, Kind.DIGITS, Kind.PHONE, Kind.EMAIL})
"""What is typed freely may name a person; a date, a choice or a reference does not."""

_WHERE = frozenset({"messenger", "address", "city"})
"""Where somebody is found: several people may share it, and it names none of them."""

ABOUT_ONE = frozenset({"contacts"})
"""Tables whose free texts, where they refer to a person, are about that person alone."""

_SEPARATORS = r"[\s().\-\u2010-\u2015\u00a0]*"
_LEAST_DIGITS = 7
_NATIONAL = 10
_SHORTEST = 5


@dataclass(frozen=True)
class Traces:
    """What a person is known by: values as the store holds or held them, by kind."""

    names: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        parts = [
            *(part for name in sorted(self.names) for part in _name_patterns(name)),
            *(_phone_pattern(phone) for phone in sorted(self.phones)),
            *(_text_pattern(text) for text in sorted(self.texts)),
        ]
        known = sorted({part for part in parts if part}, key=len, reverse=True)
        if not known:
            return None
        return re.compile(rf"(?<!\w)(?:{'|'.join(known)})(?!\w)", re.IGNORECASE)

    def named_in(self, text: str) -> bool:
        """True if the text names the person."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def without(self, text: str, instead: str) -> str:
        """The text with other words in the place of the person."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda _: instead, text)


def personal_fields(table: Table) -> tuple[Field, ...]:
    """The fields of a table that may name a person."""
    return tuple(item for item in table.stored_fields if item.kind in PERSONAL_KINDS)


def free_texts(table: Table) -> tuple[Field, ...]:
    """The fields of a table that tell about people without being their name, number or address: a
    record of somebody else who bears the same name, or lives at the same place, is left alone.
    """
    is_called = {table.label, *_WHERE} if any(item.key for item in table.fields) else {*_WHERE}
    if table.by_name.keys() >= {"name"}:
        is_called.add("name")
    return tuple(
        item
        for item in table.stored_fields
        if item.kind is Kind.TEXT and not item.key and item.name not in is_called
    )


def traces_of(table: Table, values: Iterable[tuple[str, object]]) -> Traces:
    """What values of a person's record, past and present, tell of them. Only what singles out one
    person counts: not where they live, nor what was noted about them.
    """
    names, phones, texts = set(), set(), set()
    for name, value in values:
        field = table.by_name.get(name)
        if field is None or value is None or not str(value).strip():
            continue
        for item in str(value).split("; ") if field.many else [str(value)]:
            if field.kind is Kind.PHONE:
                phones.add(item)
            elif field.kind in (Kind.EMAIL, Kind.DIGITS):
                texts.add(item)
            elif name in (table.label, "contact_person"):
                names.add(" ".join(item.split()))
    return Traces(frozenset(names), frozenset(phones), frozenset(texts))


def _name_patterns(name: str) -> Iterator[str]:
    words = [re.escape(word) for word in name.split()]
    if len(words) == 1:
        # A single short word may be anybody's.
        if len(name) >= _SHORTEST:
            yield words[0]
        return
    yield r"\s+".join(words)
    first, second, *_ = words
    yield rf"{first}\s+{second}"
    yield rf"{second}\s+{first}"
    if len(words) > 2:
        yield r"\s+".join((*words[1:], first))
    initials = r"\s*".join(rf"{re.escape(word[0])}\." for word in name.split()[1:])
    yield rf"{first}\s+{initials}"
    yield rf"{initials}\s*{first}"


def _phone_pattern(phone: str) -> str:
    digits = re.sub(r"\D", "", phone.partition("x")[0])
    if len(digits) < _LEAST_DIGITS:
        return ""
    national = digits[-_NATIONAL:]
    spread = _SEPARATORS.join(national)
    # +7 912, 8 912 and (912) are one number.
    return rf"(?:\+?\d{{1,3}}{_SEPARATORS})?\(?{spread}"


def _text_pattern(text: str) -> str:
    words = text.split()
    return r"\s+".join(re.escape(word) for word in words) if len(text) >= _SHORTEST else ""
