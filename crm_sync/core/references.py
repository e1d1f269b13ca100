"""The records that cells may refer to, found by whatever people call them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rapidfuzz import fuzz, process

from crm_sync.core.codecs.cleaning import bare, clean, fold, squeeze
from crm_sync.core.codecs.phones import read_phone

# "Name (C-000123)" as cells show it, "Name · C-000123" as people also write it; folded.
_WITH_ID: Final = (
    re.compile(r"(?P<name>.*?) ?\( ?(?P<id>[^()]+?) ?\)"),
    re.compile(r"(?P<name>.*?) ?· ?(?P<id>[^·]+)"),
)
# An id, folded: also with Russian letters that look like its own, also without its zeros.
_ID: Final = re.compile(r"([a-zа-я]{1,4}) ?- ?0*([0-9]{1,12})")
_SHOWN: Final = re.compile(r".+ \((?P<id>[A-Z]{1,4}-[0-9]{1,12})\)")
_LOOKALIKES: Final = str.maketrans("авекмнорстух", "abekmhopctyx")
_PHONE: Final = re.compile(r"[+(]?[0-9][0-9 ().+-]{4,24}[0-9]")
_WITHOUT_LETTERS: Final = re.compile(r"[^a-zа-яё]*")
_HAS_LETTER: Final = re.compile(r"[^\W\d_]")
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")
_SIMILAR: Final = 60
_LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class Entry:
    """A record that a cell may refer to. `value` is what is stored; `label` what people call it;
    `names` are other texts that mean it: phones (E.164), e-mails, labels in other languages, keys.
    """

    value: str
    label: str
    names: tuple[str, ...] = ()
    archived: bool = False


Former = Callable[[str], Iterable[str]]


def _no_others(value: str) -> Iterable[str]:
    """Of an entry that always bore the same label."""
    return ()


Heir = Callable[[str], str | None]


def _nobody(value: str) -> str | None:
    """Of an entry that was merged into no other."""
    return None


class ReferenceIndex:
    """The entries of one table (for statuses: of one entity).

    With `show_id` cells show "Name (C-000123)"; without, the label alone where it means one entry
    only, else "Label (id)". `region` is the country of phones typed without a country code;
    `former` gives the labels that an entry bore before, by its value, `heir` the entry into which
    an archived one was merged.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        *,
        show_id: bool,
        region: str = "RU",
        former: Former = _no_others,
        heir: Heir = _nobody,
    ) -> None:
        self.show_id = show_id
        self._region = region
        self._former = former
        self._heir = heir
        self._given = entries
        self._found: dict[str, tuple[Entry, ...]] = {}
        self._shown: dict[str, str] = {}

    def __contains__(self, value: object) -> bool:
        """True for the stored value of an entry, archived or not."""
        return value in self._entries

    def find(self, text: str) -> tuple[Entry, ...]:
        """The entries that a text may mean, sorted by value: by id, "Name (id)", label or any other
        name, in any case and with any blanks. Archived ones only if there is no other.
        """
        found = self._found.get(text)
        if found is None:
            found = self._look_up(text)
            if len(text) <= _LONGEST_NAME:
                self._found[text] = found
        return found

    def shown(self, value: str) -> str | None:
        """What a cell shows for a stored value, None for an unknown one. It finds its way back:
        find(shown(value)) is the entry itself.
        """
        shown = self._shown.get(value)
        if shown is None:
            entry = self._entries.get(value)
            if entry is None:
                return None
            label = clean(entry.label)
            if self.show_id or self.find(label) != (entry,):
                label = self.shown_with_id(value)
            shown = self._shown[value] = label
        return shown

    def shown_with_id(self, value: str) -> str:
        """ "Name (id)" of a known value, for lists in which labels may repeat."""
        return _with_id(self._entries[value])

    def nearest(self, text: str, count: int = 3) -> tuple[str, ...]:
        """What cells show for the entries whose labels are most like a text, the best one first;
        none if nothing is like it. Archived entries are left out.
        """
        query = fold(text)[:_LONGEST_NAME]
        alike = process.extract(
            query, self._suggested, scorer=fuzz.WRatio, score_cutoff=_SIMILAR, limit=count * 3
        )
        values = dict.fromkeys(self._suggestions[position].value for _, _, position in alike)
        return tuple(self.shown(value) or value for value in list(values)[:count])

    def bearer(self, text: str) -> str | None:
        """What cells show for the entry whose id stands in a text beside a name, None if there is
        none.
        """
        marked = self._marked(fold(text))
        return None if marked is None else self.shown_with_id(marked[0].value)

    def heir(self, value: str) -> str | None:
        """What cells show for the entry into which this one was merged, None if into none."""
        found = self._heir(value)
        return None if found is None else self.shown_with_id(found)

    def labels(self) -> tuple[str, ...]:
        """What cells show for the entries in use, in order of their values."""
        return tuple(self.shown(entry.value) or entry.value for entry in self._suggestions)

    @cached_property
    def _entries(self) -> Mapping[str, Entry]:
        return {entry.value: entry for entry in self._given}

    # Most runs look nothing up by name: what costs a pass over all entries is made when needed.
    @cached_property
    def _by_value(self) -> Mapping[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self._entries.values():
            folded = fold(entry.value)
            for key in {folded, _id_key(folded)} - {None}:
                found.setdefault(str(key), []).append(entry)
        return found

    @cached_property
    def _by_name(self) -> Mapping[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self._entries.values():
            for name in {fold(entry.label), *map(_folded_name, entry.names)} - {""}:
                found.setdefault(name, []).append(entry)
        return found

    def _in_haste(self, key: str) -> list[Entry]:
        """Entries whose names have the same letters: «Ромашка» is found without its quotes too."""
        return self._by_letters.get(squeeze(key), []) if _HAS_LETTER.search(key) else []

    @cached_property
    def _by_letters(self) -> Mapping[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self._entries.values():
            for name in {squeeze(name) for name in (entry.label, *entry.names)}:
                found.setdefault(name, []).append(entry)
        return found

    @cached_property
    def _suggestions(self) -> tuple[Entry, ...]:
        return tuple(sorted(self._active, key=lambda entry: entry.value))

    @cached_property
    def _suggested(self) -> tuple[str, ...]:
        return tuple(fold(entry.label) for entry in self._suggestions)

    @property
    def _active(self) -> Iterable[Entry]:
        return (entry for entry in self._entries.values() if not entry.archived)

    def _look_up(self, text: str) -> tuple[Entry, ...]:
        key = fold(text)
        by_value = self._with_value(key)
        if by_value:
            return _preferred(by_value)
        named = self._named(key)
        marked = self._marked(key)
        return _preferred(named) if marked is None else self._meant(*marked, named)

    def _marked(self, key: str) -> tuple[Entry, str] | None:
        """The entry whose id a folded text holds, and the name before it."""
        for shape in _WITH_ID:
            parts = shape.fullmatch(key)
            found = self._with_value(parts["id"]) if parts else []
            if parts and len(found) == 1:
                return found[0], parts["name"]
        return None

    def _meant(self, entry: Entry, name: str, named: list[Entry]) -> tuple[Entry, ...]:
        """What "Name (id)" may mean. The id tells, if the record bears that name or bore it. Else
        someone has typed a new name over the old one and left the id standing, or mistyped the id.
        """
        if name in ("", fold(entry.label)):
            return (entry,)
        others = self._named(name)
        if entry in others:
            return _in_order([entry, *named])
        if not others and not named and not self._is_called(entry, name):
            return ()
        return _in_order([entry, *named, *others])

    def _is_called(self, entry: Entry, name: str) -> bool:
        """True for words of the name that a record bears or bore: Ромашка of ООО «Ромашка»."""
        words = _words(name)
        names = (entry.label, *self._former(entry.value))
        return bool(words) and any(words <= _words(each) for each in names)

    def _with_value(self, key: str) -> list[Entry]:
        found = self._by_value.get(key)
        if found is None and (id_key := _id_key(key)) is not None:
            found = self._by_value.get(id_key)
        return found or []

    def _named(self, key: str) -> list[Entry]:
        found = self._by_name.get(key, []) or self._in_haste(key)
        if _PHONE.fullmatch(key):
            phone = read_phone(bare(key), self._region)
            if phone is not None:
                found = [*found, *self._by_name.get(_folded_name(phone), [])]
        return found


class NearIndex(ReferenceIndex):
    """An index that looks up one entry where a cell names it by its id, as cells show it, and makes
    the `whole` one only for anything else. `entry` gives the entry of a stored value.
    """

    def __init__(
        self,
        entry: Callable[[str], Entry | None],
        whole: Callable[[], ReferenceIndex],
        *,
        show_id: bool,
    ) -> None:
        super().__init__((), show_id=show_id)
        self._entry = entry
        self._make = whole

    @cached_property
    def _whole(self) -> ReferenceIndex:
        return self._make()

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and self._entry(value) is not None

    def find(self, text: str) -> tuple[Entry, ...]:
        """As `ReferenceIndex.find`."""
        shape = _SHOWN.fullmatch(text)
        entry = self._entry(shape["id"]) if shape else None
        if entry is not None and text == _with_id(entry):
            return (entry,)
        return self._whole.find(text)

    def shown(self, value: str) -> str | None:
        """As `ReferenceIndex.shown`."""
        entry = self._entry(value)
        if entry is None:
            return None
        return _with_id(entry) if self.show_id else self._whole.shown(value)

    def shown_with_id(self, value: str) -> str:
        """As `ReferenceIndex.shown_with_id`."""
        entry = self._entry(value)
        return value if entry is None else _with_id(entry)

    def nearest(self, text: str, count: int = 3) -> tuple[str, ...]:
        """As `ReferenceIndex.nearest`."""
        return self._whole.nearest(text, count)

    def bearer(self, text: str) -> str | None:
        """As `ReferenceIndex.bearer`."""
        return self._whole.bearer(text)

    def heir(self, value: str) -> str | None:
        """As `ReferenceIndex.heir`."""
        return self._whole.heir(value)


def _with_id(entry: Entry) -> str:
    label = clean(entry.label)
    return f"{label} ({entry.value})" if label else entry.value


def _words(name: str) -> frozenset[str]:
    return frozenset(filter(None, map(squeeze, _BETWEEN_WORDS.split(fold(name)))))


def _preferred(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Those in use, or the archived ones if there is no other."""
    ordered = _in_order(entries)
    return tuple(entry for entry in ordered if not entry.archived) or ordered


def _in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries sorted by value, without repeats."""
    unique = {entry.value: entry for entry in entries}
    return tuple(unique[value] for value in sorted(unique))


def _id_key(folded: str) -> str | None:
    """The form in which "C-000123", "с-123" and "C - 000123" are one id; None for no id."""
    match = _ID.fullmatch(folded)
    return f"{match[1].translate(_LOOKALIKES)}-{match[2]}" if match else None


def _folded_name(name: str) -> str:
    """A name as it is looked up; a phone loses its extension, by which nobody is named."""
    folded = fold(name)
    return folded.partition("x")[0] if folded.startswith("+") else folded
