"""Codes that config.toml may hold: languages, time zones, currencies, countries of phones. Each
check gives back what it was given, or raises Wrong.
"""

from __future__ import annotations

from importlib.resources import files

from crm_sync.core.values import N_
from crm_sync.messages.faults import Wrong, nearest
from crm_sync.templates import languages


def language(code: str) -> str:
    """A language that there are templates for."""
    if code not in languages():
        there_are = ", ".join(languages())
        raise Wrong(N_("“{typed}” is none of: {languages}."), typed=code, languages=there_are)
    return code


def timezone(name: str) -> str:
    """A time zone of the IANA database."""
    zones = (files("tzdata") / "zones").read_text(encoding="utf-8").split()
    if name in zones:
        return name
    meant = nearest(name, zones) or nearest(name, {zone.split("/")[-1] for zone in zones})
    known = next((zone for zone in zones if meant and zone.endswith(meant)), "Europe/Moscow")
    raise Wrong(
        N_("“{typed}” is no time zone. It is written like {example} (continent/city)."),
        typed=name,
        example=known,
    )


def currency(code: str) -> str:
    """A currency of today, by ISO 4217."""
    from babel.core import get_global

    # A currency of today has an open end in the table of some territory.
    current = {
        entry[0]
        for entries in get_global("territory_currencies").values()
        for entry in entries
        if entry[2] is None and entry[3]
    }
    if code not in current:
        raise Wrong(
            N_("“{typed}” is no currency. Its code has three capital letters, like RUB, EUR, USD."),
            typed=code,
        )
    return code


def phone_region(code: str) -> str:
    """A country, by ISO 3166, whose phone numbers are known."""
    from phonenumbers import SUPPORTED_REGIONS

    if code not in SUPPORTED_REGIONS:
        raise Wrong(
            N_("“{typed}” is no country. Its code has two capital letters, like RU, KZ, US."),
            typed=code,
        )
    return code
