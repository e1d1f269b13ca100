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
WIDE = 110
"""From so many columns on there is room for more than the least."""

GROUP, WHAT = N_("Group"), N_("What to do")
CALLS = (N_("When"), N_("Client"), WHAT, N_("Amount"))
WIDE_CALLS = (N_("When"), N_("Days overdue"), N_("Client"), N_("Phone"), WHAT, N_("Amount"))
LONGEST_WHAT = 50
FIGURES = (N_("Number of sales"), N_("Sum of sales, {currency}"))
"""The blocks of the comparison that a terminal shows."""
SIDES = (
    N_("Now"),
    N_("Previous"),
    N_("Change"),
    N_("Change, %"),
    N_("Year ago"),
    N_("Change in a year, %"),
)
WIDE_SIDES = (*SIDES, N_("Share"))


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
    places = _places(view, heading, (GROUP, *(WIDE_CALLS if view.room >= WIDE else CALLS)))
    if len(lines) < 1 or len(lines[0]) < len(places) or not {GROUP, WHAT} <= places.keys():
        _print_blocks(view, lines)
        return
    group_at = places.pop(GROUP)
    made = listing(*(_text(heading[index], view) for index in places.values()))
    group = None
    for row in lines[: view.most]:
        if row[group_at].value != group:
            group = row[group_at].value
            made.begin(cell(cell_text(group), "bold"))
        texts = {name: _text(row[index], view) for name, index in places.items()}
        texts[WHAT] = short(texts[WHAT], LONGEST_WHAT)
        made.add(*(cell(text) for text in texts.values()))
        _align(made, [row[index] for index in places.values()])
    view.screen.table(made, view.room)
    left = len(lines) - (view.most or len(lines))
    if left > 0:
        say = view.messages.text
        more = N_("… and {count} more; all of them: crm-sync report followups")
        view.screen.line(view.typed(say(more, count=left)), "dim", keep=True)


def _print_comparison(view: View, grid: Grid) -> None:
    """The periods, the sum and the number of sales; averages and shares are in the tab."""
    wide = view.room >= WIDE
    wanted = tuple(_beginning(view, title) for title in FIGURES)
    shown: list[Sequence[Shown]] = []
    columns: Sequence[int] | None = None
    is_wanted, left_out = True, False
    for row in grid.rows:
        if any(item.style is Style.TITLE for item in row):
            # The first title is that of the whole.
            is_wanted = not shown or cell_text(row[0].value).startswith(wanted)
        if any(item.style is Style.HEADER for item in row):
            found = _places(view, row, WIDE_SIDES if wide else SIDES)
            columns = (0, *found.values()) if found else None
        if is_wanted or any(item.style is Style.NOTE for item in row):
            chosen = columns if columns is not None and len(row) > 1 else range(len(row))
            picked = [row[index] for index in chosen if index < len(row)]
            shown.append(picked if wide else [_whole(item) for item in picked])
        left_out = left_out or not is_wanted
    while shown and not shown[-1]:
        shown.pop()
    _print_blocks(view, shown)
    if left_out:
        text = N_("The tab in the workbook has averages, shares and remarks, too.")
        view.screen.line(view.messages.text(text), "dim")


def _places(view: View, heading: Sequence[Shown], names: Sequence[str]) -> dict[str, int]:
    """Where the columns of these names stand; one that is not there is left out."""
    texts = [item.value for item in heading]
    said = {name: view.messages.text(name) for name in names}
    return {name: texts.index(text) for name, text in said.items() if text in texts}


def _beginning(view: View, title: str) -> str:
    """A title up to what is filled into it."""
    return view.messages.text(title, currency="\0").partition("\0")[0]


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
    _align(made, row)


def _align(made: Listing, row: Sequence[Shown]) -> None:
    for number, item in enumerate(row[: len(made)]):
        if item.style in NUMBERS:
            made.align_right(number)
        elif item.style is Style.DATE:
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
        case Style.DATETIME | Style.ANSWER_DATE:
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
