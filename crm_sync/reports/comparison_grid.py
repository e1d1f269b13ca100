"""The Comparison tab: one block of rows a metric, the windows printed as dates above them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_sync.core.charts import Chart, ChartKind, Series, column_range
from crm_sync.core.grid import Grid, Shown
from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.cells import Say, Show
from crm_sync.reports.comparison import Comparison, Delta, Flag, Line, missed
from crm_sync.reports.explain import FigureTrace, Listed, Part, Rule, Trace, Worked, ones
from crm_sync.reports.measures import Figures, Metric
from crm_sync.reports.parameters import Asked, parameter_rows
from crm_sync.reports.periods import Window
from crm_sync.reports.report import Entry, Page, Report, Traced
from crm_sync.reports.restated import Restated
from crm_sync.reports.sales import Dimension, LeftOut
from crm_sync.reports.words import DIMENSIONS, METRICS, PERIODS
from crm_sync.reports.workdays import WEEKDAYS, WorkCalendar

_WHOLE_NUMBERS = frozenset({Metric.COUNT, Metric.BUYERS, Metric.NEW})
_PLAIN_NUMBERS = frozenset({Metric.RHYTHM, Metric.PER_BUYER})
USUAL = tuple(Metric)
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
_MORE_HEADINGS = {
    Metric.SUM: (N_("Not included"),),
    Metric.RHYTHM: (
        N_("Mean now"),
        N_("Number of gaps now"),
        N_("Previous number of gaps"),
        N_("Number of gaps a year ago"),
    ),
}
_LEFT_OUT = {
    LeftOut.NO_RATE: N_("Not included, no rate for their currency: {count}"),
    LeftOut.NOT_DONE: N_("Not included, dated but not done yet: {count}"),
    LeftOut.UNDATED: N_("Not included, done but without a date: {count}"),
    LeftOut.SUPPLIER: N_("Not included, bought from suppliers: {count}"),
}
_WIDTHS = (200, 100, 100, 100, 80, 100, 100, 80, 120, 70, 100, 300, 100, 100, 100, 100)
_CHART_LINES = 15


@dataclass(frozen=True)
class Layout:
    """What a comparison shows beside its figures. With `asked` the parameters stand on top as cells
    that staff may change. `restated` are figures of closed days that have changed since.
    """

    metrics: tuple[Metric, ...] = USUAL
    calendar: WorkCalendar = WEEKDAYS
    asked: Asked | None = None
    restated: tuple[Restated, ...] = ()


def comparison_grid(compared: Comparison, say: Say, metrics: tuple[Metric, ...] = USUAL) -> Grid:
    """The grid of `comparison_report` for one dimension."""
    return comparison_report((compared,), say, layout=Layout(metrics)).grid


def comparison_report(
    compared: Sequence[Comparison],
    say: Say,
    show: Show = cells.as_kept,
    layout: Layout = Layout(),
) -> Report:
    """The windows, then for each dimension (one comparison each, of the same windows) a block for
    each metric: the total, then a row for each value, "(not specified)" last. Sums and counts of a
    block add up to its total.
    """
    page = Page()
    if layout.asked is not None:
        page.extend(parameter_rows(layout.asked, say))
        page.add()
    page.extend(_head(compared[0], layout.calendar, say))
    for each in compared:
        sheet = _Sheet(each, say, show)
        for metric in layout.metrics:
            page.add()
            sheet.block(page, metric)
    _footnotes(page, compared[0], layout.restated, say)
    return page.report(_WIDTHS)


def _head(compared: Comparison, calendar: WorkCalendar, say: Say) -> Iterator[tuple[Shown, ...]]:
    def window(name: str, found: Window) -> tuple[Shown, ...]:
        days, worked = cells.integer(found.days), cells.integer(calendar.workdays(found))
        return cells.text(say(name)), cells.day(found.start), cells.day(found.end), days, worked

    found = compared.windows
    kind = say(PERIODS[found.kind])
    yield (cells.title(say(N_("Comparison of periods: {kind}"), kind=kind)),)
    names = (N_("Period"), N_("From"), N_("To"), N_("Days"), N_("Working days"))
    yield tuple(cells.header(say(name)) for name in names)
    yield window(N_("Now"), found.current)
    yield window(N_("Previous"), found.previous)
    if found.last_year is None:
        yield cells.text(say(N_("Year ago"))), cells.text(say(_FLAGS[Flag.NO_WEEK]))
    else:
        yield window(N_("Year ago"), found.last_year)
    yield window(N_("Previous in full"), found.whole_previous)


@dataclass(frozen=True)
class _Sheet:
    """Lays out the blocks of one dimension."""

    compared: Comparison
    say: Say
    show: Show

    def block(self, page: Page, metric: Metric) -> None:
        """Adds the block of a metric."""
        say, lines = self.say, self.compared.lines
        title = say(METRICS[metric], currency=self.compared.currency)
        page.add(cells.title(title))
        names = (*_HEADINGS, *_MORE_HEADINGS.get(metric, ()))
        first = cells.header(say(DIMENSIONS[self.compared.dimension]))
        top = page.add(first, *(cells.header(say(name)) for name in names)) + 1
        page.add(cells.total(say(N_("Total"))), *self._figures(self.compared.total, metric))
        for line in lines:
            page.add(cells.text(self._label(line)), *self._figures(line, metric))
        if metric is Metric.SUM and lines:
            last = top + min(len(lines), _CHART_LINES)
            series = tuple(
                Series(say(name), column_range(top + 1, last, column))
                for name, column in ((N_("Now"), 1), (N_("Previous"), 2), (N_("Year ago"), 5))
            )
            labels = column_range(top + 1, last, 0)
            page.charts.append(Chart(ChartKind.BAR, title, labels, series, top - 1, len(_WIDTHS)))

    def _label(self, line: Line) -> str:
        if not line.value:
            return self.say(N_("(not specified)"))
        if self.compared.dimension is Dimension.KIND:
            return str(self.show("clients", "kind", line.value) or line.value)
        return line.label

    def _figures(self, line: Line, metric: Metric) -> Iterator[Entry]:
        compared, found = self.compared, self.compared.windows
        previous = compared.against_previous(line, metric)
        last_year = compared.against_last_year(line, metric)
        now = self._trace(line, metric, found.current)
        before = self._trace(line, metric, found.previous)
        yield _amount(line.now, metric, now)
        yield _amount(line.previous, metric, before)
        yield from self._change(previous, metric, now, before)
        year_ago = self._trace(line, metric, found.last_year or found.current)
        yield _amount(line.last_year, metric, year_ago)
        yield from self._change(last_year, metric, now, year_ago)
        whole = self._trace(line, metric, found.whole_previous)
        yield _amount(line.whole_previous, metric, whole)
        all_now = self._trace(compared.total, metric, found.current)
        yield _percent(compared.share(line, metric), Rule.RATIO, now, all_now)
        change = Worked("change", Rule.DIFFERENCE, (now, before))
        all_before = self._trace(compared.total, metric, found.previous)
        part = compared.contribution(line, metric)
        yield _percent(part, Rule.RATIO, change, all_before)
        yield cells.text(_remarks(previous, last_year, self.say))
        if metric is Metric.SUM:
            yield Traced(cells.integer(line.left_out), _left_out(compared, line))
        if metric is Metric.RHYTHM:
            yield _mean_gap(line.now, now)
            sides = (line.now, now), (line.previous, before), (line.last_year, year_ago)
            for side, trace in sides:
                yield _gap_count(side, trace)

    def _change(self, found: Delta, metric: Metric, now: Trace, before: Trace) -> Iterator[Entry]:
        change = _number(found.change, metric)
        if found.change is None:
            yield change
        else:
            yield Traced(change, Worked("change", Rule.DIFFERENCE, (now, before)))
        yield _percent(found.share, Rule.GROWTH, now, before)

    def _trace(self, line: Line, metric: Metric, window: Window) -> Trace:
        dimension = None if line.value is None else self.compared.dimension
        history = self.compared.history
        return FigureTrace(history, window, metric, dimension, line.value or "")


def _amount(figures: Figures | None, metric: Metric, trace: Trace) -> Entry:
    value = figures.value(metric) if figures else None
    shown = _number(value, metric)
    return shown if value is None else Traced(shown, trace)


def _mean_gap(figures: Figures, trace: Trace) -> Entry:
    shown = cells.number(figures.mean_gap)
    mean = Listed("mean_gap", lambda: trace.explain().parts, Rule.MEAN)
    return Traced(shown, mean) if figures.gaps else shown


def _gap_count(figures: Figures | None, trace: Trace) -> Entry:
    if figures is None:
        return cells.BLANK
    shown = cells.integer(len(figures.gaps))
    return Traced(shown, Listed("gaps", lambda: ones(trace.explain().parts)))


def _percent(value: Decimal | None, rule: Rule, upper: Trace, lower: Trace) -> Entry:
    shown = cells.percent(value)
    return shown if value is None else Traced(shown, Worked("share", rule, (upper, lower)))


def _number(value: Decimal | None, metric: Metric) -> Shown:
    if metric in _WHOLE_NUMBERS:
        return cells.integer(None if value is None else int(value))
    return cells.number(value) if metric in _PLAIN_NUMBERS else cells.money(value)


def _remarks(previous: Delta, last_year: Delta, say: Say) -> str:
    sides = ((N_("previous: {remark}"), previous), (N_("year ago: {remark}"), last_year))
    return "; ".join(
        say(side, remark=flag_words((flag,), say)) for side, delta in sides for flag in delta.flags
    )


def flag_words(flags: Iterable[Flag], say: Say) -> str:
    """What flags mean, in words."""
    return "; ".join(say(_FLAGS[flag]) for flag in flags)


def _left_out(compared: Comparison, line: Line) -> Listed:
    def parts() -> tuple[Part, ...]:
        return tuple(
            Part(
                "agreements",
                each.id,
                Decimal(1),
                date.fromordinal(each.day) if each.day else None,
                each.client,
                each.why,
            )
            for each in missed(compared, line)
        )

    return Listed("left_out", parts)


def _footnotes(page: Page, compared: Comparison, restated: tuple[Restated, ...], say: Say) -> None:
    remarks = [
        say(remark, count=compared.left_out[why])
        for why, remark in _LEFT_OUT.items()
        if compared.left_out[why]
    ]
    if restated:
        remarks.append(say(N_("Changed after the fact: {count}"), count=len(restated)))
    if remarks:
        page.add()
    for remark in remarks:
        page.add(cells.note(remark))
    for each in restated:
        label = each.label or say(N_("Total") if each.value is None else N_("(not specified)"))
        page.add(
            cells.text(label),
            cells.day(each.window.start),
            cells.day(each.window.end),
            cells.text(say(METRICS[each.metric], currency=compared.currency)),
            _number(each.was, each.metric),
            _number(each.now, each.metric),
        )
