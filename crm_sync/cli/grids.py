"""Reports on a terminal: as much of a generated tab as fits, in the order of the tab.

What is no terminal gets all columns and blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm_sync.cli.listing import Listing
from crm_sync.cli.screen import Screen, cell, listing
from crm_sync.core.grid import Grid, Shown, Style
from crm_sync.core.values import N_, Cell, cell_text
from crm_sync.messages import Messages

EPOCH = datetime.fromisoformat("1899-12-30")
END: Sequence[Shown] = [Shown()]
NUMBERS = frozenset({Style.INTEGER, Style.MONEY, Style.PERCENT})
DATES = frozenset({Style.DATE, Style.DATETIME})
WIDE = 110
"""From so many columns on there is room for more than the least."""

GROUP, DAYS, WHEN, CLIENT, PHONE, WHAT, AMOUNT = 0, 1, 2, 3, 4, 5, 7
LONGEST_WHAT = 50
BLOCKS = 2
"""How many figures of the comparison a terminal shows: the sum and the number of sales."""


@dataclass(frozen=True)
class View:
    """How to show a grid: on what, in which language, at most how many lines of a list. `typed`
    makes the commands in a text such as can be typed here. `brief`: as on a terminal, also where
    there is none.
    """

    screen: Screen
    messages: Messages
    most: int | None = None
    typed: Callable[[str], str] = str
    brief: bool = False

    @property
    def room(self) -> int:
        """Columns that a table may take."""
        return min(self.screen.width, WIDE - 1) if self.brief else self.screen.width


def print_report(view: View, name: str, grid: Grid) -> None:
    """Prints a report by its name: "followups" or "comparison"."""
    if not (view.brief or view.screen.is_terminal):
        _print_blocks(view, grid.rows)
    elif name == "followups":
        _print_followups(view, grid)
    else:
        _print_comparison(view, grid)


def _print_followups(view: View, grid: Grid) -> None:
    """The list under its groups: what to do has the room that is left."""
    heading, *lines = grid.rows
    if not lines or len(lines[0]) <= AMOUNT:
        _print_blocks(view, lines)
        return
    wide = view.room >= WIDE
    columns = (WHEN, DAYS, CLIENT, PHONE, WHAT, AMOUNT) if wide else (WHEN, CLIENT, WHAT, AMOUNT)
    made = listing(*(_text(heading[index], view) for index in columns))
    for number, index in enumerate(columns):
        if index in (DAYS, AMOUNT):
            made.align_right(number)
        elif index == PHONE:
            made.keep_whole(number)
    group = None
    for row in lines[: view.most]:
        if row[GROUP].value != group:
            group = row[GROUP].value
            made.add(cell(cell_text(group), "bold"))
        texts = {index: _text(row[index], view) for index in columns}
        texts[WHAT] = short(texts[WHAT], LONGEST_WHAT)
        made.add(*(cell(texts[index]) for index in columns))
    view.screen.table(made, view.room)
    left = len(lines) - (view.most or len(lines))
    if left > 0:
        say = view.messages.text
        more = N_("… and {count} more; all of them: crm-sync report followups")
        view.screen.line(view.typed(say(more, count=left)), "dim", keep=True)


def _print_comparison(view: View, grid: Grid) -> None:
    """The periods, the sum and the number of sales; averages and shares are in the tab."""
    wide = view.room >= WIDE
    columns = (0, 1, 2, 3, 4, 5, 7, 9) if wide else (0, 1, 2, 3, 4, 5, 7)
    titles, shown = 0, []
    left_out = False
    for row in grid.rows:
        titles += any(item.style is Style.TITLE for item in row)
        is_note = any(item.style is Style.NOTE for item in row)
        # The first title is that of the whole.
        if titles <= BLOCKS + 1 or is_note:
            picked = tuple(row[index] for index in columns if index < len(row))
            shown.append(picked if wide else tuple(_whole(item) for item in picked))
        else:
            left_out = True
    while shown and not shown[-1]:
        shown.pop()
    _print_blocks(view, shown)
    if left_out:
        text = N_("The tab in the workbook has averages, shares and remarks, too.")
        view.screen.line(view.messages.text(text), "dim")


def _print_blocks(view: View, rows: Iterable[Sequence[Shown]]) -> None:
    """Rows as they stand in a tab: titles and remarks as lines, tables below their headings."""
    made: Listing | None = None
    for row in [*rows, END]:
        if any(item.style is Style.HEADER for item in row):
            _flush(view, made)
            made = listing(*(_text(item, view) for item in row if item.value is not None))
            made.keep_whole(0)
        elif made is not None and len([item for item in row if item.value is not None]) > 1:
            _add(view, made, row)
        else:
            _flush(view, made)
            made = None
            text = " ".join(_text(item, view) for item in row if item.value is not None)
            if text:
                view.screen.line(text, _look(row[0]))
            elif row is not END:
                view.screen.gap()


def _add(view: View, made: Listing, row: Sequence[Shown]) -> None:
    made.add(*(cell(_text(item, view), _look(item)) for item in row))
    for number, item in enumerate(row[: len(made)]):
        if item.style in NUMBERS:
            made.align_right(number)
        elif item.style in DATES:
            made.keep_whole(number)


def _flush(view: View, made: Listing | None) -> None:
    if made is not None:
        view.screen.table(made, view.room)


def _look(shown: Shown) -> str:
    return {Style.TITLE: "bold", Style.TOTAL: "bold", Style.NOTE: "dim"}.get(shown.style, "")


def _whole(shown: Shown) -> Shown:
    """A sum without cents, where there is no room for them."""
    if shown.style is Style.MONEY and isinstance(shown.value, int | float):
        return Shown(round(shown.value), Style.INTEGER)
    return shown


def _text(shown: Shown, view: View) -> str:
    return text_of(shown, view.messages)


def text_of(shown: Shown, messages: Messages) -> str:
    """A shown cell as text in the language of the reader."""
    value = shown.value
    if value is None or isinstance(value, str | bool):
        return cell_text(value)
    match shown.style:
        case Style.DATE:
            return messages.date(day_of(value))
        case Style.DATETIME:
            # A day's fraction is not exact: without rounding 15:59 would show as 15:58.
            return messages.datetime(EPOCH + timedelta(seconds=round(float(value) * 86400)))
        case Style.PERCENT:
            return messages.percent(float(value))
        case Style.MONEY:
            return messages.money(f"{value:.2f}")
        case Style.INTEGER:
            return messages.integer(int(value))
        case _:
            return cell_text(value)


def day_of(serial: Cell) -> date:
    """The date of a serial number."""
    assert isinstance(serial, int | float)
    return (EPOCH + timedelta(days=int(serial))).date()


def short(text: str, width: int) -> str:
    """The text cut to a width, with an ellipsis."""
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"
