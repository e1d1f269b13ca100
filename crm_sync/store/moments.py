"""Moments as the store writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime


def utc_text(at: datetime) -> str:
    """The moment in UTC, to the millisecond: "2026-03-10T11:05:00.120Z". Text order is time order.

    The triggers write the same form. Raises ValueError for a moment without a time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a moment for the store needs a time zone")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_in_names(at: datetime) -> str:
    """The moment as it stands in names of files: "20260310T110500120Z"."""
    return re.sub(r"[-:.]", "", utc_text(at))
