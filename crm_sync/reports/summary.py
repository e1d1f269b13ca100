"""The summary: twelve months, this year and this month, who grows and who falls, what is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_sync.reports.activity import COMPANY, Activity, Fact, Indicator
from crm_sync.reports.comparison import Comparison, compare
from crm_sync.reports.currency import Rates
from crm_sync.reports.explain import Listed, Part
from crm_sync.reports.history import History
from crm_sync.reports.periods import PeriodKind, Window, Windows, months_back, windows
from crm_sync.reports.plans import Plan, PlanLine, PlanTerms, plan_line
from crm_sync.reports.sales import Dimension
from crm_sync.reports.workdays import WorkCalendar

MONTHS = 12
TOP = 10


@dataclass(frozen=True)
class Mover:
    """A client whose purchases of this year so far differ from those of the same days last year."""

    client: str
    name: str
    now: Decimal
    before: Decimal

    @property
    def change(self) -> Decimal:
        """Now - before."""
        return self.now - self.before


@dataclass(frozen=True)
class Counted:
    """A number of records with one value (a status, a reason), and what they are worth."""

    key: str
    count: Fact
    worth: Fact


@dataclass(frozen=True)
class Day:
    """A day of this month: what has been sold since its first, and what the plan asks for by then
    (None without a plan). The sum is None for days to come.
    """

    day: date
    sum: Decimal | None
    plan: Decimal | None


@dataclass(frozen=True)
class Summary:
    """All that the summary shows. `months` are compared as the Comparison tab does it, the last one
    as far as it has come; `year` likewise. `month` holds the forecast of this month.
    """

    as_of: date
    months: tuple[Comparison, ...]
    year: Comparison
    month: PlanLine
    days: tuple[Day, ...]
    rising: tuple[Mover, ...]
    falling: tuple[Mover, ...]
    lost: tuple[Counted, ...]
    funnel: tuple[Counted, ...]
    last_months: Window


def summary(
    activity: Activity, plans: Sequence[Plan] = (), terms: PlanTerms | None = None
) -> Summary:
    """The summary on the day of the history. `plans` are those of the company; the rest is not
    looked at.
    """
    history, used = activity.history, terms or PlanTerms()
    as_of = history.as_of
    wholes = months_back(as_of, MONTHS)
    days = [min(each.end, as_of) for each in wholes]
    year = windows(PeriodKind.YEAR, as_of, used.first_month)
    plan = _plan_of(wholes[-1], plans)
    month = plan_line((wholes[-1], Indicator.SUM, COMPANY), plan, activity, used)
    movers = _movers(history, year.current, year.last_year)
    return Summary(
        as_of=as_of,
        months=tuple(_total(history, windows(PeriodKind.MONTH, day)) for day in days),
        year=_total(history, year),
        month=month,
        days=_days(history, wholes[-1], month, used.calendar),
        rising=tuple(each for each in movers[:TOP] if each.change > 0),
        falling=tuple(each for each in reversed(movers[-TOP:]) if each.change < 0),
        lost=_lost(activity, Window(wholes[0].start, as_of), used.rates),
        funnel=_funnel(activity, used.rates),
        last_months=Window(wholes[0].start, as_of),
    )


def _total(history: History, compared: Windows) -> Comparison:
    return compare(history, compared, Dimension.PRODUCT_GROUP, in_lines=False)


def client_parts(history: History, window: Window, client: str) -> tuple[Part, ...]:
    """The sales to a client in a window."""
    found = history.sales_in(window, None, "")
    return tuple(
        Part("agreements", sale.id, sale.amount, sale.day, client)
        for sale in found
        if sale.client == client
    )


def _plan_of(window: Window, plans: Sequence[Plan]) -> Plan | None:
    own = [
        each
        for each in plans
        if len(each.period) > 4
        and (each.subject, each.indicator, each.window()) == (COMPANY, Indicator.SUM, window)
    ]
    return own[-1] if own else None


def _movers(history: History, now: Window, before: Window | None) -> list[Mover]:
    """All clients with sales in either window, from the one that rose most to the one that fell
    most.
    """
    sums = _sums_by_client(history, now)
    earlier = _sums_by_client(history, before) if before else {}
    clients = history.sales.book.clients
    zero = Decimal(0)
    found = [
        Mover(
            key,
            clients[key].name if key in clients else key,
            sums.get(key, zero),
            earlier.get(key, zero),
        )
        for key in sums.keys() | earlier.keys()
    ]
    return sorted(found, key=lambda each: (-each.change, each.client))


def _sums_by_client(history: History, window: Window) -> Mapping[str, Decimal]:
    units: dict[int, int] = {}
    sales, numbers = history.sales, history.numbers(window)
    part = slice(numbers.start, numbers.stop)
    for buyer, own in zip(sales.buyer_of[part], sales.units[part], strict=True):
        units[buyer] = units.get(buyer, 0) + own
    return {sales.buyers[buyer]: sales.amount(own) for buyer, own in units.items()}


def _days(
    history: History, month: Window, line: PlanLine, calendar: WorkCalendar
) -> tuple[Day, ...]:
    units = dict.fromkeys(range(month.start.toordinal(), month.end.toordinal() + 1), 0)
    for number in history.numbers(month):
        units[history.sales.days[number]] += history.sales.units[number]
    worked = calendar.workdays(month)
    total, found = 0, []
    for ordinal, own in units.items():
        total += own
        day = date.fromordinal(ordinal)
        plan = None
        if line.plan is not None and worked:
            passed = calendar.workdays(Window(month.start, day))
            plan = line.plan * passed / worked
        known = day <= history.as_of
        found.append(Day(day, history.sales.amount(total) if known else None, plan))
    return tuple(found)


def _lost(activity: Activity, window: Window, rates: Rates) -> tuple[Counted, ...]:
    """Why agreements came to nothing in a window, most frequent first."""
    parts: dict[str, list[tuple[Part, Part]]] = {}
    for day, agreement in activity.lost:
        if day in window:
            part = Part("agreements", agreement.id, Decimal(1), day, agreement.client)
            worth = activity.worth(agreement, rates) or Decimal(0)
            pair = part, Part(part.table, part.id, worth, day, part.client)
            parts.setdefault(agreement.lost_reason, []).append(pair)
    found = [_counted(key, pairs) for key, pairs in parts.items()]
    return tuple(sorted(found, key=lambda each: (-(each.count.value or 0), each.key)))


def _funnel(activity: Activity, rates: Rates) -> tuple[Counted, ...]:
    """Open agreements by status, in the order of the statuses."""
    parts: dict[str, list[tuple[Part, Part]]] = {}
    for agreement in activity.book.open_agreements:
        day = agreement.agreed_at
        part = Part("agreements", agreement.id, Decimal(1), day, agreement.client)
        worth = activity.worth(agreement, rates) or Decimal(0)
        pair = part, Part(part.table, part.id, worth, day, part.client)
        parts.setdefault(agreement.status, []).append(pair)
    statuses = activity.book.statuses("agreement")
    order = sorted(statuses, key=lambda key: (statuses[key].order, key))
    known = [key for key in order if key in parts] + sorted(parts.keys() - set(order))
    return tuple(_counted(key, parts[key]) for key in known)


def _counted(key: str, pairs: Sequence[tuple[Part, Part]]) -> Counted:
    ones = tuple(one for one, _ in pairs)
    worths = tuple(worth for _, worth in pairs)
    total = sum((part.amount for part in worths), Decimal(0))
    return Counted(
        key,
        Fact(Decimal(len(ones)), Listed("count", lambda: ones)),
        Fact(total, Listed("sum", lambda: worths)),
    )
