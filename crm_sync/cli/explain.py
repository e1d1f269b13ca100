"""`crm-sync explain`: the records behind one number of a report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import click

from crm_sync.cli.grids import short, text_of
from crm_sync.cli.report_options import ReportOptions, report_options
from crm_sync.cli.screen import cell, listing
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import OneOf, Usage
from crm_sync.core.grid import Shown
from crm_sync.core.values import N_
from crm_sync.errors import NotFound
from crm_sync.reports.data import exact
from crm_sync.reports.explain import Explanation, Part, Rule
from crm_sync.reports.names import REPORTS
from crm_sync.reports.parameters import Asked
from crm_sync.reports.report import Report
from crm_sync.reports.report import explain as explain_cell
from crm_sync.services.collector import collector_at_rest
from crm_sync.services.reporting import Desk, open_desk

RULES: Final = {
    Rule.SUM: N_("the sum of these"),
    Rule.MEAN: N_("the mean of these"),
    Rule.MEDIAN: N_("the middle one of these (median)"),
    Rule.DIFFERENCE: N_("the first less the second"),
    Rule.RATIO: N_("the first divided by the second"),
    Rule.PRODUCT: N_("all multiplied"),
    Rule.GROWTH: N_("the first less the second, divided by the second"),
    Rule.GIVEN: N_("given: a plan, a rule or a setting"),
    Rule.LIMITED: N_("the first, but no less than the second and no more than the third"),
}
_LONGEST_NAME: Final = 40


@click.command(short_help="Show the records behind a number of a report.")
@click.argument("name", type=OneOf(REPORTS), metavar="REPORT")
@click.argument("place", metavar="CELL")
@report_options
@click.option(
    "--tab",
    "in_tab",
    is_flag=True,
    help="CELL is of the tab in the workbook: there the comparison has its parameters on top.",
)
@json_option
@common
def explain(
    settings: Settings,
    name: str,
    place: str,
    options: ReportOptions,
    in_tab: bool,
    as_json: bool,
) -> None:
    """Show where a number comes from: the very records behind CELL of REPORT.

    CELL is a place in the report as its Excel file shows it, such as B12. Give the options that
    the report was made with.

    \b
    Example:  crm-sync explain comparison B16 --as-of 2026-03-15
    """
    with settings.application(translated=True) as app, collector_at_rest():
        wish = options.wish(name, app)
        desk = open_desk(app, wish, Asked(wish.question) if in_tab else None)
        made = desk.report(name)
        try:
            found = explain_cell(made, place)
        except ValueError as exc:
            raise Usage(
                N_("“{typed}” is no cell. Write it like {example}."), typed=place, example="B12"
            ) from exc
        if found is None:
            raise NotFound(
                N_("In {cell} of this report there is no number that comes from records."),
                N_("These have one: {cells}"),
                cell=place.upper(),
                cells=", ".join(_some(made)),
            )
        if as_json:
            settings.out.json({"report": name, "cell": place.upper(), "explained": data(found)})
        else:
            _print(settings, desk, _shown(made, place), found)


def data(found: Explanation) -> dict[str, Any]:
    """An explanation as JSON: the number, the rule, and its records or the numbers it is of."""
    return {
        "what": found.what,
        "value": exact(found.value),
        "rule": found.rule.value,
        "records": [
            {
                "table": part.table,
                "id": part.id,
                "amount": exact(part.amount),
                "day": part.day.isoformat() if part.day else None,
                "client": part.client or None,
                "note": part.note or None,
            }
            for part in found.parts
        ],
        "of": [data(each) for each in found.of],
    }


def _some(report: Report) -> Iterator[str]:
    """A few cells that can be explained, the first of each row."""
    rows: set[int] = set()
    for row, column in sorted(report.behind):
        if row not in rows and column < 26:
            rows.add(row)
            yield f"{chr(ord('A') + column)}{row + 1}"
        if len(rows) > 7:
            return


def _shown(report: Report, place: str) -> Shown:
    letters = place.strip().replace("$", "").rstrip("0123456789").upper()
    row = int(place.strip().replace("$", "")[len(letters) :]) - 1
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return report.grid.rows[row][column - 1]


def _print(settings: Settings, desk: Desk, shown: Shown, found: Explanation) -> None:
    words = settings.messages
    settings.out.line(text_of(shown, words), "bold")
    _print_level(settings, desk, found, 0)


def _print_level(settings: Settings, desk: Desk, found: Explanation, depth: int) -> None:
    """The number and what it is made of; numbers within it are told below, one after the other."""
    say = settings.messages.text
    value = exact(found.value) or "—"
    mark = "  " * depth
    settings.out.line(f"{mark}{value} — {say(RULES[found.rule])}")
    for each in found.of:
        _print_level(settings, desk, each, depth + 1)
    if found.parts:
        lines = listing(say(N_("Record")), say(N_("Day")), say(N_("Client")), say(N_("Adds")))
        for part in found.parts:
            lines.add(*(cell(text) for text in _texts(settings, desk, part)))
        settings.out.table(lines)


def _texts(settings: Settings, desk: Desk, part: Part) -> Iterator[str]:
    yield part.id
    yield settings.messages.date(part.day) if part.day else ""
    name = desk.world.name("clients", part.client) if part.client else ""
    yield short(f"{name} ({part.client})" if name else part.client, _LONGEST_NAME)
    yield exact(part.amount) or ""
