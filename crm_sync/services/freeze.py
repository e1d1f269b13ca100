"""Settles the bonuses of a month: what is paid stays, and later changes become corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.values import N_
from crm_sync.errors import UserError
from crm_sync.model import LEDGERS
from crm_sync.reports.activity import Scope
from crm_sync.reports.data import exact
from crm_sync.reports.kpi import KpiLine
from crm_sync.reports.seasonality import Month
from crm_sync.services.application import Application
from crm_sync.services.reporting import Wish, open_desk

_TABLE = "paid_bonuses"


@dataclass(frozen=True)
class Frozen:
    """What was settled: the month, and the line of each employee with a bonus."""

    month: Month
    lines: tuple[KpiLine, ...]
    done: bool


def freeze(app: Application, month: Month, *, dry_run: bool = False) -> Frozen:
    """Writes down the bonuses of a month that is over. Raises UserError for one that is not, one
    that is settled already, and one without bonuses.
    """
    today = app.local_now().date()
    if month.window.end >= today:
        raise UserError(
            N_("{month} is not over yet."),
            N_("Settle it from {day} on."),
            month=_text(month),
            day=date.fromordinal(month.window.end.toordinal() + 1),
        )
    with app.store.lease():
        found = open_desk(app, Wish(as_of=month.window.end)).found
        lines = [each for each in found.kpi_of([month]) if each.subject.scope is Scope.EMPLOYEE]
        if any(each.is_frozen for each in lines):
            raise UserError(
                N_("{month} is settled already."),
                N_("What has changed since is corrected in the month after the last settled one."),
                month=_text(month),
            )
        owed = tuple(each for each in lines if each.payable is not None)
        if not owed:
            raise UserError(
                N_("Nobody has a bonus in {month}."),
                N_("Fill in the terms of bonuses first: docs/reports.md tells how."),
                month=_text(month),
            )
        if not dry_run:
            _write(app, month, owed)
    return Frozen(month, owed, not dry_run)


def month_of(typed: str) -> Month:
    """A month as it is typed: 2026-03. Raises UserError."""
    try:
        day = date.fromisoformat(f"{typed}-01")
    except ValueError as exc:
        raise UserError(
            N_("“{typed}” is no month. Write it like {example}."), typed=typed, example="2026-03"
        ) from exc
    return Month(day.year, day.month)


def _write(app: Application, month: Month, lines: Sequence[KpiLine]) -> None:
    table = next(each for each in LEDGERS if each.name == _TABLE)
    ids = app.store.records.mint(table, len(lines))
    changes = [
        StoreChange(
            Op.CREATE,
            _TABLE,
            record_id,
            {
                "employee": each.subject.id,
                "month": _text(month),
                "kpi": exact(each.kpi),
                "bonus": exact(each.bonus or Decimal(0)),
                "correction": exact(each.correction),
            },
        )
        for record_id, each in zip(ids, lines, strict=True)
    ]
    with app.store.transaction():
        app.store.records.apply(changes, source="cli", by="", at=app.clock.now())


def _text(month: Month) -> str:
    return f"{month.year:04}-{month.month:02}"
