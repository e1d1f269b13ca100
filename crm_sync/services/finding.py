"""Finds records by what people remember of them: words, how a name begins, a part of a phone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from crm_sync.core.codecs.cleaning import fold
from crm_sync.core.ids import written
from crm_sync.core.records import Record
from crm_sync.core.schema import Table
from crm_sync.services.application import Application
from crm_sync.services.around import Around, look_around
from crm_sync.services.entry import tab_of

_FEWEST_DIGITS: Final = 3
_TRUNKS: Final = ("8", "7")
"""What a Russian number begins with, in one form or the other."""

_CLIENTS_LOOKED_AT: Final = 20
_LETTER: Final = re.compile(r"[^\W\d_]")
_NOT_DIGIT: Final = re.compile(r"\D")
_ID: Final = re.compile(r"([a-zа-яё]{1,4}) ?- ?0*([0-9]{1,12})")
_LOOKALIKES: Final = str.maketrans("авекмнорстух", "abekmhopctyx")


@dataclass(frozen=True)
class Hit:
    """A record that was found."""

    table: str
    record: Record


@dataclass(frozen=True)
class Hits:
    """What was found, the best first, and the world around it. `more`: the limit left some out.
    `near` are names like what was typed, if nothing was found.
    """

    hits: tuple[Hit, ...]
    world: Around
    more: bool = False
    near: tuple[str, ...] = field(default=())


def find(
    app: Application, typed: str, tables: Sequence[str], limit: int, *, archived: bool = False
) -> Hits:
    """The records of these tables that fit what was typed: at most `limit` of them. Contacts and
    agreements are found by their client, too.
    """
    found: dict[str, tuple[str, ...]] = {}
    more = False
    for name in tables:
        table = tab_of(app, name).table
        ids = tuple(dict.fromkeys(_ids(app, table, typed, limit + 1, archived=archived)))
        more = more or len(ids) > limit
        found[name] = ids
    world = look_around(app, found)
    hits = [hit for name in tables for hit in _ranked(world, name, found[name], typed, archived)]
    near = () if hits else world.index(tables[0]).nearest(typed)
    return Hits(tuple(hits[:limit]), world, more or len(hits) > limit, near)


def _ids(
    app: Application, table: Table, typed: str, limit: int, *, archived: bool
) -> Iterator[str]:
    search = app.store.search
    yield from _named_by_id(table, typed)
    words, digits = _parted(typed)
    if digits and not words:
        for each in _spellings(digits):
            yield from search.digits(table, each, limit, archived=archived)
    yield from search.words(table, typed, limit, archived=archived)
    if digits and words:
        wanted = {
            record_id
            for each in _spellings(digits)
            for record_id in search.digits(table, each, limit * 50, archived=archived)
        }
        alike = search.words(table, words, limit * 50, archived=archived)
        yield from (record_id for record_id in alike if record_id in wanted)
    if table.name != "clients" and any(item.name == "client" for item in table.fields):
        clients = tab_of(app, "clients").table
        known = dict.fromkeys(_ids(app, clients, typed, _CLIENTS_LOOKED_AT, archived=archived))
        yield from sorted(app.store.records.referring(table, "client", known), reverse=True)


def _parted(typed: str) -> tuple[str, str]:
    """The words of what was typed, and the digits of what is none."""
    words: list[str] = []
    digits: list[str] = []
    for piece in typed.split():
        (words if _LETTER.search(piece) else digits).append(piece)
    joined = _NOT_DIGIT.sub("", "".join(digits))
    if len(joined) < _FEWEST_DIGITS:
        return typed, ""
    return " ".join(words), joined


def _spellings(digits: str) -> Iterable[str]:
    """The digits, and those without what stands before a number of the same country."""
    return (digits, digits[1:]) if digits.startswith(_TRUNKS) and len(digits) > 6 else (digits,)


def _named_by_id(table: Table, typed: str) -> Iterator[str]:
    text = fold(typed)
    shape = _ID.fullmatch(text)
    if shape:
        yield f"{shape[1].translate(_LOOKALIKES).upper()}-{shape[2].zfill(table.digits)}"
    if text.isascii() and text.isdigit() and len(text) <= table.digits:
        yield f"{table.prefix}-{text.zfill(table.digits)}"
        yield written(table, int(text))
    yield typed.strip().upper()


def _ranked(
    world: Around, name: str, ids: Sequence[str], typed: str, archived: bool
) -> Iterator[Hit]:
    """The records that are there: those called just so first, then those whose name begins so."""
    table, records = world.tables[name], world.records[name]
    wanted, named = fold(typed), set(_named_by_id(table, typed))

    def rank(record: Record) -> int:
        if record.id in named:
            return 0
        label = fold(str(record.values.get(table.label) or ""))
        return 1 if label == wanted else 2 if label.startswith(wanted) else 3

    there = [record for each in ids if (record := records.get(each)) is not None]
    shown = [record for record in there if archived or not record.archived or record.id in named]
    yield from (Hit(name, record) for record in sorted(shown, key=rank))
