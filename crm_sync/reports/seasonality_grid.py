"""The Seasonality tab: a block for each metric, then weekdays and hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from crm_sync.core.charts import (
    ROWS,
    CellRange,
    Chart,
    ChartKind,
    Series,
    column_range,
    placed,
)
from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.book import Book
from crm_sync.reports.cells import Say
from crm_sync.reports.explain import Listed, Part, Rule, Worked
from crm_sync.reports.history import History
from crm_sync.reports.hours import NO_HOUR, Hours, touch_parts, touches_in, weekday_and_hour
from crm_sync.reports.measures import Metric
from crm_sync.reports.report import Entry, Page, Report, Traced
from crm_sync.reports.seasonality import Month, Number, Quality, Seasonality
from crm_sync.reports.words import METRICS, MONTHS, WEEKDAYS

_FLAGS: Final = {
    Quality.ENOUGH: "",
    Quality.PRELIMINARY: N_("preliminary: less than two years"),
    Quality.TOO_SHORT: N_("less than a year: no seasons yet"),
}
_MONEY: Final = frozenset({Metric.SUM, Metric.AVERAGE})
_INDEX_PLACES: Final = 3
_MONTH_COUNT: Final = 12


def seasonality_report(
    seasons: Sequence[Seasonality], say: Say, found: Hours | None = None, *, history: History
) -> Report:
    """The blocks one below the other, all with the same columns: the values of each year, its
    indexes, the norm, this year's index, its change against the norm.
    """
    page = Page()
    page.add(cells.title(say(N_("Seasonality"))), cells.day(history.as_of))
    for each in seasons:
        page.add()
        _Block(each, history.sales.book.base_currency, say).add(page)
    if found is not None:
        # The table of hours is wide: it stands below the charts, not under them.
        below = max((chart.row + ROWS for chart in placed(page.charts)), default=0)
        page.extend([()] * max(below - page.row, 1))
        _add_hours(page, found, history, say)
    remarks = max((2 * len(each.years) + 4 for each in seasons), default=4)
    widths = [140, *(90,) * 26]
    widths[remarks] = 240
    return page.report(tuple(widths))


@dataclass(frozen=True)
class _Block:
    """Lays out one metric."""

    season: Seasonality
    currency: str
    say: Say

    @property
    def title(self) -> str:
        return self.say(METRICS[self.season.metric], currency=self.currency)

    def add(self, page: Page) -> None:
        """Adds title, heading, twelve months and a row of totals."""
        season, say = self.season, self.say
        page.add(cells.title(self.title))
        names = [say(N_("Month")), *(str(year) for year in season.years)]
        names += [say(N_("Index {year}"), year=year) for year in season.years]
        names += [say(N_("Norm")), say(N_("This year")), say(N_("Change")), say(N_("Remarks"))]
        top = page.add(*(cells.header(name) for name in names)) + 1
        for number, name in enumerate(MONTHS, 1):
            page.add(cells.text(say(name)), *self._month(number))
        self._charts(page, top)
        page.add(cells.total(say(N_("Total"))), *self._totals())

    def _month(self, number: int) -> Iterator[Entry]:
        season = self.season
        for year in season.years:
            yield self._value(season.values.get(Month(year, number)))
        for year in season.years:
            yield _index(season.indexes.get(Month(year, number)))
        yield _index(season.norms.get(number))
        yield _index(season.current.get(number))
        change = season.changes.get(number)
        shown = cells.percent(change.value if change else None)
        yield Traced(shown, change.trace) if change else shown
        flag = _FLAGS[season.quality]
        yield cells.text(self.say(flag) if flag else "")

    def _totals(self) -> Iterator[Entry]:
        """Sums of the values, where sums mean something, and of indexes and norms."""
        season = self.season
        adds_up = season.metric in (Metric.COUNT, Metric.SUM)
        for year in season.years:
            own = [each for month, each in season.values.items() if month.year == year]
            if not adds_up:
                yield cells.BLANK
                continue
            total = sum((each.value for each in own), Decimal(0))
            shown = cells.money(total) if season.metric in _MONEY else cells.number(total)
            yield Traced(shown, _summed(own))
        for year in season.years:
            yield _total(month for key, month in season.indexes.items() if key.year == year)
        yield _total(season.norms.values())
        yield _total(season.current.values())

    def _value(self, value: Number | None) -> Entry:
        found = value.value if value else None
        money = self.season.metric in _MONEY
        shown = cells.money(found) if money else cells.number(found)
        return Traced(shown, value.trace) if value else shown

    def _charts(self, page: Page, top: int) -> None:
        season, last = self.season, page.row - 1
        labels, right = column_range(top, last, 0), 2 * len(season.years) + 6
        years = len(season.years)
        lines = tuple(
            Series(str(year), column_range(top, last, column))
            for column, year in enumerate(season.years[-2:], max(1, years - 1))
        )
        if lines and season.metric is Metric.SUM:
            page.charts.append(Chart(ChartKind.LINE, self.title, labels, lines, top, right))
            heat = Series(self.title, CellRange(top, 1, last, years))
            page.charts.append(Chart(ChartKind.HEAT, self.title, labels, (heat,), top, 1))
        if season.norms:
            title = self.say(N_("{metric}: this year and the norm"), metric=self.title)
            first = 2 * years + 1
            pair = (
                Series(self.say(N_("Norm")), column_range(top, last, first)),
                Series(self.say(N_("This year")), column_range(top, last, first + 1)),
            )
            place = right if season.metric is not Metric.SUM else right + 8
            page.charts.append(Chart(ChartKind.LINE, title, labels, pair, top, place))


def _index(found: Number | None) -> Entry:
    shown = cells.number(found.value if found else None, _INDEX_PLACES)
    return Traced(shown, found.trace) if found else shown


def _total(found: Iterable[Number]) -> Entry:
    own = tuple(found)
    if len(own) != _MONTH_COUNT:
        return cells.BLANK
    total = sum((each.value for each in own), Decimal(0))
    return Traced(cells.number(total, _INDEX_PLACES), _summed(own))


def _summed(own: Iterable[Number]) -> Worked:
    return Worked("sum", Rule.SUM, tuple(each.trace for each in own))


def _add_hours(page: Page, found: Hours, history: History, say: Say) -> None:
    """Contacts by weekday and hour, and sales by weekday."""
    page.add(
        cells.title(say(N_("Contacts by weekday and hour"))),
        # The title runs over the cells beside it for as long as they are empty.
        cells.text(""),
        cells.text(""),
        cells.day(found.window.start),
        cells.day(found.window.end),
    )
    names = [str(hour) for hour in range(NO_HOUR)]
    names += [say(N_("no hour")), say(N_("Sales"))]
    top = page.add(cells.header(""), *(cells.header(name) for name in names)) + 1
    book = history.sales.book
    for weekday, name in enumerate(WEEKDAYS):
        page.add(cells.text(say(name)), *_weekday(found, weekday, book, history))
    labels = column_range(top, page.row - 1, 0)
    heat = Series(say(N_("Contacts")), CellRange(top, 1, page.row - 1, NO_HOUR))
    title = say(N_("Contacts by weekday and hour"))
    page.charts.append(Chart(ChartKind.HEAT, title, labels, (heat,), top, 1))


def _weekday(found: Hours, weekday: int, book: Book, history: History) -> Iterator[Entry]:
    def contacts(hour: int) -> Listed:
        def parts() -> tuple[Part, ...]:
            own = (weekday, hour)
            touches = touches_in(book, found.window)
            return touch_parts(each for each in touches if weekday_and_hour(each) == own)

        return Listed("contacts", parts)

    def sold() -> tuple[Part, ...]:
        sales = history.sales_in(found.window, None, "")
        return tuple(
            Part("agreements", sale.id, Decimal(1), sale.day, sale.client)
            for sale in sales
            if sale.counts and sale.day.weekday() == weekday
        )

    for hour in range(NO_HOUR + 1):
        yield Traced(cells.integer(found.contacts[weekday, hour]), contacts(hour))
    yield Traced(cells.integer(found.sales[weekday]), Listed("count", sold))
