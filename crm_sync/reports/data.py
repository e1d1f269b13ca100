"""Reports as data for programs: keys that stay, exact decimals as text, dates as ISO 8601 text.

What is not known is None. Nothing is rounded; a quotient has 28 digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from crm_sync.reports.campaigns import CampaignLine
from crm_sync.reports.catalogue import Findings
from crm_sync.reports.comparison import Comparison, Line
from crm_sync.reports.customers import Customer
from crm_sync.reports.followup_groups import FollowUp
from crm_sync.reports.kpi import KpiLine
from crm_sync.reports.measures import Figures, Metric
from crm_sync.reports.periods import Window
from crm_sync.reports.plans import PlanLine
from crm_sync.reports.sales import left_out
from crm_sync.reports.seasonality import Month, Number, Seasonality
from crm_sync.reports.summary import Counted, Mover

Data = dict[str, Any]


def report_data(name: str, found: Findings) -> Data:
    """The figures of a report by its name. Raises KeyError for an unknown one."""
    return _MAKERS[name](found)


def exact(value: Decimal | Fraction | int | None) -> str | None:
    """A number as text without an exponent and without needless zeros."""
    if value is None:
        return None
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / value.denominator
    text = format(Decimal(value), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _window(found: Window | None) -> Data | None:
    if found is None:
        return None
    return {"from": _day(found.start), "to": _day(found.end), "days": found.days}


def _month(found: Month) -> str:
    return f"{found.year:04}-{found.month:02}"


def _comparison(found: Findings) -> Data:
    first = found.comparisons[0]
    windows, question = first.windows, found.request.question
    return {
        "as_of": _day(first.as_of),
        "period": windows.kind.value if windows.kind else "custom",
        "basis": question.basis.value,
        "kind": question.kind or None,
        "currency": first.currency,
        "first_sale": _day(first.history.sales.first_day),
        "windows": {
            "now": _window(windows.current),
            "previous": _window(windows.previous),
            "last_year": _window(windows.last_year),
            "previous_in_full": _window(windows.whole_previous),
        },
        "left_out": {why.value: count for why, count in first.left_out.items()},
        "dimensions": [
            {
                "dimension": each.dimension.value,
                "total": _line(each, each.total),
                "lines": [_line(each, line) for line in each.lines],
            }
            for each in found.comparisons
        ],
        "restated": [
            {
                "window": _window(each.window),
                "value": each.value,
                "metric": each.metric.value,
                "was": exact(each.was),
                "now": exact(each.now),
            }
            for each in found.restated
        ],
    }


def _line(compared: Comparison, line: Line) -> Data:
    return {
        "value": line.value,
        "label": line.label,
        "left_out": line.left_out,
        "metrics": {metric.value: _metric(compared, line, metric) for metric in Metric},
    }


def _metric(compared: Comparison, line: Line, metric: Metric) -> Data:
    def value(figures: Figures | None) -> str | None:
        return exact(figures.value(metric)) if figures else None

    before = compared.against_previous(line, metric)
    year_ago = compared.against_last_year(line, metric)
    found: Data = {
        "now": value(line.now),
        "previous": value(line.previous),
        "change": exact(before.change),
        "change_share": exact(before.share),
        "flags": [flag.value for flag in before.flags],
        "last_year": value(line.last_year),
        "change_in_year": exact(year_ago.change),
        "change_in_year_share": exact(year_ago.share),
        "flags_in_year": [flag.value for flag in year_ago.flags],
        "previous_in_full": value(line.whole_previous),
        "share": exact(compared.share(line, metric)),
        "contribution": exact(compared.contribution(line, metric)),
    }
    if metric is Metric.RHYTHM:
        found["mean_now"] = exact(line.now.mean_gap)
        for name, figures in (
            ("gaps_now", line.now),
            ("gaps_previous", line.previous),
            ("gaps_last_year", line.last_year),
        ):
            found[name] = len(figures.gaps) if figures else None
    return found


def _followups(found: Findings) -> Data:
    return {
        "at": found.request.moment.replace(tzinfo=None).isoformat(" ", "minutes"),
        "employee": found.request.employee or None,
        "lines": [_followup(line) for line in found.followups],
    }


def _followup(line: FollowUp) -> Data:
    return {
        "group": line.group.value,
        "priority": line.priority,
        "days_overdue": line.overdue_days,
        "at": line.at or None,
        "client": line.client,
        "name": line.client_name,
        "phone": line.phone or None,
        "source": line.source.value if line.source else None,
        "record": line.record or None,
        "what": line.what or None,
        "agreement": line.agreement or None,
        "amount": exact(line.amount),
        "currency": line.currency or None,
        "last_contact_at": line.last_contact_at or None,
        "last_outcome": line.last_outcome or None,
        "employee": line.owner_id or None,
        "branch": line.branch or None,
        "days": line.days,
        "usual_days": exact(line.usual),
    }


def _seasonality(found: Findings) -> Data:
    return {
        "as_of": _day(found.request.today),
        "currency": found.book.base_currency,
        "metrics": [_season(each) for each in found.seasons],
    }


def _season(each: Seasonality) -> Data:
    def by_month(numbers: Mapping[Month, Number]) -> dict[str, str | None]:
        return {_month(month): exact(number.value) for month, number in sorted(numbers.items())}

    def by_number(numbers: Mapping[int, Number]) -> dict[str, str | None]:
        return {str(month): exact(number.value) for month, number in sorted(numbers.items())}

    return {
        "metric": each.metric.value,
        "quality": each.quality.value,
        "values": by_month(each.values),
        "indexes": by_month(each.indexes),
        "norms": by_number(each.norms),
        "current": by_number(each.current),
        "changes": by_number(each.changes),
    }


def _plans(found: Findings) -> Data:
    return {
        "as_of": _day(found.request.today),
        "currency": found.book.base_currency,
        "lines": [_plan(line) for line in found.plans],
        "unusable_rows": [each.row for each in found.lists.faults],
    }


def _plan(line: PlanLine) -> Data:
    return {
        "period": _window(line.window),
        "scope": line.subject.scope.value,
        "id": line.subject.id or None,
        "metric": line.indicator.value,
        "plan": exact(line.plan),
        "has_rate": line.has_rate,
        "fact": exact(line.fact.value),
        "share": exact(line.share),
        "deviation": exact(line.deviation),
        "elapsed": exact(line.elapsed),
        "expected": exact(line.expected),
        "run_rate": exact(line.run_rate),
        "weighted": exact(line.weighted.value) if line.weighted else None,
        "forecast": exact(line.forecast),
        "per_day": exact(line.per_day),
        "light": line.light.value if line.light else None,
    }


def _kpi(found: Findings) -> Data:
    return {
        "as_of": _day(found.request.today),
        "currency": found.book.base_currency,
        "lines": [_kpi_line(line) for line in found.kpi],
        "unusable_rows": [each.row for each in found.lists.faults],
    }


def _kpi_line(line: KpiLine) -> Data:
    return {
        "month": _month(line.month),
        "scope": line.subject.scope.value,
        "id": line.subject.id,
        "name": line.name,
        "plan": exact(line.plan),
        "facts": {name.value: exact(fact.value) for name, fact in line.facts.items()},
        "parts": [
            {
                "metric": part.rule.indicator.value,
                "weight": exact(part.rule.weight),
                "plan": exact(part.plan),
                "fact": exact(part.fact.value),
                "reached": exact(part.reached),
            }
            for part in line.parts
        ],
        "kpi": exact(line.kpi),
        "flags": [flag.value for flag in line.flags],
        "bonus": exact(line.bonus),
        "correction": exact(line.correction),
        "payable": exact(line.payable),
        "frozen": line.is_frozen,
    }


def _customers(found: Findings) -> Data:
    base = found.base
    return {
        "as_of": _day(base.as_of),
        "currency": base.currency,
        "never_bought": base.never_bought,
        "customers": [_customer(each) for each in base.customers],
    }


def _customer(each: Customer) -> Data:
    bought, scores = each.purchases, each.scores
    return {
        "client": each.client.id,
        "name": each.client.name,
        "last": _day(each.last),
        "days": each.days,
        "purchases_365": bought.recent_count if bought else None,
        "sum_365": exact(bought.recent_sum) if bought else None,
        "purchases_all": bought.count if bought else None,
        "sum_all": exact(bought.sum) if bought else None,
        "rhythm": exact(each.rhythm),
        "cooling_after": exact(each.limits.cooling),
        "sleeping_after": exact(each.limits.sleeping),
        "lost_after": exact(each.limits.lost),
        "r": scores.recency if scores else None,
        "f": scores.frequency if scores else None,
        "m": scores.money if scores else None,
        "segment": each.segment.value,
        "state": each.state.value,
        "silent": each.silent.value,
        "seasonal": each.seasonal,
        "last_contact_at": each.last_contact_at or None,
    }


def _campaigns(found: Findings) -> Data:
    return {
        "as_of": _day(found.request.today),
        "currency": found.book.base_currency,
        "lines": [_campaign(line) for line in found.campaigns],
    }


def _campaign(line: CampaignLine) -> Data:
    campaign, figures = line.campaign, line.figures
    return {
        "value": None if line.is_total else (campaign.id if campaign else line.name),
        "total": line.is_total,
        "name": line.name,
        "stage": line.stage.value if line.stage else None,
        "budget": exact(line.budget),
        **{metric.value: exact(figures.value(metric)) for metric in Metric},
        "planned_count": campaign.plan_count if campaign else None,
        "planned_sum": exact(campaign.plan_sum) if campaign else None,
        "of_plan": exact(line.of_plan),
        "reactivated": exact(line.reactivated.value),
        "contacts": exact(line.contacts.value),
        "return": exact(line.profit),
    }


def _summary(found: Findings) -> Data:
    made = found.summary
    return {
        "as_of": _day(made.as_of),
        "currency": found.book.base_currency,
        "months": [_of_months(each) for each in made.months],
        "year": _of_months(made.year),
        "month": _plan(made.month),
        "days": [
            {"day": _day(each.day), "sum": exact(each.sum), "plan": exact(each.plan)}
            for each in made.days
        ],
        "rising": [_mover(each) for each in made.rising],
        "falling": [_mover(each) for each in made.falling],
        "lost": [_counted(each) for each in made.lost],
        "open": [_counted(each) for each in made.funnel],
    }


def _of_months(each: Comparison) -> Data:
    windows = each.windows
    return {
        "window": _window(windows.current),
        "last_year": _window(windows.last_year),
        "left_out": {
            why.value: count
            for why, count in left_out(each.history.sales.omissions, windows.current).items()
        },
        "metrics": {metric.value: _metric(each, each.total, metric) for metric in Metric},
    }


def _mover(each: Mover) -> Data:
    return {
        "client": each.client,
        "name": each.name,
        "now": exact(each.now),
        "before": exact(each.before),
        "change": exact(each.change),
    }


def _counted(each: Counted) -> Data:
    return {
        "value": each.key,
        "count": exact(each.count.value),
        "sum": exact(each.worth.value),
    }


_MAKERS: Final[Mapping[str, Callable[[Findings], Data]]] = {
    "followups": _followups,
    "summary": _summary,
    "comparison": _comparison,
    "seasonality": _seasonality,
    "plans": _plans,
    "kpi": _kpi,
    "customers": _customers,
    "campaigns": _campaigns,
}
