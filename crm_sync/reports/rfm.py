"""RFM: how lately, how often and for how much customers buy, as scores from 1 to 5."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from crm_sync.reports.purchases import Purchases


class Segment(StrEnum):
    """What a customer is to us, by its scores; one who has not bought in a year has none."""

    CHAMPION = "champion"
    NEW = "new"
    LOYAL = "loyal"
    AT_RISK = "at_risk"
    PROMISING = "promising"
    ORDINARY = "ordinary"


class Scores(NamedTuple):
    """Recency, frequency, money: 5 is best."""

    recency: int
    frequency: int
    money: int


@dataclass(frozen=True)
class FixedScores:
    """What scores 2, 3, 4 and 5 ask for where customers are too few to be ranked: at most so many
    days since the last purchase, at least so many purchases, at least so much money.
    """

    days: tuple[int, int, int, int]
    purchases: tuple[int, int, int, int]
    money: tuple[Decimal, Decimal, Decimal, Decimal]


@dataclass(frozen=True)
class RfmTerms:
    """The company's settings. Ranked is who bought within `recent_days`, the day of the report
    included; new whose first purchase is at most `new_days` old. With fewer than `enough` ranked
    the `fixed` scores are taken, if there are any.
    """

    recent_days: int = 365
    new_days: int = 60
    enough: int = 25
    fixed: FixedScores | None = None


USUAL_RFM = RfmTerms()
"""What holds where the company has settled nothing else."""


def scores(purchases: Mapping[str, Purchases], today: int, terms: RfmTerms) -> dict[str, Scores]:
    """The scores of the ranked, by client; `today` is an ordinal.

    A score is 1 + floor(5 x share of the ranked with a strictly worse value), so that equal values
    have equal scores.
    """
    ranked = {client: each for client, each in purchases.items() if each.recent_count}
    if terms.fixed is not None and len(ranked) < terms.enough:
        fixed = terms.fixed
        return {client: _fixed(each, today, fixed) for client, each in ranked.items()}
    days = sorted(each.dates[-1] for each in ranked.values())
    counts = sorted(each.recent_count for each in ranked.values())
    sums = sorted(each.recent_sum for each in ranked.values())
    number = len(ranked)
    return {
        client: Scores(
            1 + 5 * bisect_left(days, each.dates[-1]) // number,
            1 + 5 * bisect_left(counts, each.recent_count) // number,
            1 + 5 * bisect_left(sums, each.recent_sum) // number,
        )
        for client, each in ranked.items()
    }


def segment(scored: Scores, days_since_first: int, terms: RfmTerms) -> Segment:
    """The first segment that holds."""
    recency, frequency, money = scored
    if min(recency, frequency, money) >= 4:
        return Segment.CHAMPION
    if days_since_first <= terms.new_days:
        return Segment.NEW
    if frequency >= 4:
        return Segment.LOYAL
    if recency <= 2 and frequency >= 3:
        return Segment.AT_RISK
    return Segment.PROMISING if recency >= 4 else Segment.ORDINARY


def _fixed(purchases: Purchases, today: int, fixed: FixedScores) -> Scores:
    days = today - purchases.dates[-1]
    return Scores(
        1 + sum(days <= most for most in fixed.days),
        1 + sum(purchases.recent_count >= least for least in fixed.purchases),
        1 + sum(purchases.recent_sum >= least for least in fixed.money),
    )
