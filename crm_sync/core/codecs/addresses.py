"""E-mail addresses, the domain in small letters, several joined by "; "."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email

from crm_sync.core.codecs.cleaning import bare, typed_text
from crm_sync.core.codecs.codec import CellCodec, unreadable
from crm_sync.core.values import N_, Cell, Scalar, Unreadable

_BETWEEN: Final = re.compile(r"[;,\s]+(?:/[;,\s]+)*")
# What comes along when an address is copied from a letter or a page.
_WRAPPING: Final = re.compile(r"(?:mailto:|<)*(.*?)[>.]*", re.IGNORECASE)
_LONGEST_ADDRESS: Final = 254

# RFC 5321 and 5322 without quoted local parts, which no provider gives out.
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# Two dashes may begin the spelling of a domain in other letters: those are left to the library.
_PLAIN: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?!.*--)(?:{_LABEL}\.)+[A-Za-z]{{2,63}}")
_LONGEST_LOCAL: Final = 64
_STORED: Final = re.compile(
    r"[A-Za-z0-9_-]{1,20}(?:\.[A-Za-z0-9_-]{1,20}){0,2}@(?:[a-z0-9]{1,30}\.){1,3}[a-z]{2,30}"
)
"""Of the addresses that `_PLAIN` takes those with a short name and a domain in small letters."""

# No address of a machine (192.168.0.1), no domain of one letter.
_TOP: Final = re.compile(r"(?![0-9]+\Z).{2,}")
_LATIN: Final = re.compile("[A-Za-z]")
_LOOKALIKE: Final = re.compile("[\u0370-\u052f]")  # Greek and Cyrillic

_CACHED: Final = 1 << 16
_LONGEST_CACHED: Final = 500


def read_address(typed: str) -> str | None:
    """One address with its domain in small letters, None if it is not one."""
    local, _, domain = typed.rpartition("@")
    if len(typed) > _LONGEST_ADDRESS or len(local.encode()) > _LONGEST_LOCAL:
        return None
    if _PLAIN.fullmatch(typed):
        return f"{local}@{domain.lower()}"
    if "@" in local or not _TOP.fullmatch(domain.rpartition(".")[2]) or "." not in domain:
        return None
    try:
        # Whether the domain exists is not asked: addresses are also read where no network is.
        address = validate_email(typed, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return address.normalized


def _mixes_alphabets(typed: str) -> bool:
    """True for "аnna@mail.ru" with a Russian "а": it would never arrive."""
    if typed.isascii():
        return False
    local, _, domain = typed.rpartition("@")
    if _LOOKALIKE.search(local) and not _LOOKALIKE.search(domain):
        return True
    parts = (local, *domain.split("."))
    return any(_LATIN.search(part) and _LOOKALIKE.search(part) for part in parts)


@dataclass(frozen=True)
class EmailCodec(CellCodec):
    """Addresses of one record, in the order in which they were typed, each once."""

    many: bool = False

    def parse(self, cell: Cell) -> Scalar | Unreadable:
        """As `CellCodec.parse`; most are one address just as the store keeps it."""
        if isinstance(cell, str) and _STORED.fullmatch(cell):
            return cell
        return super().parse(cell)

    def format(self, value: Scalar) -> Cell:
        """The addresses themselves."""
        return value

    def _read_text(self, text: str) -> Scalar | Unreadable:
        if _PLAIN.fullmatch(text) and (address := read_address(text)) is not None:
            return address
        if len(text) > _LONGEST_CACHED:
            return _read_list.__wrapped__(text, self.many)
        return _read_list(text, self.many)

    def _read_number(self, number: int | float) -> Scalar | Unreadable:
        return _not_an_address(number, typed_text(number))

    def _read_boolean(self, flag: bool) -> Scalar | Unreadable:
        return _not_an_address(flag, typed_text(flag))


@lru_cache(_CACHED)
def _read_list(text: str, many: bool) -> str | Unreadable:
    addresses: dict[str, str] = {}
    for item in filter(None, _BETWEEN.split(bare(text))):
        match = _WRAPPING.fullmatch(item)
        typed = match[1] if match and "@" in match[1] else item
        address = read_address(typed)
        if _mixes_alphabets(typed) or (address and _mixes_alphabets(address)):
            return unreadable(
                text,
                "V01",
                N_('"{item}" mixes Latin letters with others that look like them.'),
                N_("Type the address again with one keyboard layout."),
                item=typed_text(typed),
            )
        if address is None:
            return _not_an_address(text, typed_text(typed))
        addresses.setdefault(address.casefold(), address)
    if not addresses:
        return _not_an_address(text, typed_text(text))
    if len(addresses) > 1 and not many:
        return unreadable(
            text,
            "V01",
            N_("There are {count} addresses in the cell, and one fits."),
            N_("Leave one and move the others to the note."),
            count=str(len(addresses)),
        )
    return "; ".join(addresses.values())


def _not_an_address(cell: Cell, item: str) -> Unreadable:
    return unreadable(
        cell,
        "V01",
        N_('"{item}" is not an e-mail address.'),
        N_("Type the address alone, like {example}; part several with a semicolon."),
        item=item,
        example="anna@company.com",
    )
