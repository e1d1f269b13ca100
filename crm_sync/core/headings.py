"""The form in which headings and titles are compared."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from crm_sync.core.values import Cell, cell_text

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)


def heading_key(heading: Cell) -> str:
    """The form in which two headings are compared: case, blanks, invisible characters, ё apart."""
    return _key(heading if isinstance(heading, str) else cell_text(heading))


# Each run compares the same few hundred headings again and again.
@lru_cache(maxsize=2048)
def _key(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).translate(INVISIBLE)
    return " ".join(text.split()).casefold().replace("ё", "е").rstrip(" :*.")
