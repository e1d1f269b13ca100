"""Every report by its name: from the records and a day to what its tab, file or answer shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import cached_property
from typing import Final

from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.activity import Activity
from crm_sync.reports.book import Book
from crm_sync.reports.campaigns import CampaignLine, campaign_lines, campaigns_report
from crm_sync.reports.cells import Say, Show
from crm_sync.reports.company_lists import CompanyLists, company_lists
from crm_sync.reports.comparison import Comparison, compare
from crm_sync.reports.comparison_grid import Layout, comparison_report
from crm_sync.reports.customers import ClientBase, client_base
from crm_sync.reports.customers_grid import customers_report
from crm_sync.reports.discipline import Quality, no_quality
from crm_sync.reports.followup_groups import USUAL_LIST, FollowUp, ListTerms
from crm_sync.reports.followups import followups, of_employee
from crm_sync.reports.followups_behind import behind_list
from crm_sync.reports.followups_grid import followups_grid
from crm_sync.reports.history import History
from crm_sync.reports.hours import hours
from crm_sync.reports.intake import sales_of
from crm_sync.reports.kpi import KpiLine, KpiTerms, kpi_lines
from crm_sync.reports.kpi_grid import kpi_report
from crm_sync.reports.measures import Metric
from crm_sync.reports.parameters import Asked, Question, windows_of
from crm_sync.reports.periods import Window, Windows
from crm_sync.reports.plans import Plan, PlanLine, PlanTerms, plan_lines, plan_mismatches
from crm_sync.reports.plans_grid import plans_report
from crm_sync.reports.report import Report
from crm_sync.reports.restated import Restated, restated
from crm_sync.reports.sales import Basis, Sales
from crm_sync.reports.seasonality import Month, Seasonality, seasonality
from crm_sync.reports.seasonality_grid import seasonality_report
from crm_sync.reports.summary import Summary, summary
from crm_sync.reports.summary_grid import Beside, Tabs, summary_report

_MONTHS_OF_KPI: Final = 3
_YEAR: Final = 365
USUAL: Final = Question()


@dataclass(frozen=True)
class Beyond:
    """What the records do not tell: zones of branches, the local day of the last change of status
    by table and id, problems by employee, the records as they stood at the end of the day
    `since`.
    """

    zones: Mapping[str, tzinfo] = field(default_factory=dict)
    status_since: Mapping[tuple[str, str], date] = field(default_factory=dict)
    quality: Callable[[], Quality] = no_quality
    earlier: Book | None = None
    since: date | None = None


@dataclass(frozen=True)
class Request:
    """What is asked. `now` is the company's local time with its zone; `as_of` the last day that
    counts, None for the usual: today, in the comparison yesterday. With an `employee` the
    follow-ups are theirs alone. `months` of KPI end with the one of the day. `first_month` begins
    the year; `terms` are the company's thresholds.
    """

    now: datetime
    as_of: date | None = None
    question: Question = USUAL
    employee: str = ""
    months: int = _MONTHS_OF_KPI
    first_month: int = 1
    terms: ListTerms = USUAL_LIST

    @property
    def today(self) -> date:
        """The last day that counts."""
        return self.as_of or self.now.date()

    @property
    def moment(self) -> datetime:
        """The present moment, or the end of another day; without a zone, so that it is the end of
        that day in every branch.
        """
        if self.as_of is None or self.as_of == self.now.date():
            return self.now
        return datetime.combine(self.as_of, time(23, 59))

    @property
    def windows(self) -> Windows:
        """The windows of the comparison."""
        yesterday = self.as_of or self.now.date() - timedelta(days=1)
        return windows_of(self.question, yesterday, self.first_month)

    @property
    def compared_to(self) -> date:
        """The last day of the comparison."""
        yesterday = self.as_of or self.now.date() - timedelta(days=1)
        return self.question.as_of or yesterday


@dataclass(frozen=True)
class View:
    """How reports are shown: words, values as people read them, titles of tabs by name. With
    `asked` the comparison has its parameters on top. `most` clients are listed by name.
    """

    say: Say
    show: Show = cells.as_kept
    titles: Mapping[str, str] = field(default_factory=dict)
    asked: Asked | None = None
    most: int | None = None


@dataclass(frozen=True)
class Findings:
    """What all reports find in the records of one book; each part is worked out once, when it is
    needed.
    """

    book: Book
    request: Request
    beyond: Beyond = Beyond()

    @cached_property
    def lists(self) -> CompanyLists:
        """The company's lists."""
        return company_lists(self.book)

    def history(self, basis: Basis, as_of: date) -> History:
        """The sales on a basis as known on a day."""
        key = basis, as_of
        if key not in self._histories:
            if basis not in self._sales:
                self._sales[basis] = sales_of(self.book, basis, self.lists.rates)
            self._histories[key] = History(self._sales[basis], as_of)
        return self._histories[key]

    @cached_property
    def followups(self) -> tuple[FollowUp, ...]:
        """The lines of the follow-up list."""
        terms = replace(
            self.request.terms,
            calendar=self.lists.calendar,
            zones=self.beyond.zones,
            status_since=self.beyond.status_since,
        )
        history = self.history(Basis.FULFILLED, self.request.today)
        found = followups(self.book, self.request.moment, terms, history, self.base)
        employee = self.request.employee
        return of_employee(found, employee) if employee else found

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """A comparison for each dimension that was asked for."""
        return self._compared(self)

    @cached_property
    def restated(self) -> tuple[Restated, ...]:
        """What has changed in windows that were over, since the earlier book."""
        since = self.beyond.since
        if self.beyond.earlier is None or since is None:
            return ()
        earlier = Findings(self.beyond.earlier, self.request)
        return restated(self._compared(earlier)[0], self.comparisons[0], since)

    def _compared(self, found: Findings) -> tuple[Comparison, ...]:
        question = self.request.question
        history = found.history(question.basis, self.request.compared_to)
        if question.kind:
            history = History(history.sales.of_kind(question.kind), history.as_of)
        return tuple(
            compare(history, self.request.windows, dimension) for dimension in question.dimensions
        )

    @cached_property
    def seasons(self) -> tuple[Seasonality, ...]:
        """The seasons of each metric."""
        return seasonality(self._today)

    @cached_property
    def activity(self) -> Activity:
        """What everybody has achieved."""
        closed = {
            record: day
            for (table, record), day in self.beyond.status_since.items()
            if table == "agreements"
        }
        return Activity(self._today, closed, self.request.terms.base)

    @cached_property
    def plan_terms(self) -> PlanTerms:
        """What plans depend on."""
        norms = next((each.norms for each in self.seasons if each.metric is Metric.SUM), {})
        return PlanTerms(self.lists.calendar, self.lists.rates, norms, self.request.first_month)

    @cached_property
    def plans(self) -> tuple[PlanLine, ...]:
        """Plans against actual."""
        return plan_lines(self.lists.plans, self.activity, self.plan_terms)

    @cached_property
    def kpi(self) -> tuple[KpiLine, ...]:
        """The indicators of the last months."""
        day = self.request.today
        last = Month(day.year, day.month)
        months = [last.plus(-back) for back in range(self.request.months)]
        return self.kpi_of(months)

    def kpi_of(self, months: list[Month]) -> tuple[KpiLine, ...]:
        """The indicators of some months."""
        lists = self.lists
        bases = {each.basis for each in lists.bonuses} - {Basis.FULFILLED}
        terms = KpiTerms(
            rules=lists.rules,
            plans=lists.plans,
            bonuses=lists.bonuses,
            frozen=lists.paid,
            calendar=lists.calendar,
            quality=replace(self.beyond.quality(), hours=lists.hours),
            plan_terms=self.plan_terms,
            histories={basis: self.history(basis, self.request.today) for basis in bases},
        )
        return kpi_lines(self.activity, months, terms)

    @cached_property
    def base(self) -> ClientBase:
        """The client base."""
        return client_base(self.book, self._today, self.request.terms.base)

    @cached_property
    def campaigns(self) -> tuple[CampaignLine, ...]:
        """What campaigns brought."""
        return campaign_lines(self.activity, self.lists.rates)

    @cached_property
    def summary(self) -> Summary:
        """Twelve months."""
        return summary(self.activity, self.lists.plans, self.plan_terms)

    @property
    def _today(self) -> History:
        return self.history(Basis.FULFILLED, self.request.today)

    @cached_property
    def _sales(self) -> dict[Basis, Sales]:
        return {}

    @cached_property
    def _histories(self) -> dict[tuple[Basis, date], History]:
        return {}


def make_report(name: str, found: Findings, view: View) -> Report:
    """The report of this name. Raises KeyError for an unknown one."""
    return _MAKERS[name](found, view)


def _followups(found: Findings, view: View) -> Report:
    currency, lines = found.book.base_currency, found.followups
    history = found.history(Basis.FULFILLED, found.request.today)
    recent = found.request.terms.base.rfm.recent_days
    behind = behind_list(lines, history, recent, currency)
    return Report(followups_grid(lines, view.say, view.show, currency), behind=behind)


def _summary(found: Findings, view: View) -> Report:
    beside = Beside(found.base, found.followups)
    return summary_report(found.summary, view.say, beside, Tabs(view.titles), view.show)


def _comparison(found: Findings, view: View) -> Report:
    layout = Layout(calendar=found.lists.calendar, asked=view.asked, restated=found.restated)
    return comparison_report(found.comparisons, view.say, view.show, layout)


def _seasonality(found: Findings, view: View) -> Report:
    day = found.request.today
    window = Window(day - timedelta(days=_YEAR - 1), day)
    history = found.activity.history
    times = hours(found.book, history, window)
    return seasonality_report(found.seasons, view.say, times, history=history)


def _plans(found: Findings, view: View) -> Report:
    branches = {key: each.branch for key, each in found.book.employees.items()}
    terms, base, day = found.plan_terms, found.book.base_currency, found.request.today

    def worth(plan: Plan) -> Decimal | None:
        return terms.in_base(plan, base, min(plan.window(terms.first_month).end, day))

    faults = plan_mismatches(found.lists.plans, branches, worth)
    return plans_report(found.plans, view.say, faults, found.lists.faults)


def _kpi(found: Findings, view: View) -> Report:
    return kpi_report(found.kpi, view.say, found.lists.faults)


def _customers(found: Findings, view: View) -> Report:
    return customers_report(found.base, view.say, view.show, view.most)


def _campaigns(found: Findings, view: View) -> Report:
    return campaigns_report(found.campaigns, found.activity, view.say, view.show)


_MAKERS: Final[Mapping[str, Callable[[Findings, View], Report]]] = {
    "followups": _followups,
    "summary": _summary,
    "comparison": _comparison,
    "seasonality": _seasonality,
    "plans": _plans,
    "kpi": _kpi,
    "customers": _customers,
    "campaigns": _campaigns,
}
TITLES: Final = {
    "followups": N_("Follow-ups"),
    "summary": N_("Summary"),
    "comparison": N_("Comparison of periods"),
    "seasonality": N_("Seasonality"),
    "plans": N_("Plan and actual"),
    "kpi": N_("KPI"),
    "customers": N_("Client base"),
    "campaigns": N_("Campaign results"),
}
"""What the reports are called."""
