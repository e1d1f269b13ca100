"""The Summary tab: the figures of a year on one page, each row with where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from crm_sync.core.charts import Chart, ChartKind, Series, column_range
from crm_sync.core.grid import Shown
from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.cells import Say, Show
from crm_sync.reports.comparison import Comparison
from crm_sync.reports.comparison_grid import flag_words
from crm_sync.reports.customers import ClientBase, Customer
from crm_sync.reports.customers_grid import STATES, number_of
from crm_sync.reports.explain import FigureTrace, Given, Listed, Part, Rule, Trace, Worked
from crm_sync.reports.followup_groups import GROUPS, FollowUp, Group
from crm_sync.reports.history import History
from crm_sync.reports.measures import Metric
from crm_sync.reports.periods import Window
from crm_sync.reports.plans_grid import needed
from crm_sync.reports.report import Entry, Page, Report, Traced
from crm_sync.reports.sleep import State
from crm_sync.reports.summary import Counted, Mover, Summary, client_parts

_WIDTHS = (200, 110, 110, 110, 110, 110, 110, 100, 220, 260)
_MONTHS = (
    N_("Month"),
    N_("Sum"),
    N_("Sales"),
    N_("Average sale"),
    N_("Buyers"),
    N_("New buyers"),
    N_("Sum a year ago"),
    N_("Change, %"),
    N_("Remarks"),
    N_("Where from"),
)
_SHOWN = (Metric.SUM, Metric.COUNT, Metric.AVERAGE, Metric.BUYERS, Metric.NEW)
_MONEY = frozenset({Metric.SUM, Metric.AVERAGE})


@dataclass(frozen=True)
class Tabs:
    """What the tabs are called from which the numbers come: by "comparison", "plans", "customers",
    "followups", "agreements", "clients".
    """

    titles: Mapping[str, str] = field(default_factory=dict)

    def title(self, name: str) -> str:
        """The title of a tab, its name for one without."""
        return self.titles.get(name, name)


@dataclass(frozen=True)
class Beside:
    """What else the summary tells if it is there: the client base and the follow-up list."""

    base: ClientBase | None = None
    followups: Sequence[FollowUp] = ()


def summary_report(
    found: Summary, say: Say, beside: Beside, tabs: Tabs, show: Show = cells.as_kept
) -> Report:
    """Twelve months, this year, this month with its forecast, what is open and why agreements were
    lost, who sleeps, who rises and falls. The last column of each row says where it comes from.
    """
    page, sheet = Page(), _Sheet(found, say, tabs, show)
    page.add(cells.title(say(N_("Summary"))), cells.day(found.as_of))
    sheet.add_months(page)
    sheet.add_month(page)
    sheet.add_counted(page, N_("Open agreements"), "status", found.funnel)
    title = N_("Why agreements were lost, in twelve months")
    sheet.add_counted(page, title, "lost_reason", found.lost)
    if beside.base is not None:
        sheet.add_base(page, beside.base)
    sheet.add_followups(page, beside.followups)
    sheet.add_movers(page, N_("Clients who buy more than last year"), found.rising)
    sheet.add_movers(page, N_("Clients who buy less than last year"), found.falling)
    sheet.add_days(page)
    return page.report(_WIDTHS)


@dataclass(frozen=True)
class _Sheet:
    """Adds the parts of the summary to a page."""

    found: Summary
    say: Say
    tabs: Tabs
    show: Show

    @property
    def history(self) -> History:
        return self.found.year.history

    def add_months(self, page: Page) -> None:
        """Twelve months and the year so far."""
        say = self.say
        page.add()
        page.add(cells.title(say(N_("Twelve months"))))
        top = page.add(*(cells.header(say(name)) for name in _MONTHS)) + 1
        for each in self.found.months:
            start = each.windows.current.start
            page.add(*self._compared(cells.text(start.isoformat()[:7]), each))
        last = page.row - 1
        name = cells.total(say(N_("This year so far")))
        page.add(*self._compared(name, self.found.year))
        title = say(N_("Sum by month"))
        series = (
            Series(say(N_("Sum")), column_range(top, last, 1)),
            Series(say(N_("Sum a year ago")), column_range(top, last, 6)),
        )
        labels = column_range(top, last, 0)
        page.charts.append(Chart(ChartKind.LINE, title, labels, series, top, len(_WIDTHS)))

    def _compared(self, name: Shown, each: Comparison) -> Iterator[Entry]:
        windows, total = each.windows, each.total
        now = FigureTrace(self.history, windows.current, Metric.SUM)
        before = FigureTrace(self.history, windows.last_year or windows.current, Metric.SUM)
        yield name
        for metric in _SHOWN:
            value = total.now.value(metric)
            shown = cells.money(value) if metric in _MONEY else cells.number(value)
            trace = FigureTrace(self.history, windows.current, metric)
            yield shown if value is None else Traced(shown, trace)
        if total.last_year is None:
            yield cells.BLANK
        else:
            yield Traced(cells.money(total.last_year.sum), before)
        change = each.against_last_year(total, Metric.SUM)
        shown = cells.percent(change.share)
        growth = Worked("share", Rule.GROWTH, (now, before))
        yield shown if change.share is None else Traced(shown, growth)
        yield cells.text(flag_words(change.flags, self.say))
        yield self._from("comparison", windows.current.end)

    def add_month(self, page: Page) -> None:
        """What is planned, done and expected of this month."""
        line, say = self.found.month, self.say
        page.add()
        page.add(cells.title(say(N_("This month"))))
        fact = line.fact.trace
        weighted = line.weighted
        plan, share = Given("plan", line.plan), Given("share", line.asked_share)
        expected = Worked("expected", Rule.PRODUCT, (plan, share))
        run_rate = Worked("run_rate", Rule.RATIO, (fact, share))
        rows: list[tuple[str, Entry]] = [(N_("Plan"), cells.money(line.plan))]
        rows.append((N_("Actual"), Traced(cells.money(line.fact.value), fact)))
        rows.append((N_("Expected by now"), _traced(line.expected, expected)))
        rows.append((N_("At this rate"), _traced(line.run_rate, run_rate)))
        if weighted is not None:
            under_way = Traced(cells.money(weighted.value), weighted.trace)
            forecast = Worked("forecast", Rule.SUM, (fact, weighted.trace))
            rows.append((N_("Under way, weighted"), under_way))
            rows.append((N_("Forecast"), Traced(cells.money(line.forecast), forecast)))
        rows.append((N_("Needed a working day"), _traced(line.per_day, needed(line))))
        for name, entry in rows:
            page.add(cells.text(say(name)), entry, *self._gap(2), self._from("plans"))

    def add_counted(
        self, page: Page, title: str, field_name: str, found: Sequence[Counted]
    ) -> None:
        """Agreements by status or by reason, with a chart."""
        say = self.say
        page.add()
        page.add(cells.title(say(title)))
        heading = page.add(*(cells.header(say(name)) for name in ("", N_("Number"), N_("Sum"))))
        for each in found:
            label = self.show("agreements", field_name, each.key) if each.key else None
            page.add(
                cells.text(str(label or say(N_("(not specified)")))),
                Traced(cells.number(each.count.value), each.count.trace),
                Traced(cells.money(each.worth.value), each.worth.trace),
                *self._gap(3),
                self._from("agreements"),
            )
        if not found:
            page.add(cells.note(say(N_("none"))))
        else:
            labels = column_range(heading + 1, page.row - 1, 0)
            numbers = Series(say(N_("Number")), column_range(heading + 1, page.row - 1, 1))
            kind = ChartKind.BAR if field_name == "status" else ChartKind.PIE
            place = heading, len(_WIDTHS)
            page.charts.append(Chart(kind, say(title), labels, (numbers,), *place))

    def add_base(self, page: Page, base: ClientBase) -> None:
        """How many customers are awake, cooling, sleeping, lost."""
        say = self.say
        page.add()
        page.add(cells.title(say(N_("Customers"))))
        by_state: dict[State, list[Customer]] = {}
        for each in base.customers:
            by_state.setdefault(each.state, []).append(each)
        for state in State:
            entry = number_of(by_state.get(state, ()))
            page.add(cells.text(say(STATES[state])), entry, *self._gap(2), self._from("customers"))

    def add_followups(self, page: Page, lines: Iterable[FollowUp]) -> None:
        """How many lines each group of the list has, and how many of each employee are overdue."""
        say, listed = self.say, list(lines)
        page.add()
        page.add(cells.title(say(N_("Follow-ups"))))
        groups: dict[Group, list[FollowUp]] = {}
        for line in listed:
            groups.setdefault(line.group, []).append(line)
        for rule in GROUPS:
            own = groups.get(rule.group, [])
            page.add(
                cells.text(say(rule.title)), _counted(own), *self._gap(2), self._from("followups")
            )
        late: dict[str, list[FollowUp]] = {}
        for line in listed:
            if line.overdue_days:
                late.setdefault(line.owner, []).append(line)
        if not late:
            return
        title = say(N_("Overdue, by employee"))
        top = page.add(cells.header(title)) + 1
        for owner, own in sorted(late.items(), key=lambda each: (-len(each[1]), each[0])):
            name = cells.text(owner or say(N_("(not specified)")))
            page.add(name, _counted(own), *self._gap(2), self._from("followups"))
        bars = Series(title, column_range(top, page.row - 1, 1))
        labels = column_range(top, page.row - 1, 0)
        page.charts.append(Chart(ChartKind.BAR, title, labels, (bars,), top, len(_WIDTHS)))

    def add_movers(self, page: Page, title: str, movers: Sequence[Mover]) -> None:
        """Clients with the largest change of their sum, this year so far against the last."""
        say, windows = self.say, self.found.year.windows
        page.add()
        page.add(cells.title(say(title)))
        names = (N_("Client"), N_("This year so far"), N_("Same days last year"), N_("Change"))
        top = page.add(*(cells.header(say(name)) for name in names)) + 1
        for each in movers:
            now = self._bought(each.client, late=False)
            before = self._bought(each.client, late=True)
            page.add(
                cells.text(each.name),
                Traced(cells.money(each.now), now),
                Traced(cells.money(each.before), before),
                Traced(cells.money(each.change), Worked("change", Rule.DIFFERENCE, (now, before))),
                *self._gap(4),
                self._from("comparison", windows.current.end),
                client=each.client,
            )
        if not movers:
            page.add(cells.note(say(N_("none"))))
        else:
            bars = Series(say(N_("Change")), column_range(top, page.row - 1, 3))
            labels = column_range(top, page.row - 1, 0)
            chart = Chart(ChartKind.BAR, say(title), labels, (bars,), top, len(_WIDTHS))
            page.charts.append(chart)

    def _bought(self, client: str, *, late: bool) -> Listed:
        windows = self.found.year.windows
        window = windows.last_year if late else windows.current

        def parts() -> tuple[Part, ...]:
            return client_parts(self.history, window, client) if window else ()

        return Listed("sum", parts)

    def add_days(self, page: Page) -> None:
        """This month by day: actual and plan since its first day."""
        say = self.say
        page.add()
        page.add(cells.title(say(N_("This month by day"))))
        names = (N_("Day"), N_("Actual"), N_("Plan"))
        top = page.add(*(cells.header(say(name)) for name in names)) + 1
        for each in self.found.days:
            so_far = Window(self.found.days[0].day, each.day)
            done: Entry = cells.BLANK
            if each.sum is not None:
                done = Traced(cells.money(each.sum), self._sold(so_far))
            row = cells.day(each.day), done, cells.money(each.plan)
            page.add(*row, *self._gap(3), self._from("plans"))
        last = page.row - 1
        series = (
            Series(say(N_("Actual")), column_range(top, last, 1)),
            Series(say(N_("Plan")), column_range(top, last, 2)),
        )
        title, labels = say(N_("This month by day")), column_range(top, last, 0)
        page.charts.append(Chart(ChartKind.LINE, title, labels, series, top, len(_WIDTHS)))

    def _sold(self, window: Window) -> FigureTrace:
        return FigureTrace(self.history, window, Metric.SUM)

    def _gap(self, taken: int) -> tuple[Shown, ...]:
        """Blanks up to the last column."""
        return (cells.BLANK,) * (len(_WIDTHS) - 1 - taken)

    def _from(self, tab: str, day: date | None = None) -> Shown:
        title = self.tabs.title(tab)
        if day is not None:
            title = self.say(N_("{tab}: as of {day}"), tab=title, day=day.isoformat())
        return cells.note(title)


def _traced(value: Decimal | None, trace: Trace) -> Entry:
    shown = cells.money(value)
    return shown if value is None else Traced(shown, trace)


def _counted(lines: Sequence[FollowUp]) -> Traced:
    """How many lines of the follow-up list; `note` is the record in which the step stands."""

    def parts() -> tuple[Part, ...]:
        return tuple(
            Part(
                "clients",
                line.client,
                Decimal(1),
                date.fromisoformat(line.at[:10]) if line.at else None,
                line.client,
                line.record,
            )
            for line in lines
        )

    return Traced(cells.integer(len(lines)), Listed("clients", parts))
