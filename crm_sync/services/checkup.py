"""What was looked at, how it stands, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from crm_sync.core.values import N_
from crm_sync.errors import UserError
from crm_sync.messages import Phrase
from crm_sync.services.application import Application
from crm_sync.services.noted import matters_of_conflicts
from crm_sync.services.status import OLD_BACKUP, status
from crm_sync.services.template import check


class State(Enum):
    """How something stands: well; it will bear looking at; it must be mended."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `area` names it for programs, `workbook` is "" for what belongs
    to none; `remedy` may hold a command to type.
    """

    area: str
    state: State
    what: Phrase
    remedy: Phrase | None = None
    workbook: str = ""


def ok(area: str, template: str, workbook: str = "", /, **facts: object) -> Check:
    """Something that stands well."""
    return Check(area, State.OK, Phrase(template, facts), None, workbook)


@dataclass(frozen=True)
class Remark:
    """Something that does not stand well: its words, and those of the remedy."""

    state: State
    what: str
    remedy: str
    facts: dict[str, Any] = field(default_factory=dict)

    def on(self, area: str, workbook: str = "") -> Check:
        """The remark as a check."""
        what, remedy = Phrase(self.what, self.facts), Phrase(self.remedy, self.facts)
        return Check(area, self.state, what, remedy, workbook)


def warning(what: str, remedy: str, /, **facts: object) -> Remark:
    """Something that will bear looking at."""
    return Remark(State.WARNING, what, remedy, facts)


def fault(what: str, remedy: str, /, **facts: object) -> Remark:
    """Something that must be mended."""
    return Remark(State.ERROR, what, remedy, facts)


def failed(area: str, error: UserError, workbook: str = "") -> Check:
    """An error as a check."""
    remedy = Phrase(error.hint, error.facts) if error.hint else None
    return Check(area, State.ERROR, Phrase(error.message, error.facts), remedy, workbook)


def store_checks(app: Application, now: datetime) -> Iterator[Check]:
    """What the store itself tells: is it whole, what waits in it, how old its backups are."""
    try:
        app.store.check()
        yield ok("store", N_("The store is whole."))
    except UserError as exc:
        yield failed("store", exc)
        return
    found = status(app)
    for matter in matters_of_conflicts(app.store.findings.conflicts(), now):
        what, facts = matter.what.template, dict(matter.what.facts)
        yield Remark(State.WARNING, what, matter.command, facts).on("conflicts", matter.workbook)
    for item in found.workbooks:
        if item.name in found.stopped:
            yield warning(
                N_("A tab waits for a decision; it is not synced until then."),
                N_("crm-sync sync says which, and names the command that goes ahead."),
            ).on("stops", item.name)
        if item.unsettled:
            yield warning(
                N_("The last run did not end; the next one goes on from there."),
                N_("crm-sync sync"),
            ).on("runs", item.name)
    age = found.backup_age
    if age is None:
        make = N_("crm-sync backup make")
        yield warning(N_("There is no backup yet."), make).on("backups")
    elif age > OLD_BACKUP:
        yield warning(
            N_("The newest backup is {days} days old."), N_("crm-sync backup make"), days=age.days
        ).on("backups")
    else:
        yield ok(
            "backups", N_("Backups: {count}; the newest is of this week."), count=found.backups
        )


def template_checks(app: Application, name: str) -> Iterator[Check]:
    """What a workbook has lost of its template. Asks the network."""
    try:
        found = check(app, name)
    except UserError as exc:
        yield failed("template", exc, name)
        return
    if not found.made:
        return
    if found.clean:
        yield ok("template", N_("It looks as its template says."), name)
    else:
        yield warning(
            N_("It has lost {count} things of its template."),
            N_("crm-sync template check lists them, crm-sync template repair gives them back."),
            count=len(found.drift),
        ).on("template", name)
