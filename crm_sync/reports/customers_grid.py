"""The Client base tab: segments and scores at a glance, then a row for each client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from crm_sync.core.charts import ROWS, CellRange, Chart, ChartKind, Series, column_range
from crm_sync.core.schema import Kind
from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.cells import Say, Show
from crm_sync.reports.customers import ClientBase, Customer
from crm_sync.reports.explain import Given, Listed, Part, Rule, Trace, ones
from crm_sync.reports.history import History
from crm_sync.reports.periods import Window
from crm_sync.reports.report import Entry, Page, Report, Traced
from crm_sync.reports.rfm import Segment
from crm_sync.reports.sleep import State

SEGMENTS: Final[Mapping[Segment | State, str]] = {
    Segment.CHAMPION: N_("champion"),
    Segment.NEW: N_("newcomer"),
    Segment.LOYAL: N_("loyal"),
    Segment.AT_RISK: N_("at risk"),
    Segment.PROMISING: N_("promising"),
    Segment.ORDINARY: N_("ordinary"),
}
STATES: Final[Mapping[Segment | State, str]] = {
    State.ACTIVE: N_("active"),
    State.COOLING: N_("cooling"),
    State.SLEEPING: N_("sleeping"),
    State.LOST: N_("lost"),
    State.OUT_OF_SEASON: N_("out of season"),
    State.DO_NOT_CONTACT: N_("do not contact"),
    State.OPEN_AGREEMENT: N_("agreement under way"),
    State.NEXT_STEP: N_("next step is set"),
}
_LABELS: Final = {**SEGMENTS, **STATES}
_COLUMNS = (
    (N_("Client"), 220),
    (N_("Responsible"), 140),
    (N_("Last purchase"), 100),
    (N_("Days since"), 80),
    (N_("Purchases in {days} days"), 90),
    (N_("Sum of {days} days, {currency}"), 110),
    (N_("Days between purchases"), 90),
    (N_("Sleeps after, days"), 90),
    (N_("R"), 40),
    (N_("F"), 40),
    (N_("M"), 40),
    (N_("Segment"), 110),
    (N_("Sleep"), 130),
    (N_("Last contact"), 130),
    (N_("Seasonal"), 80),
    (N_("Why"), 260),
    (N_("Whom to call"), 150),
    (N_("Purchases of all time"), 90),
    (N_("Sum of all time, {currency}"), 110),
    (N_("Client no."), 90),
)
_WIDTHS = tuple(width for _, width in _COLUMNS)
_EVER = date(1, 1, 1)


def customers_report(
    base: ClientBase, say: Say, show: Show = cells.as_kept, most: int | None = None
) -> Report:
    """How many clients each segment and each pair of scores has, then the clients: those to call
    first, then by the sum of the last year; at most so many, the rest as a number.
    """
    page = Page()
    page.add(cells.title(say(N_("Client base"))), cells.BLANK, cells.day(base.as_of))
    _summary(page, base, say)
    # The chart stands beside the counts, above the list.
    below = max(each.row + ROWS for each in page.charts if each.kind is ChartKind.PIE)
    page.extend([()] * max(below - page.row, 1))
    facts = {"days": base.recent_days, "currency": base.currency}
    page.add(*(cells.header(say(name, **facts)) for name, _ in _COLUMNS))
    names = base.history.sales.book.names("employees")
    row = _Row(base.history, say, show, base.as_of - timedelta(base.recent_days - 1))
    ordered = sorted(base.customers, key=_order)
    for each in ordered[:most]:
        owner = each.client.owner
        page.add(*row.entries(each, names.get(owner, owner)), client=each.client.id)
    left = len(ordered) - len(ordered[:most])
    if left:
        more = N_("… and {count} more; all of them: crm-sync report customers")
        page.add(cells.note(say(more, count=left)))
    return page.report(_WIDTHS)


def _summary(page: Page, base: ClientBase, say: Say) -> None:
    segments: dict[object, list[Customer]] = {}
    scored: dict[object, list[Customer]] = {}
    for each in base.customers:
        segments.setdefault(each.segment, []).append(each)
        if each.scores:
            scored.setdefault(each.scores[:2], []).append(each)
    page.add(
        cells.header(say(N_("Segment"))),
        cells.header(say(N_("Clients"))),
        cells.BLANK,
        cells.header(say(N_("R \\ F"))),
        *(cells.header(str(score)) for score in range(1, 6)),
    )
    top = page.row
    for number, (key, name) in enumerate(_LABELS.items()):
        row: list[Entry] = [cells.text(say(name)), number_of(segments.get(key, ()))]
        recency = 5 - number
        if recency >= 1:
            row += [cells.BLANK, cells.header(str(recency))]
            row += [number_of(scored.get((recency, score), ())) for score in range(1, 6)]
        page.add(*row)
    last = page.row - 1

    def never() -> tuple[Part, ...]:
        return tuple(Part("clients", key, Decimal(1), None, key) for key in base.strangers)

    page.add(
        cells.text(say(N_("customers who have never bought"))),
        Traced(cells.integer(base.never_bought), Listed("clients", never)),
    )
    title = say(N_("Clients by segment"))
    pie = Series(title, column_range(top, last, 1))
    page.charts.append(Chart(ChartKind.PIE, title, column_range(top, last, 0), (pie,), top - 1, 10))
    heat = Series(say(N_("Clients")), CellRange(top, 4, top + 4, 8))
    scores = column_range(top, top + 4, 3)
    page.charts.append(
        Chart(ChartKind.HEAT, say(N_("Recency and frequency")), scores, (heat,), top, 4)
    )


def number_of(customers: Sequence[Customer]) -> Traced:
    """How many clients, and who they are."""

    def parts() -> tuple[Part, ...]:
        return tuple(
            Part("clients", each.client.id, Decimal(1), each.last, each.client.id)
            for each in customers
        )

    return Traced(cells.integer(len(customers)), Listed("clients", parts))


def _order(customer: Customer) -> tuple[bool, bool, Decimal, str]:
    sum_ = customer.purchases.recent_sum if customer.purchases else Decimal(0)
    return not customer.client.is_customer, not customer.to_call, -sum_, customer.client.id


@dataclass(frozen=True)
class _Row:
    """Lays out the rows of clients; `since` is the first day of the last year."""

    history: History
    say: Say
    show: Show
    since: date

    def entries(self, each: Customer, owner: str) -> Iterator[Entry]:
        """The cells of a row."""
        say, scores, phone = self.say, each.scores, each.client.phone
        yield cells.text(each.client.name)
        yield cells.text(owner)
        yield cells.day(each.last) if each.purchases else cells.BLANK
        yield cells.integer(each.days)
        yield from self._bought(each, self.since, recent=True)
        yield self._rhythm(each)
        yield cells.integer(int(each.limits.sleeping))
        for score in scores or (None, None, None):
            yield cells.integer(score)
        yield cells.text(say(_LABELS[each.segment]))
        yield cells.text(say(STATES[each.state]))
        yield cells.moment(each.last_contact_at)
        yield cells.text(say(N_("yes")) if each.seasonal else "")
        yield cells.text(self._why(each))
        called = self.show("clients", "phone", phone) if each.to_call and phone else None
        yield cells.shown(called, Kind.PHONE)
        yield from self._bought(each, _EVER, recent=False)
        yield cells.text(each.client.id)

    def _bought(self, each: Customer, since: date, *, recent: bool) -> Iterator[Entry]:
        found = each.purchases
        if found is None:
            yield cells.BLANK
            yield cells.BLANK
            return
        count = found.recent_count if recent else found.count
        sum_ = found.recent_sum if recent else found.sum
        key = each.client.id

        def counted() -> tuple[Part, ...]:
            return ones(purchase_parts(self.history, key, since, only_counted=True))

        def summed() -> tuple[Part, ...]:
            return tuple(purchase_parts(self.history, key, since, only_counted=False))

        yield Traced(cells.integer(count), Listed("purchases", counted))
        yield Traced(cells.money(sum_), Listed("sum", summed))

    def _rhythm(self, each: Customer) -> Entry:
        shown = cells.number(each.rhythm)
        if each.rhythm is None or each.purchases is None:
            return shown
        trace: Trace = Given("touch_every_days", each.rhythm)
        if not each.client.touch_every_days:
            dates, gaps = each.purchases.dates, each.purchases.gaps
            trace = Listed("rhythm", lambda: gap_parts(each.client.id, dates, gaps), Rule.MEDIAN)
        return Traced(shown, trace)

    def _why(self, each: Customer) -> str:
        if each.state is not each.silent:
            return self.say(N_("otherwise: {state}"), state=self.say(STATES[each.silent]))
        if each.state is State.ACTIVE:
            return ""
        if each.rhythm is None:
            return self.say(N_("silent for {days} days"), days=each.days)
        rhythm = cells.spoken(cells.number(each.rhythm).value, self.say)
        return self.say(
            N_("silent for {days} days, usually {rhythm}"), days=each.days, rhythm=rhythm
        )


def purchase_parts(
    history: History, client: str, since: date, *, only_counted: bool
) -> Iterator[Part]:
    """The sales to a client since a day; with `only_counted` also those in currencies without a
    rate, but no refunds.
    """
    window = Window(since, history.as_of)
    rest = history.sales.unpriced
    sources = [history]
    if only_counted and rest is not None:
        sources.append(History(rest, history.as_of))
    for source in sources:
        for sale in source.sales_in(window, None, ""):
            if sale.client == client and (sale.counts or not only_counted):
                yield Part("agreements", sale.id, sale.amount, sale.day, sale.client)


def gap_parts(client: str, dates: list[int], gaps: list[int]) -> tuple[Part, ...]:
    """The days before each date of purchase but the first."""
    return tuple(
        Part("clients", client, Decimal(gap), date.fromordinal(day), client)
        for day, gap in zip(dates[1:], gaps, strict=True)
    )
