"""Old national phone numbers as today's international ones."""

from __future__ import annotations

import re

import phonenumbers

_REGIONS = {
    "Argentina": "AR",
    "Australia": "AU",
    "Austria": "AT",
    "Belgium": "BE",
    "Brazil": "BR",
    "Canada": "CA",
    "Denmark": "DK",
    "Finland": "FI",
    "France": "FR",
    "Germany": "DE",
    "Ireland": "IE",
    "Italy": "IT",
    "Japan": "JP",
    "Mexico": "MX",
    "Netherlands": "NL",
    "Norway": "NO",
    "Poland": "PL",
    "Portugal": "PT",
    "Singapore": "SG",
    "Spain": "ES",
    "Sweden": "SE",
    "Switzerland": "CH",
    "UK": "GB",
    "USA": "US",
    "Venezuela": "VE",
}

# Numbering plans have changed since, and a few codes never were one: (region, old digits, new).
_RENUMBERED = (
    ("AR", r"1(\d{7})", r"114\1"),
    ("AU", r"0([23])(\d{7})", r"\g<1>9\2"),
    ("BE", r"0(71\d{6})\d{2}", r"\1"),
    ("BR", r"(11|14|21)(\d{7})", r"\g<1>3\2"),
    ("CH", r"0452(\d{6})", r"313\1"),
    ("CH", r"0897(\d{6})", r"227\1"),
    ("DE", r"010(\d{7})", r"30\1"),
    ("FI", r"90(\d{7})", r"9\1"),
    ("FR", r"(30\d{6})", r"1\1"),
    ("FR", r"(40\d{6})", r"2\1"),
    ("FR", r"((?:20|26|88|85)\d{6})", r"3\1"),
    ("FR", r"((?:38|78|91)\d{6})", r"4\1"),
    ("FR", r"(61\d{6})", r"5\1"),
    ("GB", r"171(\d{7})", r"207\1"),
    ("JP", r"06(\d{7})", r"66\1"),
    ("MX", r"5(\d{7})", r"555\1"),
    ("NL", r"12345(\d{4})", r"75612\1"),
    ("NO", r"07(\d{6})", r"33\1"),
    ("NO", r"02(\d{6})", r"67\1"),
    ("PT", r"1(\d{7})", r"21\1"),
    ("SG", r"(\d{7})", r"6\1"),
    ("US", r"100(\d{7})", r"504\1"),
    ("VE", r"2(\d{7})", r"212\1"),
    ("VE", r"5(\d{7})", r"276\1"),
    ("VE", r"8(\d{6})", r"2952\1"),
    ("VE", r"9(\d{7})", r"251\1"),
)


def international(number: str, country: str) -> str:
    """The number as E.164, as it would be dialled today. Raises ValueError if none can be made."""
    region = _REGIONS[country]
    digits = re.sub(r"\D", "", number)
    for of, old, new in _RENUMBERED:
        if of == region and re.fullmatch(old, digits):
            digits = re.sub(old, new, digits)
            break
    parsed = phonenumbers.parse(digits, region)
    if not phonenumbers.is_valid_number(parsed):
        raise ValueError(f"{number} is not a number of {country}")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
