"""The chain of hashes over history, exports and erasures, in the store's file."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from crm_sync.core.chain import (
    ALTERED,
    BROKEN,
    INSERTED,
    MISSING,
    SALT_SIZE,
    ChainCheck,
    Fault,
    canonical,
    canonicals,
    first_link,
    leaf,
    link,
)
from crm_sync.store.connection import Connection
from crm_sync.store.typed_json import from_json

_AT_ONCE = 256


@dataclass(frozen=True)
class _Kind:
    """What is sealed: entries of a table, in order of a key; all these columns count."""

    name: str
    table: str
    columns: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.columns[0]

    @property
    def moment(self) -> int:
        """The place of the time among the columns."""
        return self.columns.index("at")

    @property
    def bytes(self) -> str:
        """The columns as the bytes that stand in the file: text that is no UTF-8 counts, too."""
        return ", ".join(f'CAST({self.name}."{name}" AS BLOB)' for name in self.columns)


_HISTORY = _Kind(
    "history",
    "history",
    ("seq", "table_name", "record_id", "version", "op", "changes", "at", "source", "by", "run"),
)
_KINDS = (
    _HISTORY,
    _Kind("export", "exports", ("number", "at", "by", "what", "target", "records", "digest")),
    _Kind("erasure", "erasures", ("number", "at", "by", "records", "entries", "counts")),
)


class SqliteChain:
    """A `ports.Chain`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def seal(self) -> None:
        """Seals what was written down since the last link: one call at the end of a transaction.
        What another program wrote is sealed with it.
        """
        last = _last(self._connection)
        # An erasure has made some seals already.
        digests: list[bytes] = [
            digest
            for (digest,) in self._connection.rows(
                "SELECT digest FROM seals WHERE number > ? ORDER BY number", (last.seal,)
            )
        ]
        number = self._newest()
        reached = []
        for kind in _KINDS:
            number, key = self._seal_kind(kind, last.keys[kind.name], number, digests)
            reached.append(key)
        if number == last.seal:
            return
        hashed = link(last.hash, digests)
        self._connection.run(
            "INSERT INTO chain (at, last_seal, last_history, last_export, last_erasure, hash)"
            " VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?, ?, ?, ?, ?)",
            (number, *reached, hashed),
        )

    def seal_again(self, keys: Iterable[int]) -> None:
        """Takes the salts of these entries of history away, and gives those that are still there
        new seals for what they hold now: call it in the transaction of an erasure.
        """
        known = list(keys)
        self._connection.run_many(
            "UPDATE seals SET salt = NULL WHERE kind = ? AND key = ?",
            ((_HISTORY.name, key) for key in known),
        )
        number = self._newest()
        for key in known:
            for _, content in self._contents(_HISTORY, f"= {int(key)}"):
                number += 1
                salt = secrets.token_bytes(SALT_SIZE)
                self._connection.run(
                    "INSERT INTO seals (number, kind, key, salt, digest) VALUES (?, ?, ?, ?, ?)",
                    (number, _HISTORY.name, key, salt, leaf(salt, content)),
                )

    def links(self, head: str) -> tuple[str, ...]:
        """The times of the links whose hash begins so: none if the chain never had it."""
        rows = self._connection.rows(
            "SELECT at FROM chain WHERE instr(lower(hex(hash)), ?) = 1 ORDER BY number",
            (head.lower(),),
        )
        return tuple(at for (at,) in rows)

    def check(self) -> ChainCheck:
        """Goes along the whole chain to where it breaks first; changes nothing."""
        walk = _Walk(self._connection)
        fault = next(walk.faults(), None)
        last = _last(self._connection)
        unsealed = sum(
            self._connection.value(
                f"SELECT count(*) FROM {kind.table} WHERE {kind.key} > ?", (last.keys[kind.name],)
            )
            for kind in _KINDS
        )
        return ChainCheck(walk.entries, walk.erased, unsealed, last.hash.hex(), fault)

    def _seal_kind(
        self, kind: _Kind, last: int, number: int, digests: list[bytes]
    ) -> tuple[int, int]:
        """Seals the new entries of one kind, adding to the `digests`: the last seal's number, the
        last entry's key.
        """
        reached = (number, last)

        def rows() -> Iterator[tuple[int, str, int, bytes, bytes]]:
            nonlocal reached
            contents = self._contents(kind, f"> {last}")
            numbered = enumerate(contents, start=number + 1)
            for salt, (place, (key, content)) in zip(_salts(), numbered, strict=False):
                reached = (place, key)
                digest = leaf(salt, content)
                digests.append(digest)
                yield place, kind.name, key, salt, digest

        self._connection.insert(
            "INSERT INTO seals (number, kind, key, salt, digest)", "(?, ?, ?, ?, ?)", rows()
        )
        return reached

    def _contents(self, kind: _Kind, which: str) -> Iterator[tuple[int, bytes]]:
        """The canonical bytes of entries by key, in order."""
        entries = self._connection.each(
            f"SELECT {kind.bytes} FROM {kind.table} AS {kind.name}"
            f" WHERE {kind.name}.{kind.key} {which} ORDER BY {kind.name}.{kind.key}"
        )
        while rows := list(islice(entries, _AT_ONCE)):
            for row, content in zip(rows, canonicals(rows), strict=True):
                yield int(row[0]), content

    def _newest(self) -> int:
        return int(self._connection.value("SELECT max(number) FROM seals") or 0)


def _salts() -> Iterator[bytes]:
    """New salts without end."""
    while True:
        made = secrets.token_bytes(SALT_SIZE * _AT_ONCE)
        for start in range(0, len(made), SALT_SIZE):
            yield made[start : start + SALT_SIZE]


@dataclass(frozen=True)
class _Link:
    """The last link: its hash, its last seal, and up to which entry of each kind it reaches."""

    hash: bytes
    seal: int
    keys: dict[str, int]


def _last(connection: Connection) -> _Link:
    rows = connection.rows(
        "SELECT hash, last_seal, last_history, last_export, last_erasure FROM chain"
        " ORDER BY number DESC LIMIT 1"
    )
    names = [kind.name for kind in _KINDS]
    for hashed, seal, *keys in rows:
        return _Link(hashed, seal, dict(zip(names, keys, strict=True)))
    return _Link(_beginning(connection), 0, dict.fromkeys(names, 0))


def _beginning(connection: Connection) -> bytes:
    return first_link(str(connection.value("SELECT store FROM identity")))


@dataclass(frozen=True)
class _Seal:
    number: int
    kind: _Kind
    key: int
    salt: bytes | None
    digest: bytes
    columns: list[bytes | None]

    @property
    def facts(self) -> dict[str, object]:
        at = self.columns[self.kind.moment] or b""
        return {
            "number": self.key,
            "table": self.kind.table,
            "time": at.decode("utf-8", "replace"),
        }


@dataclass
class _Walk:
    """A way along the whole chain, from its beginning."""

    connection: Connection
    entries: int = 0
    erased: int = 0
    _sealed: dict[str, set[int]] = field(default_factory=dict)

    def faults(self) -> Iterator[Fault]:
        """Where it breaks, in order."""
        rows = self.connection.rows
        excused = {
            key
            for (entries,) in rows("SELECT entries FROM erasures")
            for key in from_json(str(entries))
        }
        renewed: dict[int, int] = dict(
            rows(
                "SELECT key, max(number) FROM seals WHERE kind = ? GROUP BY key"
                " HAVING count(*) > 1",
                (_HISTORY.name,),
            )
        )
        before, start = _beginning(self.connection), 0
        for number, at, last, kept in rows(
            "SELECT number, at, last_seal, hash FROM chain ORDER BY number"
        ):
            digests = []
            for seal in self._seals(start, last):
                digests.append(seal.digest)
                if fault := self._judged(seal, excused, renewed):
                    yield fault
            before = link(before, digests)
            if before != kept:
                yield BROKEN, {"number": number, "time": at}
            start = last
        yield from self._inserted()

    def _seals(self, after: int, last: int) -> Iterator[_Seal]:
        joins = " ".join(
            f"LEFT JOIN {kind.table} AS {kind.name}"
            f" ON s.kind = '{kind.name}' AND {kind.name}.{kind.key} = s.key"
            for kind in _KINDS
        )
        columns = ", ".join(kind.bytes for kind in _KINDS)
        places, start = {}, 0
        for kind in _KINDS:
            places[kind.name] = (kind, slice(start, start + len(kind.columns)))
            start += len(kind.columns)
        for number, name, key, salt, digest, *found in self.connection.each(
            f"SELECT s.number, s.kind, s.key, s.salt, s.digest, {columns} FROM seals AS s {joins}"
            " WHERE s.number > ? AND s.number <= ? ORDER BY s.number",
            (after, last),
        ):
            kind, place = places[name]
            yield _Seal(number, kind, key, salt, digest, found[place])

    def _judged(self, seal: _Seal, excused: set[int], renewed: dict[int, int]) -> Fault | None:
        self._sealed.setdefault(seal.kind.name, set()).add(seal.key)
        self.entries += 1
        is_history = seal.kind is _HISTORY
        if seal.salt is None:
            self.erased += 1
            return None if is_history and seal.key in excused else (MISSING, seal.facts)
        if seal.columns[0] is None:
            return MISSING, seal.facts
        is_newest = not is_history or renewed.get(seal.key, seal.number) == seal.number
        if is_newest and leaf(seal.salt, canonical(seal.columns)) == seal.digest:
            return None
        return ALTERED, seal.facts

    def _inserted(self) -> Iterator[Fault]:
        """Entries before the last sealed one that were never sealed."""
        last = _last(self.connection)
        for kind in _KINDS:
            known = self._sealed.get(kind.name, set())
            for (key,) in self.connection.each(
                f"SELECT {kind.key} FROM {kind.table} WHERE {kind.key} <= ? ORDER BY {kind.key}",
                (last.keys[kind.name],),
            ):
                if key not in known:
                    yield INSERTED, {"number": key, "table": kind.table}
