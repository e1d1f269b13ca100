"""The names of the reports, apart from what makes them."""

from __future__ import annotations

from typing import Final

REPORTS: Final = (
    "followups",
    "summary",
    "comparison",
    "seasonality",
    "plans",
    "kpi",
    "customers",
    "campaigns",
)
"""The names of all reports, in the order of their tabs."""
