"""Fields that no report of a workbook reads: a run that changed nothing else leaves the reports as
they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

UNREAD: Final[Mapping[str, frozenset[str]]] = {
    "clients": frozenset(
        {
            *("is_company", "contact_person", "messenger", "tax_id", "address", "city"),
            *("first_campaign", "consent_at", "note"),
        }
    ),
    "contacts": frozenset({"record_url", "duration_s"}),
    "agreements": frozenset({"unit", "quantity"}),
}
"""By table."""
