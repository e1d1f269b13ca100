"""A conflict as people see it: where, what was, what either side says now, sign by sign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from crm_sync.cli.findings import NOTHING, Teller
from crm_sync.cli.screen import Screen, cell, clean
from crm_sync.cli.settings import Settings
from crm_sync.cli.told import next_step
from crm_sync.core.differing import Piece, marked, pieces
from crm_sync.core.findings import Clash, OpenConflict
from crm_sync.core.values import N_
from crm_sync.services.deciding import Filter, Judged, Take

_STYLES = {Piece.SAME: "", Piece.GONE: "red strike", Piece.NEW: "bold"}

no_color_option = click.option(
    "--no-color", is_flag=True, help="Mark what differs with signs: [-old-]{+new+}."
)
_FILTER = (
    click.option("--workbook", metavar="NAME", help="Only those of this workbook."),
    click.option("--tab", metavar="TAB", help="Only those of this tab or table."),
    click.option("--field", metavar="COLUMN", help="Only those of this column or field."),
)


def with_filter(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options that say which conflicts or problems are meant."""
    for option in reversed(_FILTER):
        command = option(command)
    return command


def filtered(workbook: str | None, tab: str | None, field: str | None) -> Filter:
    """What the options of a filter ask for."""
    return Filter(workbook or "", tab or "", field or "")


def print_conflict(
    settings: Settings,
    screen: Screen,
    teller: Teller,
    item: OpenConflict,
    *,
    head: str = "",
    several: bool = True,
    no_color: bool = False,
    marks: bool = True,
) -> None:
    """A conflict with its three values. What differs from the value before is coloured; where there
    are no colours it is marked, if `marks` are wanted there.
    """
    number = settings.messages.text(N_("Conflict {number}"), number=item.id)
    place = f"{head}{number}: {teller.place(item.conflict)}"
    screen.line(f"{place}  [{item.workbook}]" if several else place, "bold")
    (was_name, was), (ours_name, ours), (theirs_name, theirs) = teller.sides(item.conflict)
    by = teller.source(item.ours_by) if item.ours_by else ""
    when = ", ".join(part for part in (teller.time(item.ours_at), by) if part)
    coloured = screen.is_coloured and not no_color
    shown = Table.grid(padding=(0, 2, 0, 0))

    def differing(value: str, style: str, clashes: bool) -> Text:
        if not clashes or NOTHING in (was, value):
            return cell(value, style)
        if coloured:
            text = Text(style=style)
            for kind, part in pieces(was, value):
                text.append(clean(part), _STYLES[kind])
            return text
        return cell(marked(was, value) if marks or no_color else value, style)

    clash = item.conflict.clash
    shown.add_row(cell(f"  {was_name}", "dim"), cell(was), cell(""))
    first = differing(ours, "green", clash is not Clash.DELETE_EDIT)
    second = differing(theirs, "blue", clash not in (Clash.EDIT_DELETE, Clash.FORMULA))
    shown.add_row(cell(f"  {ours_name}", "dim"), first, cell(f"({when})" if when else "", "dim"))
    shown.add_row(cell(f"  {theirs_name}", "dim"), second, cell(""))
    screen.block(shown)


def decision_words(settings: Settings, teller: Teller, judged: Judged) -> str:
    """What was decided, in a line."""
    found = judged.found
    (_, _), (_, ours), (_, theirs) = teller.sides(found.conflict)
    if judged.take is Take.STORE:
        value = ours
    elif judged.take is Take.SHEET:
        value = theirs
    else:
        value = teller.value(found.conflict.table, found.conflict.field, judged.stands)
    return settings.messages.text(
        N_("Conflict {number} is decided: {place}: “{value}” stays."),
        number=found.id,
        place=teller.place(found.conflict),
        value=value,
    )


def print_judged(
    settings: Settings, screen: Screen, teller: Teller, judged: Sequence[Judged], *, dry_run: bool
) -> None:
    """Each decision or why there is none, and what comes next."""
    say = settings.messages.text
    for each in judged:
        if each.refused is not None:
            message, hint = settings.told(each.refused)
            head = say(N_("Conflict {number}"), number=each.found.id)
            screen.line(f"{head}: {message} {hint}".strip(), mark=("✗", "red"))
        else:
            screen.line(
                decision_words(settings, teller, each), mark=("•" if dry_run else "✓", "green")
            )
    done = sum(each.refused is None for each in judged)
    if dry_run:
        text = settings.messages.plural(
            N_("{n} conflict would be decided; nothing was changed."),
            N_("{n} conflicts would be decided; nothing was changed."),
            done,
        )
        screen.line(text, mark=("→", "bold"))
    elif done:
        next_step(settings, screen=screen)
