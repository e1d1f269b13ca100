"""The Plan and actual tab."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final

from crm_sync.core.charts import Chart, ChartKind, Series, column_range
from crm_sync.core.grid import Shown
from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.activity import Indicator, Scope, Subject
from crm_sync.reports.cells import Say
from crm_sync.reports.company_lists import ListFault, fault_words
from crm_sync.reports.explain import Given, Rule, Trace, Worked
from crm_sync.reports.periods import Window
from crm_sync.reports.plans import Light, Mismatch, PlanLine
from crm_sync.reports.report import Entry, Page, Report, Traced

INDICATORS: Final = {
    Indicator.SUM: N_("Sum of sales"),
    Indicator.COUNT: N_("Sales"),
    Indicator.AVERAGE: N_("Average sale"),
    Indicator.NEW: N_("New buyers in the period"),
    Indicator.REACTIVATED: N_("Customers woken"),
    Indicator.CALLS: N_("Calls made"),
    Indicator.CALLS_IN: N_("Calls taken"),
    Indicator.CONTACTS: N_("Contacts held"),
    Indicator.MISSED: N_("Missed calls not returned"),
    Indicator.CONVERSION: N_("Won of closed"),
    Indicator.CYCLE: N_("Days from agreement to fulfilment"),
    Indicator.OVERDUE_STEPS: N_("Steps overdue"),
    Indicator.NO_NEXT_STEP: N_("Without a next step"),
    Indicator.PROBLEMS: N_("Problems for each 100 rows"),
    Indicator.STANDARDS: N_("Answered in time"),
}
_SCOPES: Final = {
    Scope.COMPANY: N_("Company"),
    Scope.BRANCH: N_("Branch"),
    Scope.EMPLOYEE: N_("Employee"),
    Scope.GROUP: N_("Product group"),
    Scope.CAMPAIGN: N_("Offer or campaign"),
}
_LIGHTS: Final = {
    Light.GREEN: N_("on course"),
    Light.YELLOW: N_("slightly behind"),
    Light.RED: N_("behind"),
}
_COLUMNS: Final = (
    (N_("Period"), 90),
    (N_("Whose"), 110),
    (N_("Name"), 180),
    (N_("What"), 150),
    (N_("Plan"), 100),
    (N_("Actual"), 100),
    (N_("Actual, %"), 80),
    (N_("Deviation"), 100),
    (N_("Working days passed"), 80),
    (N_("Expected by now"), 100),
    (N_("At this rate"), 100),
    (N_("Under way, weighted"), 100),
    (N_("Forecast"), 100),
    (N_("Needed a working day"), 100),
    (N_("Light"), 120),
)
_MONEY: Final = frozenset({Indicator.SUM, Indicator.AVERAGE})
_SHARES: Final = frozenset(
    {
        Indicator.CONVERSION,
        Indicator.OVERDUE_STEPS,
        Indicator.NO_NEXT_STEP,
        Indicator.STANDARDS,
    }
)


def plans_report(
    lines: Sequence[PlanLine],
    say: Say,
    mismatches: Iterable[Mismatch] = (),
    faults: Iterable[ListFault] = (),
) -> Report:
    """A row for each line, then a remark for each plan that the plans of its parts do not make up.
    With a chart of plan and actual for each indicator and scope, in the last month and year that
    have begun.
    """
    charted = _last_begun(lines)
    page = Page()
    page.add(*(cells.header(say(name)) for name, _ in _COLUMNS))
    for key, members in groupby(lines, key=_block):
        top = page.row
        page.extend(_row(line, say) for line in members)
        if key[0] in charted:
            _chart(page, key, top, say)
    if not lines:
        page.add(cells.note(say(N_("There are no plans yet."))))
    remarks = [cells.note(_fault(each, say)) for each in mismatches]
    remarks += [cells.note(words) for words in fault_words(faults, "sales_plan", say=say)]
    if remarks:
        page.add()
    page.extend([remark] for remark in remarks)
    return page.report(tuple(width for _, width in _COLUMNS))


def _block(line: PlanLine) -> tuple[Window, Indicator, Scope]:
    return line.window, line.indicator, line.subject.scope


def _last_begun(lines: Iterable[PlanLine]) -> frozenset[Window]:
    """The last month and the last year that have begun, of those that have plans."""
    last: dict[bool, Window] = {}
    for line in lines:
        is_month = line.window.days < 32
        if line.has_begun:
            last[is_month] = max(line.window, last.get(is_month, line.window))
    return frozenset(last.values())


def _chart(page: Page, key: tuple[Window, Indicator, Scope], top: int, say: Say) -> None:
    window, indicator, scope = key
    last = page.row - 1
    title = say(
        N_("{indicator}, {period}: plan and actual — {whose}"),
        indicator=say(INDICATORS[indicator]),
        period=_period(window),
        whose=say(_SCOPES[scope]).lower(),
    )
    series = (
        Series(say(N_("Plan")), column_range(top, last, 4)),
        Series(say(N_("Actual")), column_range(top, last, 5)),
    )
    labels = column_range(top, last, 2 if scope is not Scope.COMPANY else 1)
    page.charts.append(Chart(ChartKind.COLUMN, title, labels, series, top, len(_COLUMNS)))


def _row(line: PlanLine, say: Say) -> Iterator[Entry]:
    fact, plan = line.fact.trace, Given("plan", line.plan)
    yield cells.text(_period(line.window))
    yield cells.text(say(_SCOPES[line.subject.scope]))
    yield cells.text(_name(line.subject, line.label, say))
    yield cells.text(say(INDICATORS[line.indicator]))
    yield _number(line, line.plan)
    yield _number(line, line.fact.value, fact)
    yield _percent(line.share, Worked("share", Rule.RATIO, (fact, plan)))
    yield _number(line, line.deviation, Worked("deviation", Rule.DIFFERENCE, (fact, plan)))
    yield cells.percent(line.elapsed)
    share = Given("share", line.asked_share)
    yield _number(line, line.expected, Worked("expected", Rule.PRODUCT, (plan, share)))
    yield _number(line, line.run_rate, Worked("run_rate", Rule.RATIO, (fact, share)))
    weighted = line.weighted
    if weighted is None:
        yield cells.BLANK
        yield cells.BLANK
    else:
        yield _number(line, weighted.value, weighted.trace)
        forecast = Worked("forecast", Rule.SUM, (fact, weighted.trace))
        yield _number(line, line.forecast, forecast)
    yield _number(line, line.per_day, needed(line))
    yield cells.text(_light(line, say))


def needed(line: PlanLine) -> Trace:
    """Behind what is needed on each working day left: nothing once the plan is reached."""
    plan, days = Given("plan", line.plan), Given("days", Decimal(line.days_left))
    rest = Worked("rest", Rule.DIFFERENCE, (plan, line.fact.trace))
    if line.per_day == 0:
        return Given("needed", Decimal(0))
    return Worked("needed", Rule.RATIO, (rest, days))


def _light(line: PlanLine, say: Say) -> str:
    if not line.has_rate:
        return say(N_("no rate for the plan's currency"))
    if line.plan is None:
        return say(N_("no plan"))
    if not line.plan:
        return say(N_("the plan is 0"))
    return say(_LIGHTS[line.light]) if line.light else ""


def _name(subject: Subject, label: str, say: Say) -> str:
    if subject.scope is Scope.COMPANY:
        return ""
    return label or say(N_("(not specified)"))


def _period(window: Window) -> str:
    return window.start.isoformat()[: 7 if window.days < 32 else 4]


def _number(line: PlanLine, value: Decimal | None, trace: Trace | None = None) -> Entry:
    shown = number(line.indicator, value)
    return shown if trace is None or value is None else Traced(shown, trace)


def number(indicator: Indicator, value: Decimal | None) -> Shown:
    """A number of an indicator as it is written: money, share or plain."""
    if indicator in _MONEY:
        return cells.money(value)
    return cells.percent(value) if indicator in _SHARES else cells.number(value)


def _percent(value: Decimal | None, trace: Trace) -> Entry:
    shown = cells.percent(value)
    return shown if value is None else Traced(shown, trace)


def _fault(each: Mismatch, say: Say) -> str:
    return say(
        N_("{period}, {indicator}: the plan {subject} is {own}, its parts make {parts}."),
        period=each.period,
        indicator=say(INDICATORS[each.indicator]),
        subject=each.subject.id or say(_SCOPES[each.subject.scope]),
        own=each.own,
        parts=each.parts,
    )
