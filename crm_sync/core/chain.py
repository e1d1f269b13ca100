"""A chain of hashes over what was written down: no entry can be changed, taken out or put in
between without breaking it.

Each entry has a digest of its own, made with a salt: when the law wants an entry gone, its content
and its salt go, the digest stays, and the chain holds. Without the salt nobody can find out by
guessing what the digest was made of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

from crm_sync.core.values import N_

SALT_SIZE = 16

Fault = tuple[str, dict[str, object]]
"""A message template with its facts."""


@dataclass(frozen=True)
class ChainCheck:
    """What a look at the whole chain has shown: how many entries are sealed, how many of them were
    erased since, how many are not sealed yet; the `head`, in hex; and where it breaks first.
    """

    entries: int
    erased: int
    unsealed: int
    head: str
    fault: Fault | None = None


def canonical(columns: Sequence[bytes | None]) -> bytes:
    """An entry as bytes that no other entry has: each column as a netstring, or "-," for none."""
    return b"".join(_netstrings(columns))


def canonicals(entries: Sequence[Sequence[bytes | None]]) -> Iterator[bytes]:
    """The canonical bytes of each of several entries of one table. What all have in a column is
    written once.
    """
    columns = [
        repeat(_netstrings(column[:1])[0], len(column))
        if column.count(column[0]) == len(column)
        else _netstrings(column)
        for column in zip(*entries, strict=True)
    ]
    return map(b"".join, zip(*columns, strict=True))


def _netstrings(values: Sequence[bytes | None]) -> list[bytes]:
    return [b"-," if each is None else b"%d:%b," % (len(each), each) for each in values]


def leaf(salt: bytes, content: bytes) -> bytes:
    """The digest of one entry."""
    return hashlib.sha256(salt + content).digest()


def first_link(store: str) -> bytes:
    """What the chain of a store begins with."""
    return hashlib.sha256(f"crm-sync chain 1 {store}".encode()).digest()


def link(before: bytes, digests: Iterable[bytes]) -> bytes:
    """The next link: the one before it, and the digests of the entries that came since."""
    found = hashlib.sha256(before)
    for digest in digests:
        found.update(digest)
    return found.digest()


ALTERED = N_("Entry {number} of the table {table}, of {time}, is not as it was written.")
MISSING = N_("Entry {number} of the table {table} is gone, and no erasure says why.")
INSERTED = N_("Entry {number} of the table {table} was put in later.")
BROKEN = N_("Link {number} of the chain, of {time}, is not made of the entries that it seals.")
"""What a chain can have wrong."""
