"""What periods, dimensions, metrics and bases are called."""

from __future__ import annotations

from typing import Final

from crm_sync.core.values import N_
from crm_sync.reports.measures import Metric
from crm_sync.reports.periods import PeriodKind
from crm_sync.reports.sales import Basis, Dimension

PERIODS: Final = {
    PeriodKind.DAY: N_("day"),
    PeriodKind.WEEK: N_("week"),
    PeriodKind.MONTH: N_("month"),
    PeriodKind.QUARTER: N_("quarter"),
    PeriodKind.HALF: N_("half-year"),
    PeriodKind.YEAR: N_("year"),
    None: N_("chosen days"),
}
DIMENSIONS: Final = {
    Dimension.PRODUCT_GROUP: N_("Product group"),
    Dimension.CAMPAIGN: N_("Offer or campaign"),
    Dimension.OWNER: N_("Responsible"),
    Dimension.BRANCH: N_("Branch"),
    Dimension.KIND: N_("Kind of client"),
    Dimension.SOURCE: N_("Where they heard of us"),
}
METRICS: Final = {
    Metric.COUNT: N_("Number of sales"),
    Metric.SUM: N_("Sum of sales, {currency}"),
    Metric.AVERAGE: N_("Average sale, {currency}"),
    Metric.RHYTHM: N_("Days between purchases (median)"),
    Metric.PER_BUYER: N_("Purchases by buyer"),
    Metric.BUYERS: N_("Buyers"),
    Metric.NEW: N_("New buyers"),
}
BASES: Final = {
    Basis.FULFILLED: N_("by the day of fulfilment"),
    Basis.AGREED: N_("by the day of the agreement"),
    Basis.PAID: N_("by payment"),
}
MONTHS: Final = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
WEEKDAYS: Final = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
