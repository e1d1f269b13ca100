"""Who may open a workbook, and who of them is a stranger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

ANYONE: Final = "anyone"


@dataclass(frozen=True)
class Share:
    """One line of a file's sharing. `kind`: "user", "group", "domain" or "anyone"; `who` is an
    address, a domain, or "anyone"; `role` as Drive writes it ("reader", "writer", "owner" ...).
    """

    kind: str
    who: str
    role: str


@dataclass(frozen=True)
class Rights:
    """What our own account may do with a file. Who may not share it is not told who may open it."""

    edit: bool
    share: bool


def strangers(shares: Iterable[Share], allowed: Collection[str] | None) -> tuple[Share, ...]:
    """Those who may open the file and are not on the list.

    `anna@company.com` allows a person or a group, `@company.com` each person and group whose
    address ends so, `company.com` also the whole domain at once, `anyone` all the world. Without a
    list (None) only all the world is strange.
    """
    if allowed is None:
        return tuple(share for share in shares if share.kind == ANYONE)
    names = frozenset(entry.casefold() for entry in allowed)
    return tuple(share for share in shares if not _known(share, names))


def _known(share: Share, names: frozenset[str]) -> bool:
    who = share.who.casefold()
    if share.kind == ANYONE:
        return ANYONE in names
    if who in names:
        return True
    domain = who.rpartition("@")[2]
    return share.kind in ("user", "group") and bool({domain, f"@{domain}"} & names)
