"""The KPI tab: facts, indicator and bonus of each employee and month, with the working in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from crm_sync.core.charts import Chart, ChartKind, Series, column_range
from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.activity import Indicator, Scope
from crm_sync.reports.bonus import Bonus, BonusKind
from crm_sync.reports.cells import Say, rounded
from crm_sync.reports.company_lists import ListFault, fault_words
from crm_sync.reports.explain import Given, Rule, Trace, Worked
from crm_sync.reports.kpi import SHOWN, KpiFlag, KpiLine, KpiPart
from crm_sync.reports.plans_grid import INDICATORS, number
from crm_sync.reports.report import Entry, Page, Report, Traced

_FIRST: Final = (
    (N_("Month"), 80),
    (N_("Employee or branch"), 180),
    (N_("Plan"), 100),
    (N_("Actual"), 100),
    (N_("Actual, %"), 80),
)
_LAST: Final = (
    (N_("KPI"), 80),
    (N_("Salary"), 100),
    (N_("Bonus"), 100),
    (N_("Corrections"), 120),
    (N_("To be paid"), 100),
    (N_("How it was worked out"), 500),
    (N_("Remarks"), 260),
)
_FLAGS: Final = {
    KpiFlag.WEIGHTS: N_("the weights do not make 100 %"),
    KpiFlag.NO_PLAN: N_("parts without a plan are left out"),
}
_PLACES: Final = 4
_INDICATOR: Final = 120
"""Pixels of a column with one indicator: as many as the longest word of its heading."""


def kpi_report(lines: Sequence[KpiLine], say: Say, faults: Iterable[ListFault] = ()) -> Report:
    """A row for each line, and a chart of the indicators of the last month."""
    page = Page()
    names = [say(name) for name, _ in _FIRST]
    names += [say(INDICATORS[each]) for each in SHOWN]
    names += [say(name) for name, _ in _LAST]
    page.add(*(cells.header(name) for name in names))
    for line in lines:
        page.add(*_row(line, say))
    last = max((line.month for line in lines), default=None)
    rows = [
        number
        for number, line in enumerate(lines, 1)
        if line.month == last and line.subject.scope is Scope.EMPLOYEE
    ]
    if rows:
        title = say(N_("KPI of the month"))
        column = len(_FIRST) + len(SHOWN)
        bars = Series(title, column_range(rows[0], rows[-1], column))
        labels = column_range(rows[0], rows[-1], 1)
        page.charts.append(Chart(ChartKind.BAR, title, labels, (bars,), 1, len(names)))
    remarks = list(fault_words(faults, "sales_plan", "kpi_rules", "bonus_terms", say=say))
    if remarks:
        page.add()
    page.extend([cells.note(words)] for words in remarks)
    widths = (
        [width for _, width in _FIRST] + [_INDICATOR] * len(SHOWN) + [width for _, width in _LAST]
    )
    return page.report(tuple(widths))


def _row(line: KpiLine, say: Say) -> Iterator[Entry]:
    fact = line.facts[Indicator.SUM]
    yield cells.text(f"{line.month.year}-{line.month.month:02}")
    name = cells.text(line.name)
    yield cells.total(line.name) if line.subject.scope is Scope.BRANCH else name
    yield cells.money(line.plan)
    yield _traced(fact.trace, Indicator.SUM, fact.value)
    share = fact.value / line.plan if fact.value is not None and line.plan else None
    growth = Worked("share", Rule.RATIO, (fact.trace, Given("plan", line.plan)))
    yield cells.percent(share) if share is None else Traced(cells.percent(share), growth)
    for indicator in SHOWN:
        found = line.facts[indicator]
        yield _traced(found.trace, indicator, found.value)
    yield _kpi(line)
    yield cells.money(line.working.terms.salary if line.working else None)
    yield _bonus(line)
    yield (
        Traced(cells.money(line.correction), _correction(line)) if line.correction else cells.BLANK
    )
    yield (
        Traced(cells.money(line.payable), _payable(line))
        if line.payable is not None
        else cells.BLANK
    )
    yield cells.text(working(line, say))
    yield cells.text("; ".join(say(_FLAGS[flag]) for flag in line.flags))


def _traced(trace: Trace, indicator: Indicator, value: Decimal | None) -> Entry:
    cell = number(indicator, value)
    return cell if value is None else Traced(cell, trace)


def _kpi(line: KpiLine) -> Entry:
    shown = cells.percent(line.kpi)
    if line.kpi is None:
        return shown
    if line.is_frozen:
        return Traced(shown, Given("kpi", line.kpi))
    known = [part for part in line.parts if part.reached is not None]
    parts = tuple(
        Worked("part", Rule.PRODUCT, (Given("weight", part.rule.weight), _reached(part)))
        for part in known
    )
    weights = tuple(Given("weight", part.rule.weight) for part in known)
    upper, lower = Worked("parts", Rule.SUM, parts), Worked("weights", Rule.SUM, weights)
    return Traced(shown, Worked("kpi", Rule.RATIO, (upper, lower)))


def _reached(part: KpiPart) -> Trace:
    """How far the plan was reached: fact / plan within its bounds, where it is that."""
    rule, fact, plan = part.rule, part.fact, Given("plan", part.plan)
    pair = (plan, fact.trace) if rule.lower_is_better else (fact.trace, plan)
    share = Worked("share", Rule.RATIO, pair)
    limited = Worked(
        "reached", Rule.LIMITED, (share, Given("least", Decimal(0)), Given("most", rule.most))
    )
    return limited if limited.explain().value == part.reached else Given("reached", part.reached)


def _bonus(line: KpiLine) -> Entry:
    shown = cells.money(line.bonus)
    if line.bonus is None:
        return shown
    found = line.working
    if line.is_frozen or found is None:
        return Traced(shown, Given("bonus", line.bonus))
    base: Trace = Worked(
        "base",
        Rule.PRODUCT,
        (Given("salary", found.terms.salary), Given("share", found.terms.share)),
    )
    if found.terms.kind is BonusKind.SALES:
        parts = tuple(
            Worked("sales", Rule.PRODUCT, (fact.trace, Given("rate", rate)))
            for _, fact, rate in found.sold
        )
        base = Worked("base", Rule.SUM, parts)
    factors = Given("factor", found.factor), Given("employed", found.employed)
    return Traced(shown, Worked("bonus", Rule.PRODUCT, (base, *factors)))


def _correction(line: KpiLine) -> Trace:
    """Behind a correction: what the paid months come to now, less what was paid."""
    if not line.corrected:
        return Given("correction", line.correction)
    due = tuple(Given(f"{m.year}-{m.month:02}", value) for m, value, _ in line.corrected)
    paid = tuple(Given(f"{m.year}-{m.month:02}", value) for m, _, value in line.corrected)
    sums = Worked("due", Rule.SUM, due), Worked("paid", Rule.SUM, paid)
    return Worked("correction", Rule.DIFFERENCE, sums)


def _payable(line: KpiLine) -> Trace:
    of = Given("bonus", line.bonus), Given("correction", line.correction)
    return Worked("payable", Rule.SUM, of)


def working(line: KpiLine, say: Say) -> str:
    """How indicator and bonus were worked out, with the numbers."""
    if line.is_frozen:
        return say(N_("paid: {bonus}"), bonus=_plain(line.bonus, 2))
    told = []
    if line.kpi is not None:
        known = [part for part in line.parts if part.reached is not None]
        parts = " + ".join(_part(part, say) for part in known)
        weights = sum((part.rule.weight for part in known), Decimal(0))
        if weights != 1:
            parts = f"({parts}) / {_plain(weights)}"
        told.append(say(N_("KPI = {parts} = {kpi}"), parts=parts, kpi=_plain(line.kpi)))
    if line.working is not None:
        told.append(_bonus_words(line.working, say))
    return "; ".join(told)


def _part(part: KpiPart, say: Say) -> str:
    return say(
        N_("{weight} × {reached} ({indicator}: {fact} of {plan})"),
        weight=_plain(part.rule.weight),
        reached=_plain(part.reached),
        indicator=say(INDICATORS[part.rule.indicator]),
        fact=_plain(part.fact.value, 2),
        plan=_plain(part.plan, 2),
    )


def _bonus_words(found: Bonus, say: Say) -> str:
    terms = found.terms
    facts = {
        "factor": _plain(found.factor),
        "employed": _plain(found.employed),
        "bonus": _plain(found.amount, 2),
    }
    if terms.kind is BonusKind.SALARY:
        return say(
            N_("bonus = salary {salary} × {share} × {factor} × employed {employed} = {bonus}"),
            salary=_plain(terms.salary, 2),
            share=_plain(terms.share),
            **facts,
        )
    sold = " + ".join(f"{_plain(fact.value, 2)} × {_plain(rate)}" for _, fact, rate in found.sold)
    return say(N_("bonus = ({sold}) × {factor} = {bonus}"), sold=sold or "0", **facts)


def _plain(value: Decimal | None, places: int = _PLACES) -> str:
    if value is None:
        return "—"
    text = format(rounded(value, places), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
