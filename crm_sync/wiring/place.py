"""Where this computer stands: what a new configuration is probably to say."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

_ANYWHERE: Final = "Etc/UTC"
_LINK: Final = Path("/etc/localtime")
_FILE: Final = Path("/etc/timezone")


@dataclass(frozen=True)
class Place:
    """A time zone, the country in which it lies, and that country's currency ("" if not known)."""

    timezone: str
    country: str
    currency: str


def this_place() -> Place:
    """The place that the system's time zone tells of."""
    return place_of(_system_zone())


def place_of(timezone: str) -> Place:
    """What follows from a time zone."""
    from babel.core import get_global
    from babel.numbers import get_territory_currencies

    country = str(get_global("zone_territories").get(timezone, ""))
    # UTC and its like lie in the territory "ZZ", or in none.
    if len(country) != 2 or country == "ZZ":
        return Place(timezone, "", "")
    currencies = get_territory_currencies(country)
    return Place(timezone, country, str(currencies[-1]) if currencies else "")


def _system_zone() -> str:
    zones = (files("tzdata") / "zones").read_text(encoding="utf-8").split()
    for name in (os.environ.get("TZ", "").removeprefix(":"), _linked(), _written()):
        if name in zones:
            return name
    return _ANYWHERE


def _linked() -> str:
    try:
        return str(_LINK.resolve()).partition("zoneinfo/")[2]
    except OSError:
        return ""


def _written() -> str:
    try:
        return _FILE.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
