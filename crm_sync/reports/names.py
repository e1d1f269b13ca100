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


def tab_of(report: str) -> str:
    """The name of a report's tab among a workbook's sheets. No table may have the same: the tab in
    which staff keep their campaigns is not that of the campaigns' results.
    """
    return _TABS.get(report, report)


_TABS: Final = {"campaigns": "campaign_results"}
