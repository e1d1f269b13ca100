"""What a report is asked for on the command line."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import click

from crm_sync.cli.usage import OneOf, Usage, Whole
from crm_sync.core.values import N_
from crm_sync.errors import NotFound
from crm_sync.reports.parameters import Question
from crm_sync.reports.periods import PeriodKind
from crm_sync.reports.sales import Basis, Dimension
from crm_sync.services.application import Application
from crm_sync.services.reporting import Wish

_DIMENSIONS: Final = {
    "group": Dimension.PRODUCT_GROUP,
    "offer": Dimension.CAMPAIGN,
    "owner": Dimension.OWNER,
    "branch": Dimension.BRANCH,
    "kind": Dimension.KIND,
    "source": Dimension.SOURCE,
}
_CUSTOM: Final = "custom"
_MOST_MONTHS: Final = 120


class Day(click.ParamType[date]):
    """A date as ISO 8601 writes it."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            found = date.fromisoformat(str(value))
        except ValueError:
            found = None
        # The years before and after are needed for comparison.
        if found is None or not 2 < found.year < 9998:
            raise Usage(
                N_("{parameter}: “{typed}” is no date. Write it like {example}."),
                parameter=param.opts[0] if param else "?",
                typed=value,
                example="2026-03-15",
            )
        return found


@dataclass(frozen=True)
class ReportOptions:
    """The options of a report as they were typed."""

    period: str | None = None
    as_of: date | None = None
    since: date | None = None
    until: date | None = None
    by: tuple[str, ...] = ()
    basis: str | None = None
    kind: str | None = None
    employee: str | None = None
    months: int = 3
    known_on: date | None = None
    changed_since: date | None = None

    def wish(self, name: str, app: Application) -> Wish:
        """The wish for the report of this name. Raises UserError for what does not fit together."""
        self._check(name)
        return Wish(
            question=self._question(),
            as_of=self.as_of,
            known_on=self.known_on,
            since=self.changed_since,
            employee=_employee(app, self.employee) if self.employee else "",
            months=self.months,
        )

    def _check(self, name: str) -> None:
        asked = {
            "--period": self.period,
            "--from": self.since,
            "--to": self.until,
            "--by": self.by,
            "--basis": self.basis,
            "--kind": self.kind,
            "--changed-since": self.changed_since,
        }
        for option, value in asked.items():
            if value and name != "comparison":
                raise Usage(
                    N_("{option} belongs to the report {report}."),
                    option=option,
                    report="comparison",
                )
        if self.employee and name != "followups":
            raise Usage(
                N_("{option} belongs to the report {report}."),
                option="--employee",
                report="followups",
            )
        if self.since is None and (self.until is not None or self.period == _CUSTOM):
            raise Usage(N_("To compare chosen days, say their first day with --from."))
        if self.since and self.until and self.until < self.since:
            raise Usage(N_("--to lies before --from."))
        if self.since and self.period not in (None, _CUSTOM):
            raise Usage(N_("--from and --to are for chosen days: leave --period out."))

    def _question(self) -> Question:
        custom = self.since is not None
        kind = None if custom else PeriodKind(self.period or PeriodKind.MONTH)
        dimensions = dict.fromkeys(_DIMENSIONS[each] for each in self.by)
        return Question(
            period=kind,
            as_of=None if self.as_of or not custom else self.until,
            since=self.since,
            until=self.until,
            basis=Basis(self.basis or Basis.FULFILLED),
            dimensions=tuple(dimensions) or (Dimension.PRODUCT_GROUP,),
            kind=self.kind or "",
        )


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options of a report; their values come as `options`."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        names = ReportOptions.__dataclass_fields__
        taken = {name: kwargs.pop(name) for name in names}
        return command(*args, options=ReportOptions(**taken), **kwargs)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


_DAY: Final = Day()
_OPTIONS: Final = (
    click.option(
        "--as-of",
        type=_DAY,
        metavar="DATE",
        help="The last day that counts. [default: today; in the comparison yesterday]",
    ),
    click.option(
        "--known-on",
        type=_DAY,
        metavar="DATE",
        help="By the store as it stood at the end of that day.",
    ),
    click.option(
        "--period",
        type=OneOf([*PeriodKind, _CUSTOM]),
        metavar="KIND",
        help="Comparison: day, week, month, quarter, half, year or custom. [default: month]",
    ),
    click.option(
        "--from", "since", type=_DAY, metavar="DATE", help="Comparison: first of chosen days."
    ),
    click.option(
        "--to", "until", type=_DAY, metavar="DATE", help="Comparison: last of chosen days."
    ),
    click.option(
        "--by",
        type=OneOf(list(_DIMENSIONS)),
        multiple=True,
        metavar="WHAT",
        help="Comparison: group, offer, owner, branch, kind or source; may be repeated."
        " [default: group]",
    ),
    click.option(
        "--basis",
        type=OneOf(list(Basis)),
        metavar="DAY",
        help="Comparison: sales count when fulfilled, agreed or paid. [default: fulfilled]",
    ),
    click.option(
        "--kind",
        type=OneOf(["customer", "supplier", "partner"]),
        metavar="KIND",
        help="Comparison: only sales to customers, suppliers or partners (customer ...).",
    ),
    click.option(
        "--changed-since",
        type=_DAY,
        metavar="DATE",
        help="Comparison: list closed figures that changed after that day.",
    ),
    click.option(
        "--employee", metavar="WHO", help="Follow-ups: only those of one employee (id or name)."
    ),
    click.option(
        "--months",
        type=Whole(min=1, max=_MOST_MONTHS),
        default=3,
        metavar="N",
        help="KPI: how many months. [default: 3]",
    ),
)


def _employee(app: Application, typed: str) -> str:
    records = app.store.records.all(app.tab("employees").table)
    wanted = typed.strip().casefold()
    found = [
        key
        for key, record in records.items()
        if wanted in (key.casefold(), str(record.values.get("name") or "").strip().casefold())
    ]
    if len(found) != 1:
        raise NotFound(
            N_("There is no employee “{typed}”, or there are several."),
            N_("Type an id from the tab {tab}, for example E-001."),
            typed=typed,
            tab=app.tab("employees").title,
        )
    return found[0]
