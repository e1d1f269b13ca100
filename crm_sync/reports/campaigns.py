"""Offers and campaigns: what they cost, what was sold under them, what came back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from crm_sync.core.charts import Chart, ChartKind, Series, column_range
from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.activity import Activity, Fact, Indicator, Scope, Subject
from crm_sync.reports.cells import Say, Show
from crm_sync.reports.currency import NO_RATES, Rates
from crm_sync.reports.entries import Campaign
from crm_sync.reports.explain import FigureTrace, Given, Rule, Worked
from crm_sync.reports.measures import NO_FIGURES, Figures, Metric
from crm_sync.reports.periods import Window
from crm_sync.reports.report import Entry, Page, Report, Traced
from crm_sync.reports.sales import Dimension

_EVER = date(1, 1, 1)


class Stage(StrEnum):
    """Where a campaign stands on the day of the report."""

    PLANNED = "planned"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True)
class CampaignLine:
    """A row: a campaign, all sales without one (`campaign` is None and `is_total` is not set), or
    the total. `budget` is in base currency, None without one or without a rate.
    """

    campaign: Campaign | None
    name: str
    budget: Decimal | None
    figures: Figures
    contacts: Fact
    reactivated: Fact
    stage: Stage | None = None
    is_total: bool = False

    @property
    def profit(self) -> Decimal | None:
        """(sum - budget) / budget, None without a budget."""
        return (self.figures.sum - self.budget) / self.budget if self.budget else None

    @property
    def of_plan(self) -> Decimal | None:
        """Sum / planned sum, None without a plan."""
        planned = self.campaign.plan_sum if self.campaign else None
        return self.figures.sum / planned if planned else None


def campaign_lines(activity: Activity, rates: Rates = NO_RATES) -> tuple[CampaignLine, ...]:
    """The total, then every campaign that is not archived or has sales, the latest first, then what
    was sold without one. Counts and sums of the rows add up to the total. Sales count by the
    campaign that they name, on whatever day.
    """
    history = activity.history
    ever = Window(_EVER, history.as_of)
    by_campaign = history.figures_by(ever, Dimension.CAMPAIGN)
    campaigns = activity.book.campaigns
    listed = [each for each in campaigns.values() if not each.archived or each.id in by_campaign]
    listed.sort(key=lambda each: each.id)
    listed.sort(key=lambda each: each.start or date.min, reverse=True)

    def line(key: str, campaign: Campaign | None) -> CampaignLine:
        subject = Subject(Scope.CAMPAIGN, key)
        return CampaignLine(
            campaign=campaign,
            name=campaign.name if campaign else key,
            budget=_budget(campaign, activity, rates) if campaign else None,
            figures=by_campaign.get(key, NO_FIGURES),
            contacts=activity.fact(Indicator.CONTACTS, ever, subject),
            reactivated=activity.fact(Indicator.REACTIVATED, ever, subject),
            stage=_stage(campaign, history.as_of) if campaign else None,
        )

    lines = [line(each.id, each) for each in listed]
    unknown = sorted(key for key in by_campaign if key and key not in campaigns)
    lines += [line(key, None) for key in unknown]
    if "" in by_campaign:
        lines.append(line("", None))
    budgets = [each.budget for each in lines if each.budget is not None]
    total = CampaignLine(
        campaign=None,
        name="",
        budget=sum(budgets, Decimal(0)) if budgets else None,
        figures=history.figures(ever),
        contacts=activity.fact(Indicator.CONTACTS, ever),
        reactivated=activity.fact(Indicator.REACTIVATED, ever),
        is_total=True,
    )
    return (total, *lines)


def _budget(campaign: Campaign, activity: Activity, rates: Rates) -> Decimal | None:
    if campaign.budget is None or campaign.currency == activity.book.base_currency:
        return campaign.budget
    day = min(campaign.start or activity.history.as_of, activity.history.as_of)
    rate = rates.on(campaign.currency, day)
    return None if rate is None else campaign.budget * rate


def _stage(campaign: Campaign, as_of: date) -> Stage | None:
    if campaign.start is None and campaign.end is None:
        return None
    if campaign.start is not None and as_of < campaign.start:
        return Stage.PLANNED
    return Stage.OVER if campaign.end is not None and as_of > campaign.end else Stage.RUNNING


_STAGES = {
    Stage.PLANNED: N_("to come"),
    Stage.RUNNING: N_("running"),
    Stage.OVER: N_("over"),
}
_COLUMNS = (
    (N_("Offer or campaign"), 200),
    (N_("Type"), 110),
    (N_("From"), 90),
    (N_("To"), 90),
    (N_("Stage"), 90),
    (N_("Budget"), 100),
    (N_("Sales"), 80),
    (N_("Planned sales"), 80),
    (N_("Sum"), 110),
    (N_("Planned sum"), 110),
    (N_("Sum of plan, %"), 90),
    (N_("Average sale"), 100),
    (N_("Buyers"), 100),
    (N_("New buyers"), 100),
    (N_("Customers woken"), 90),
    (N_("Contacts held"), 90),
    (N_("Return on budget"), 100),
)


def campaigns_report(
    lines: tuple[CampaignLine, ...], activity: Activity, say: Say, show: Show = cells.as_kept
) -> Report:
    """A row for each line, the total first; with a chart of sums and budgets."""
    page = Page()
    page.add(*(cells.header(say(name)) for name, _ in _COLUMNS))
    for line in lines:
        page.add(*_row(line, activity, say, show))
    if len(lines) > 1:
        title = say(N_("Sums and budgets of campaigns"))
        names, last = column_range(2, page.row - 1, 0), page.row - 1
        series = (
            Series(say(N_("Sum")), column_range(2, last, 8)),
            Series(say(N_("Budget")), column_range(2, last, 5)),
        )
        page.charts.append(Chart(ChartKind.BAR, title, names, series, 1, len(_COLUMNS)))
    return page.report(tuple(width for _, width in _COLUMNS))


def _row(line: CampaignLine, activity: Activity, say: Say, show: Show) -> Iterator[Entry]:
    campaign, figures = line.campaign, line.figures

    def figure(metric: Metric) -> FigureTrace:
        window = Window(_EVER, activity.history.as_of)
        dimension = None if line.is_total else Dimension.CAMPAIGN
        key = campaign.id if campaign else line.name
        return FigureTrace(activity.history, window, metric, dimension, key)

    def traced(metric: Metric, *, money: bool = False) -> Entry:
        value = figures.value(metric)
        shown = cells.money(value) if money else cells.number(value)
        return shown if value is None else Traced(shown, figure(metric))

    name = line.name or say(N_("Total") if line.is_total else N_("(not specified)"))
    yield cells.total(name) if line.is_total else cells.text(name)
    kind = show("campaigns", "type", campaign.type) if campaign and campaign.type else None
    yield cells.text(str(kind or ""))
    yield cells.day(campaign.start if campaign else None)
    yield cells.day(campaign.end if campaign else None)
    yield cells.text(say(_STAGES[line.stage]) if line.stage else "")
    yield cells.money(line.budget)
    yield traced(Metric.COUNT)
    yield cells.integer(campaign.plan_count if campaign else None)
    yield traced(Metric.SUM, money=True)
    yield cells.money(campaign.plan_sum if campaign else None)
    planned = Given("plan", campaign.plan_sum if campaign else None)
    of_plan = Worked("share", Rule.RATIO, (figure(Metric.SUM), planned))
    shown = cells.percent(line.of_plan)
    yield shown if line.of_plan is None else Traced(shown, of_plan)
    yield traced(Metric.AVERAGE, money=True)
    yield traced(Metric.BUYERS)
    yield traced(Metric.NEW)
    yield Traced(cells.number(line.reactivated.value), line.reactivated.trace)
    yield Traced(cells.number(line.contacts.value), line.contacts.trace)
    back = Worked("return", Rule.GROWTH, (figure(Metric.SUM), Given("budget", line.budget)))
    shown = cells.percent(line.profit)
    yield shown if line.profit is None else Traced(shown, back)
