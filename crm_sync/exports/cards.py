"""Clients as vCards (RFC 2426, version 3.0: the one that every address book reads), follow-ups as
iCalendar (RFC 5545). Both by vobject, which knows how to fold and to escape.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import vobject

_HALF_HOUR = timedelta(minutes=30)
_UTC: Any = vobject.icalendar.utc  # the only one that it writes as Z


@dataclass(frozen=True)
class Card:
    """A client for an address book. `changed_at` is UTC, ISO 8601, or "". A company's `person` is
    whom to speak to. `family_first`: names are written like «Иванова Анна».
    """

    id: str
    name: str
    is_company: bool
    person: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    city: str = ""
    address: str = ""
    note: str = ""
    changed_at: str = ""
    family_first: bool = False


@dataclass(frozen=True)
class Appointment:
    """A follow-up for a calendar: at a moment, or on a whole day. `key` stays the same from one
    export to the next, so that a calendar takes it for the same.
    """

    key: str
    at: date | datetime
    summary: str
    description: str = ""


def vcards(cards: Iterable[Card]) -> bytes:
    """The cards, one after the other; the same cards give the same bytes."""
    return "".join(_card(card).serialize() for card in cards).encode("utf-8", "replace")


def calendar(appointments: Iterable[Appointment], stamp: datetime) -> bytes:
    """A calendar of these appointments. `stamp` is the moment at which it was made."""
    made = vobject.iCalendar()
    made.add("prodid").value = "-//crm-sync//EN"
    made.add("method").value = "PUBLISH"
    for item in appointments:
        event: Any = made.add("vevent")
        event.add("uid").value = f"{item.key}@crm-sync"
        event.add("dtstamp").value = stamp.astimezone(_UTC)
        event.add("dtstart").value = item.at
        if isinstance(item.at, datetime):
            event.dtstart.value = item.at.astimezone(_UTC)
            event.add("dtend").value = item.at.astimezone(_UTC) + _HALF_HOUR
        event.add("summary").value = item.summary
        if item.description:
            event.add("description").value = item.description
    return str(made.serialize()).encode("utf-8", "replace")


def _card(card: Card) -> vobject.base.Component:
    made = vobject.vCard()
    family, given = _names(card)
    made.add("n").value = vobject.vcard.Name(family=family, given=given)
    made.add("fn").value = card.name
    made.add("uid").value = f"{card.id}@crm-sync"
    if card.is_company:
        made.add("org").value = [card.name]
    for phone in card.phones:
        made.add("tel").value = phone
    for email in card.emails:
        made.add("email").value = email
    if card.city or card.address:
        made.add("adr").value = vobject.vcard.Address(street=card.address, city=card.city)
    if card.note:
        made.add("note").value = card.note
    if card.changed_at:
        made.add("rev").value = card.changed_at
    return made


def _names(card: Card) -> tuple[str, str]:
    """Family and given name: of a company those of the person to speak to."""
    name = card.person if card.is_company else card.name
    if card.family_first:
        family, _, given = name.partition(" ")
    else:
        given, _, family = name.rpartition(" ")
    return family, given
