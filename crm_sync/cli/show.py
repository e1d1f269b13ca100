"""How results look on a terminal: tables that fit, grids of reports, values as people write."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crm_sync.core.grid import Grid, Shown, Style
from crm_sync.core.values import Cell, cell_text
from crm_sync.messages import Messages

EPOCH = datetime.fromisoformat("1899-12-30")
NUMBERS = frozenset({Style.INTEGER, Style.MONEY, Style.PERCENT})
WIDEST_CELL = 200
NARROW_CELL = 44

TERMINAL = {"followups": (0, 1, 2, 3, 5, 7), "comparison": (0, 1, 2, 3, 4, 5, 7)}
"""The columns of a report that fit a terminal; the tab in the workbook has them all."""


def table(*headings: str, title: str = "") -> Table:
    """An empty table with these headings."""
    made = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
    for heading in headings:
        made.add_column(escape(heading), overflow="fold")
    return made


def print_grid(
    console: Console, grid: Grid, messages: Messages, columns: tuple[int, ...] = ()
) -> None:
    """Prints a generated tab: titles and notes as lines, each block below a heading row as a table.
    `columns` picks some of them, for a list that is wider than a terminal.
    """
    current: Table | None = None
    for row in grid.rows:
        shown = (
            [row[index] if index < len(row) else Shown() for index in columns] if columns else row
        )
        if any(cell.style is Style.HEADER for cell in row):
            _flush(console, current)
            current = table(*(text_of(cell, messages) for cell in shown))
            for column, cell in zip(current.columns, _first_row(grid, row, columns), strict=False):
                column.justify = "right" if cell.style in NUMBERS else "left"
        elif current is not None and len([cell for cell in row if cell.value is not None]) > 1:
            current.add_row(*(_marked(cell, messages) for cell in shown))
        else:
            _flush(console, current)
            current = None
            line = " ".join(_marked(cell, messages, alone=True) for cell in row)
            console.print(line.strip(), soft_wrap=True)
    _flush(console, current)


def text_of(cell: Shown, messages: Messages) -> str:
    """A shown cell as text in the language of the reader."""
    value = cell.value
    if value is None or isinstance(value, (str, bool)):
        return cell_text(value)
    match cell.style:
        case Style.DATE:
            return messages.date(day_of(value))
        case Style.DATETIME:
            return messages.datetime(EPOCH + timedelta(days=float(value)))
        case Style.PERCENT:
            return messages.percent(float(value))
        case Style.MONEY:
            return messages.money(f"{value:.2f}")
        case _:
            return cell_text(value)


def day_of(serial: Cell) -> date:
    """The date of a serial number."""
    assert isinstance(serial, (int, float))
    return (EPOCH + timedelta(days=int(serial))).date()


def _first_row(grid: Grid, heading: tuple[Shown, ...], columns: tuple[int, ...]) -> list[Shown]:
    """The row below a heading, whose styles say how its columns are aligned."""
    position = next(index for index, row in enumerate(grid.rows) if row is heading)
    below = grid.rows[position + 1] if position + 1 < len(grid.rows) else ()
    return _picked(below, columns or tuple(range(len(heading))))


def _picked(row: tuple[Shown, ...], columns: tuple[int, ...]) -> list[Shown]:
    if not columns:
        return list(row)
    return [row[index] if index < len(row) else Shown() for index in columns]


def _marked(cell: Shown, messages: Messages, *, alone: bool = False) -> str:
    text = escape(short(text_of(cell, messages), WIDEST_CELL if alone else NARROW_CELL))
    if cell.style in (Style.TITLE, Style.TOTAL) and text:
        return f"[bold]{text}[/]"
    if cell.style is Style.NOTE and text:
        return f"[dim]{text}[/]"
    return text


def _flush(console: Console, current: Table | None) -> None:
    if current is not None:
        console.print(current)


def short(text: str, width: int = NARROW_CELL) -> str:
    """The text cut to a width, with an ellipsis."""
    return text if len(text) <= width else text[: width - 1] + "…"
