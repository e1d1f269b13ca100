"""Charts as SVG pictures: the same as on the tabs, for pages and for PNG files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from crm_sync.core.charts import CellRange, Chart, ChartKind
from crm_sync.core.grid import Grid, Shown, Style

COLOURS: Final = (
    "#3366cc",
    "#dc7c1a",
    "#2e8b57",
    "#8e4ec6",
    "#c0392b",
    "#17a2b8",
    "#7f8c8d",
    "#b5a642",
    "#e377c2",
    "#1b5e20",
    "#6d4c41",
    "#f4b400",
    "#263c7a",
    "#9ccc65",
)
FULL: Final = (0x2E, 0x8B, 0x57)
"""The colour of the most in a heat map; the least is white."""

FONT: Final = "Roboto, 'Segoe UI', Helvetica, Arial, sans-serif"
WIDTH: Final = 760
_TOP: Final = 74
_LEFT: Final = 84
_RIGHT: Final = 24
_PLOT: Final = 280
_BAR: Final = 16
_LABEL: Final = 220
_TICKS: Final = 5
_LETTER: Final = 6.4

Text = Callable[[Shown], str]
"""Gives a shown cell as text in the reader's language."""

Tick = Callable[[float], str]
"""Gives a number of an axis as text in the reader's language."""


@dataclass(frozen=True)
class _Drawn:
    """A chart's labels and series, read off the grid; None is a gap."""

    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]

    @property
    def values(self) -> list[float]:
        return [each for _, own in self.series for each in own if each is not None]


def chart_svg(chart: Chart, grid: Grid, text: Text) -> str:
    """The chart as one `<svg>` element, readable without anything else."""
    labels = tuple(text(each) for each in _cells(grid, chart.categories))
    series = tuple(
        (each.name, tuple(_number(cell) for cell in _cells(grid, each.cells)))
        for each in chart.series
    )
    # A series without any number (no plan, say) would only be a riddle in the legend.
    drawn = _Drawn(labels, tuple(each for each in series if any(v is not None for v in each[1])))
    tick = _ticker(text, chart, grid)
    if not drawn.values:
        body, height = [_words(WIDTH / 2, 120, "—", "middle")], 160.0
    elif chart.kind is ChartKind.PIE:
        body, height = _pie(drawn, text)
    elif chart.kind is ChartKind.HEAT:
        body, height = _heat(chart, grid, drawn, text)
    elif chart.kind is ChartKind.BAR:
        body, height = _bars(drawn, tick)
    else:
        body, height = _columns(drawn, chart.kind, tick)
    title = _words(16, 28, chart.title, size=17, weight="600")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}"'
        f' viewBox="0 0 {WIDTH} {height:.0f}" font-family="{FONT}" role="img"'
        f' aria-label="{escape(chart.title, {chr(34): "&quot;"})}">'
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>{title}{"".join(body)}</svg>'
    )


def pile(pictures: Sequence[str]) -> str:
    """Several charts as one picture, one below the other."""
    if len(pictures) == 1:
        return pictures[0]
    body, top = [], 0
    for picture in pictures:
        height = int(picture.split('height="', 1)[1].split('"', 1)[0])
        body.append(picture.replace("<svg ", f'<svg y="{top}" ', 1))
        top += height + 16
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}"'
        f' viewBox="0 0 {WIDTH} {top}"><rect width="{WIDTH}" height="{top}" fill="#ffffff"/>'
        f"{''.join(body)}</svg>"
    )


def shade(share: float) -> str:
    """The colour of a heat map's cell: 0 is white, 1 full."""
    part = min(max(share, 0.0), 1.0)
    red, green, blue = (round(255 + (full - 255) * part) for full in FULL)
    return f"#{red:02x}{green:02x}{blue:02x}"


def shares_of(values: Sequence[float | None]) -> list[float | None]:
    """Each value of a heat map as its share between the least and the most."""
    known = [each for each in values if each is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    span = (high - low) or 1.0
    return [None if each is None else (each - low) / span for each in values]


def ticks(low: float, high: float, wanted: int = _TICKS) -> list[float]:
    """Round numbers on an axis from at most `low` to at least `high`, 0 among them."""
    low, high = min(low, 0.0), max(high, 0.0)
    if high == low:
        high = 1.0
    raw = (high - low) / wanted
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * each for each in (1, 2, 2.5, 5, 10) if size * each >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


def _ticker(text: Text, chart: Chart, grid: Grid) -> Tick:
    """How the numbers of a chart's axis are written: shares as percents."""
    cells = [cell for each in chart.series for cell in _cells(grid, each.cells)]
    shares = all(cell.style is Style.PERCENT for cell in cells if cell.value is not None)

    def tick(value: float) -> str:
        value = round(value, 6)
        if shares:
            return text(Shown(value, Style.PERCENT))
        whole = float(value).is_integer()
        return text(Shown(int(value), Style.INTEGER) if whole else Shown(value, Style.PLAIN))

    return tick


def _columns(drawn: _Drawn, kind: ChartKind, tick: Tick) -> tuple[list[str], float]:
    """Lines, columns side by side or on top of each other, over labels."""
    marks = ticks(min(_sums(drawn, kind)), max(_sums(drawn, kind)))
    low, high = marks[0], marks[-1]
    count = max(len(drawn.labels), 1)
    step = (WIDTH - _LEFT - _RIGHT) / count

    def y(value: float) -> float:
        return _TOP + _PLOT * (high - value) / (high - low)

    body = list(_legend(drawn))
    for mark in marks:
        body.append(
            _line(_LEFT, y(mark), WIDTH - _RIGHT, y(mark), "#bbb" if not mark else "#e6e6e6")
        )
        body.append(_words(_LEFT - 8, y(mark) + 4, tick(mark), "end", fill="#666"))
    body += _labels_below(drawn.labels, step)
    if kind is ChartKind.LINE:
        body += _lines(drawn, step, y)
    else:
        body += _boxes(drawn, step, y, stacked=kind is ChartKind.STACKED)
    return body, _TOP + _PLOT + (96 if _turned(drawn.labels, step) else 40)


def _sums(drawn: _Drawn, kind: ChartKind) -> list[float]:
    if kind is not ChartKind.STACKED:
        return drawn.values
    columns = zip(*(own for _, own in drawn.series), strict=True)
    return [sum(each for each in column if each is not None) for column in columns]


def _lines(drawn: _Drawn, step: float, y: Callable[[float], float]) -> Iterator[str]:
    for number, (_, own) in enumerate(drawn.series):
        colour, run = COLOURS[number % len(COLOURS)], list[str]()
        for place, value in enumerate([*own, None]):
            if value is not None:
                x = _LEFT + step * (place + 0.5)
                run.append(f"{x:.1f},{y(value):.1f}")
                yield f'<circle cx="{x:.1f}" cy="{y(value):.1f}" r="3" fill="{colour}"/>'
            elif run:
                yield (
                    f'<polyline points="{" ".join(run)}" fill="none" stroke="{colour}"'
                    ' stroke-width="2.5" stroke-linejoin="round"/>'
                )
                run = []


def _boxes(
    drawn: _Drawn, step: float, y: Callable[[float], float], *, stacked: bool
) -> Iterator[str]:
    wide = step * 0.7 / (1 if stacked else len(drawn.series))
    piled = [0.0] * len(drawn.labels)
    for number, (_, own) in enumerate(drawn.series):
        for place, value in enumerate(own):
            if value is None:
                continue
            base = piled[place] if stacked else 0.0
            x = _LEFT + step * (place + 0.15) + (0 if stacked else wide * number)
            top, bottom = sorted((y(base), y(base + value)))
            yield _box(x, top, wide, bottom - top, COLOURS[number % len(COLOURS)])
            piled[place] += value


def _bars(drawn: _Drawn, tick: Tick) -> tuple[list[str], float]:
    """Bars to the right of their labels."""
    thick = _BAR if len(drawn.series) == 1 else max(_BAR * 2 // len(drawn.series), 7)
    row = thick * len(drawn.series) + 10
    marks = ticks(min(drawn.values), max(drawn.values))
    low, high = marks[0], marks[-1]
    bottom = _TOP + row * len(drawn.labels)

    def x(value: float) -> float:
        return _LABEL + (WIDTH - _LABEL - 40) * (value - low) / (high - low)

    body = list(_legend(drawn))
    for mark in marks:
        body.append(_line(x(mark), _TOP, x(mark), bottom, "#bbb" if not mark else "#e6e6e6"))
        body.append(_words(x(mark), bottom + 18, tick(mark), "middle", fill="#666"))
    for place, label in enumerate(drawn.labels):
        top = _TOP + row * place + 5
        middle = top + thick * len(drawn.series) / 2 + 4
        body.append(_words(_LABEL - 8, middle, _cut(label, _LABEL - 16), "end"))
        for number, (_, own) in enumerate(drawn.series):
            value = own[place]
            if value is not None:
                left, right = sorted((x(0.0), x(value)))
                colour = COLOURS[number % len(COLOURS)]
                body.append(_box(left, top + thick * number, right - left, thick - 1, colour))
    return body, bottom + 34


def _pie(drawn: _Drawn, text: Text) -> tuple[list[str], float]:
    """Slices of what is above 0, each named with its share."""
    own = drawn.series[0][1]
    parts = [
        (label, value)
        for label, value in zip(drawn.labels, own, strict=True)
        if value and value > 0
    ]
    total, angle = sum(value for _, value in parts), -math.pi / 2
    centre, radius = (190.0, 200.0), 125.0
    body = []
    for number, (label, value) in enumerate(parts):
        colour, share = COLOURS[number % len(COLOURS)], value / total
        after = angle + 2 * math.pi * share
        body.append(_slice(centre, radius, (angle, after), colour))
        angle, top = after, 90 + 24 * number
        body.append(_box(380, top - 11, 13, 13, colour))
        number_, part = Shown(int(value), Style.INTEGER), Shown(round(share, 3), Style.PERCENT)
        name = f"{_cut(label, 230)} — {text(number_)} ({text(part)})"
        body.append(_words(402, top, name))
    return body, max(350.0, 110.0 + 24 * len(parts))


def _slice(
    centre: tuple[float, float], radius: float, turn: tuple[float, float], colour: str
) -> str:
    begin, end = turn
    (x, y) = centre
    if end - begin > 2 * math.pi - 1e-6:
        return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}"/>'
    points = [(x + radius * math.cos(each), y + radius * math.sin(each)) for each in turn]
    large = int(end - begin > math.pi)
    return (
        f'<path d="M{x},{y} L{points[0][0]:.2f},{points[0][1]:.2f} A{radius},{radius} 0 {large} 1'
        f' {points[1][0]:.2f},{points[1][1]:.2f} Z" fill="{colour}" stroke="#fff"/>'
    )


def _heat(chart: Chart, grid: Grid, drawn: _Drawn, text: Text) -> tuple[list[str], float]:
    """The cells themselves, the darker the more, under the headings that stand above them."""
    cells = chart.series[0].cells
    columns = cells.last_column - cells.first_column + 1
    values = drawn.series[0][1]
    wide = min((WIDTH - _LABEL + 60 - _RIGHT) / columns, 110.0)
    left, body = _LABEL - 60.0, []
    above = CellRange(
        cells.first_row - 1, cells.first_column, cells.first_row - 1, cells.last_column
    )
    for column, heading in enumerate(_cells(grid, above)):
        middle = left + wide * (column + 0.5)
        body.append(_words(middle, _TOP - 8, _cut(text(heading), wide), "middle"))
    shown = list(_cells(grid, cells))
    for place, share in enumerate(shares_of(values)):
        row, column = divmod(place, columns)
        x, y = left + wide * column, _TOP + 26.0 * row
        body.append(_box(x + 1, y + 1, wide - 2, 24, shade(share or 0.0)))
        words, fill = text(shown[place]), "#fff" if share is not None and share > 0.6 else "#333"
        if wide >= len(words) * _LETTER * 0.85:
            middle = x + wide / 2
            body.append(_words(middle, y + 17, words, "middle", size=11, fill=fill))
    for row, label in enumerate(drawn.labels):
        body.append(_words(left - 8, _TOP + 26 * row + 17, _cut(label, left - 16), "end"))
    return body, _TOP + 26.0 * len(drawn.labels) + 16


def _legend(drawn: _Drawn) -> Iterator[str]:
    if len(drawn.series) < 2:
        return
    left = 16.0
    for number, (name, _) in enumerate(drawn.series):
        yield _box(left, 44, 13, 13, COLOURS[number % len(COLOURS)])
        yield _words(left + 19, 55, name)
        left += 19 + len(name) * _LETTER + 26


def _labels_below(labels: Sequence[str], step: float) -> Iterator[str]:
    turned = _turned(labels, step)
    every = max(1, math.ceil(len(labels) * 16 / (WIDTH - _LEFT - _RIGHT)))
    for place, label in enumerate(labels):
        if place % every:
            continue
        x, y = _LEFT + step * (place + 0.5), _TOP + _PLOT + 18
        if turned:
            yield _words(x, y, _cut(label, 110), "end", turn=-40)
        else:
            yield _words(x, y, label, "middle")


def _turned(labels: Sequence[str], step: float) -> bool:
    return max((len(label) for label in labels), default=0) * _LETTER > step - 4


def _cut(label: str, width: float) -> str:
    most = max(int(width / _LETTER), 1)
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"


def _words(x: float, y: float, words: str, anchor: str = "start", **looks: object) -> str:
    """A line of text; `looks` are `size`, `fill`, `weight` and `turn` in degrees."""
    turn = looks.get("turn")
    turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{looks.get("size", 12)}"'
        f' fill="{looks.get("fill", "#333")}" font-weight="{looks.get("weight", 400)}"'
        f' text-anchor="{anchor}"{turned}>{escape(words)}</text>'
    )


def _box(x: float, y: float, width: float, height: float, fill: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(height, 0.5):.1f}"'
        f' fill="{fill}"/>'
    )


def _line(x: float, y: float, right: float, bottom: float, colour: str) -> str:
    return f'<path d="M{x:.1f},{y:.1f} L{right:.1f},{bottom:.1f}" stroke="{colour}"/>'


def _cells(grid: Grid, places: CellRange) -> Iterator[Shown]:
    for row, column in places.cells():
        inside = row < len(grid.rows) and column < len(grid.rows[row])
        yield grid.rows[row][column] if inside else Shown()


def _number(shown: Shown) -> float | None:
    value = shown.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
