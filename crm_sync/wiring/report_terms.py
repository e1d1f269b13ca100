"""Thresholds of config.toml -> terms of the reports."""

from __future__ import annotations

from decimal import Decimal

from crm_sync.config.report_terms import RfmSettings, SleepSettings
from crm_sync.reports.customers import BaseTerms
from crm_sync.reports.followup_groups import ListTerms
from crm_sync.reports.rfm import FixedScores, RfmTerms
from crm_sync.reports.sleep import SleepTerms


def list_terms(sleep: SleepSettings, rfm: RfmSettings) -> ListTerms:
    """What Follow-ups, the client base and all that counts sleepers go by."""
    return ListTerms(
        missed_after_hours=sleep.missed_call_hours,
        recall_days=sleep.recall_days,
        base=BaseTerms(_sleep(sleep), _rfm(rfm)),
    )


def _sleep(given: SleepSettings) -> SleepTerms:
    return SleepTerms(
        cooling=_exact(given.cooling),
        sleeping=_exact(given.sleeping),
        lost=_exact(given.lost),
        floor=given.least_days,
        cap=given.most_days,
        default_days=given.default_days,
        season_months=given.season_months,
    )


def _rfm(given: RfmSettings) -> RfmTerms:
    fixed = None
    if given.days:
        days, purchases = given.days, given.purchases
        money = [_exact(each) for each in given.money]
        fixed = FixedScores(
            (days[0], days[1], days[2], days[3]),
            (purchases[0], purchases[1], purchases[2], purchases[3]),
            (money[0], money[1], money[2], money[3]),
        )
    return RfmTerms(given.recent_days, given.new_days, given.few, fixed)


def _exact(number: float) -> Decimal:
    """The number as it was typed: 1.1 is 1.1."""
    return Decimal(str(number))
