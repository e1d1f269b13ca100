"""The Comparison tab: one block of rows a metric, the windows printed as dates above them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from crm_sync.core.grid import Grid, Shown
from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.cells import Say
from crm_sync.reports.comparison import Comparison, Delta, Flag, Line
from crm_sync.reports.measures import Figures, Metric
from crm_sync.reports.periods import PeriodKind, Window
from crm_sync.reports.sales import Dimension

_KINDS = {
    PeriodKind.DAY: N_("day"),
    PeriodKind.WEEK: N_("week"),
    PeriodKind.MONTH: N_("month"),
    PeriodKind.QUARTER: N_("quarter"),
    PeriodKind.HALF: N_("half-year"),
    PeriodKind.YEAR: N_("year"),
    None: N_("chosen days"),
}
_DIMENSIONS = {
    Dimension.PRODUCT_GROUP: N_("Product group"),
    Dimension.CAMPAIGN: N_("Offer or campaign"),
    Dimension.OWNER: N_("Responsible"),
    Dimension.BRANCH: N_("Branch"),
    Dimension.KIND: N_("Kind of client"),
    Dimension.SOURCE: N_("Where they heard of us"),
}
_METRICS = {
    Metric.COUNT: N_("Number of sales"),
    Metric.SUM: N_("Sum of sales, {currency}"),
    Metric.AVERAGE: N_("Average sale, {currency}"),
    Metric.RHYTHM: N_("Days between purchases (median)"),
    Metric.PER_BUYER: N_("Purchases by buyer"),
    Metric.BUYERS: N_("Buyers"),
    Metric.NEW: N_("New buyers"),
}
_WHOLE_NUMBERS = frozenset({Metric.COUNT, Metric.BUYERS, Metric.NEW})
USUAL = (Metric.SUM, Metric.COUNT, Metric.AVERAGE)
_FLAGS = {
    Flag.BOTH_ZERO: N_("none then and now"),
    Flag.NEW: N_("nothing to compare with"),
    Flag.NEG_BASE: N_("was below zero"),
    Flag.NO_HISTORY: N_("before the first sale"),
    Flag.NO_WEEK: N_("that year had no such week"),
    Flag.LOW_N: N_("few sales"),
}
_HEADINGS = (
    N_("Now"),
    N_("Previous"),
    N_("Change"),
    N_("Change, %"),
    N_("Year ago"),
    N_("Change in a year"),
    N_("Change in a year, %"),
    N_("Previous in full"),
    N_("Share"),
    N_("Part in growth"),
    N_("Remarks"),
)
_WIDTHS = (200, 100, 100, 100, 80, 100, 100, 80, 120, 70, 100, 300)


def comparison_grid(compared: Comparison, say: Say, metrics: tuple[Metric, ...] = USUAL) -> Grid:
    """The windows, then a block for each metric: the total, then a row for each value of the
    dimension, "(not specified)" last. Sums and counts of a block add up to its total.
    """
    rows = [*_head(compared, say)]
    for metric in metrics:
        rows.append(())
        rows.extend(_block(compared, metric, say))
    rows.extend(_footnotes(compared, say))
    return Grid(tuple(rows), _WIDTHS)


def _head(compared: Comparison, say: Say) -> Iterator[tuple[Shown, ...]]:
    kind = say(_KINDS[compared.windows.kind])
    yield (cells.title(say(N_("Comparison of periods: {kind}"), kind=kind)),)
    names = (N_("Period"), N_("From"), N_("To"), N_("Days"))
    yield tuple(cells.header(say(name)) for name in names)
    found = compared.windows
    yield _window(say(N_("Now")), found.current)
    yield _window(say(N_("Previous")), found.previous)
    if found.last_year is None:
        yield cells.text(say(N_("Year ago"))), cells.text(say(_FLAGS[Flag.NO_WEEK]))
    else:
        yield _window(say(N_("Year ago")), found.last_year)
    yield _window(say(N_("Previous in full")), found.whole_previous)


def _window(name: str, window: Window) -> tuple[Shown, ...]:
    days = cells.integer(window.days)
    return cells.text(name), cells.day(window.start), cells.day(window.end), days


def _block(compared: Comparison, metric: Metric, say: Say) -> Iterator[tuple[Shown, ...]]:
    yield (cells.title(say(_METRICS[metric], currency=compared.currency)),)
    first = say(_DIMENSIONS[compared.dimension])
    yield cells.header(first), *(cells.header(say(name)) for name in _HEADINGS)
    yield cells.total(say(N_("Total"))), *_figures(compared, compared.total, metric, say)
    for line in compared.lines:
        label = line.label or say(N_("(not specified)"))
        yield cells.text(label), *_figures(compared, line, metric, say)


def _figures(compared: Comparison, line: Line, metric: Metric, say: Say) -> tuple[Shown, ...]:
    previous = compared.against_previous(line, metric)
    last_year = compared.against_last_year(line, metric)
    return (
        _amount(line.now, metric),
        _amount(line.previous, metric),
        _number(previous.change, metric),
        cells.percent(previous.share),
        _amount(line.last_year, metric),
        _number(last_year.change, metric),
        cells.percent(last_year.share),
        _amount(line.whole_previous, metric),
        cells.percent(compared.share(line, metric)),
        cells.percent(compared.contribution(line, metric)),
        cells.text(_remarks(previous, last_year, say)),
    )


def _amount(figures: Figures | None, metric: Metric) -> Shown:
    return _number(figures.value(metric) if figures else None, metric)


def _number(value: Decimal | None, metric: Metric) -> Shown:
    if metric in _WHOLE_NUMBERS:
        return cells.integer(None if value is None else int(value))
    return cells.money(value)


def _remarks(previous: Delta, last_year: Delta, say: Say) -> str:
    sides = ((N_("previous: {remark}"), previous), (N_("year ago: {remark}"), last_year))
    return "; ".join(
        say(side, remark=say(_FLAGS[flag])) for side, delta in sides for flag in delta.flags
    )


def _footnotes(compared: Comparison, say: Say) -> Iterator[tuple[Shown, ...]]:
    omitted = compared.omitted
    remarks = (
        (N_("Not included, in other currencies: {count}"), omitted.other_currency),
        (N_("Not included, done but without a date: {count}"), omitted.undated),
        (N_("Not included, bought from suppliers: {count}"), omitted.suppliers),
    )
    if any(count for _, count in remarks):
        yield ()
    for remark, count in remarks:
        if count:
            yield (cells.note(say(remark, count=count)),)
