"""Takes over what staff typed into the follow-up list and into the parameters of the comparison.

Answers go into the store before anything is merged, with a token each: a run that dies before it
could empty the cells passes them over the next time. Both tabs are watched by the writes that clear
them, so that what is typed between our read and our write is found and taken over as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm_sync.core.codecs import Conventions
from crm_sync.core.findings import Problem
from crm_sync.core.locked import Locks
from crm_sync.core.plan import StoreChange
from crm_sync.core.records import Base
from crm_sync.ports import Binding
from crm_sync.reports.answers import (
    TAB,
    Reader,
    Taken,
    Typed,
    take,
    told_where_it_stands,
    typed_rows,
)
from crm_sync.reports.followups_grid import Kept
from crm_sync.reports.parameters import TAB as COMPARISON
from crm_sync.reports.parameters import (
    Asked,
    Overtyped,
    Question,
    read_parameters,
    told_where_they_stand,
    with_overtyped,
)
from crm_sync.reports.report import Report
from crm_sync.services.application import Application
from crm_sync.services.deeds import changes_of
from crm_sync.services.reading import Reading
from crm_sync.services.reporting import Wish, desk_over
from crm_sync.services.views import scoping, shown_world
from crm_sync.services.world import load_world

_ASKED = "asked"


@dataclass(frozen=True)
class Answered:
    """What was found in the cells that staff fill: what stays in the list, what the comparison is
    asked for, and whether either makes the tabs differ from what they should show. `typed` is all
    that stood in the list, by token, `stood` are the parameters in their cells.
    """

    kept: tuple[Kept, ...] = ()
    asked: Asked = field(default_factory=lambda: Asked(Question()))
    is_new: bool = False
    typed: Mapping[str, Typed] = field(default_factory=dict)
    stood: Asked = field(default_factory=lambda: Asked(Question()))


@dataclass(frozen=True)
class Unread:
    """What a write met in these cells that had not been read."""

    answers: tuple[Typed, ...] = ()
    asked: Overtyped = field(default_factory=Overtyped)

    def __bool__(self) -> bool:
        return bool(self.answers or self.asked.cells)


def take_answers(
    app: Application,
    binding: Binding,
    reading: Reading,
    late: Unread,
    before: Callable[[], object],
    run: int | None = None,
) -> Answered:
    """Writes the answers into the store; what is `late` is no longer in its cells. `before` is
    called before the first effect, if there are answers at all.
    """
    stood = _asked(app, binding, reading, Overtyped())
    asked = _asked(app, binding, reading, late.asked)
    read = reading.reads.get(TAB)
    found = (*(typed_rows(read.rows, app.say) if read else ()), *late.answers)
    by_token = {each.token: each for each in found}
    name, bases = binding.workbook, app.store.bases
    known = set(bases.all(name, TAB))
    taken = Taken()
    changes: list[StoreChange] = []
    if found:
        before()
        told = replace(reading, scoping=scoping(app, name))
        taken, changes = _taken(app, binding, told, found, known)
    stale = [token for token in known if token not in by_token]
    with app.store.transaction():
        if changes:
            source, now = f"sheet:{name}", app.clock.now()
            app.store.records.apply(changes, source=source, by="", at=now, run=run)
        bases.put(name, TAB, {token: Base(token, {}) for token in taken.tokens})
        bases.drop(name, TAB, stale)
        _tell(app, name, TAB, taken.problems)
        _tell(app, name, COMPARISON, asked.problems)
    last = bases.all(name, COMPARISON).get(_ASKED)
    is_new = last is None or last.values.get(_ASKED) != _words(asked)
    return Answered(taken.kept, asked, is_new or bool(found), by_token, stood)


def settle_answers(app: Application, workbook: str, answered: Answered, *, emptied: bool) -> None:
    """Notes that the tabs show what they should; with `emptied` the cells of the answers that were
    taken over are empty. Call it within the transaction that moves the bases.
    """
    bases = app.store.bases
    bases.put(workbook, COMPARISON, {_ASKED: Base(_ASKED, {_ASKED: _words(answered.asked)})})
    if emptied:
        bases.drop(workbook, TAB, list(bases.all(workbook, TAB)))


def tell_places(
    app: Application,
    binding: Binding,
    answered: Answered,
    reports: Mapping[str, Report],
    locks: Locks,
) -> None:
    """Tells where the cells that were not taken over will stand in the tabs that are written, of
    problems that are told already.
    """
    closed = {held.sheet_id for held in locks.ranges}
    written = {tab: each for tab, each in reports.items() if binding.sheets.get(tab) not in closed}
    if (typed := written.get(TAB)) and any(item.problems for item in answered.kept):
        moved = told_where_it_stands(answered.kept, typed.grid.values, app.say)
        _tell(app, binding.workbook, TAB, moved, again=True)
    if (asked := written.get(COMPARISON)) and (problems := answered.asked.problems):
        placed = told_where_they_stand(problems, asked.grid.values, app.say)
        _tell(app, binding.workbook, COMPARISON, placed, again=True)


def _asked(app: Application, binding: Binding, reading: Reading, late: Overtyped) -> Asked:
    read = reading.reads.get(COMPARISON)
    if read is None:
        return Asked(Question())
    reader = app.say, Conventions(binding.locale or app.locale, app.region), app.local_now().date()
    return read_parameters(with_overtyped(read.rows, late, *reader), *reader)


def _taken(
    app: Application,
    binding: Binding,
    reading: Reading,
    found: Sequence[Typed],
    known: set[str],
) -> tuple[Taken, list[StoreChange]]:
    world = load_world(app, binding)
    told = shown_world(app, world, reading.scoping)
    desk = desk_over(app, told, Wish())
    employees = reading.scoping.scope.employee
    reader = Reader(
        now=world.now.replace(tzinfo=None),
        say=app.say,
        conventions=world.conventions,
        outcome=app.column("contacts", "outcome"),
        employee=employees[0] if len(employees) == 1 else "",
    )
    taken = take(found, desk.found.followups, reader, known)
    return taken, changes_of(app, world, taken.intents)


def _tell(
    app: Application, workbook: str, tab: str, problems: Sequence[Problem], *, again: bool = False
) -> None:
    findings = app.store.findings
    if problems or any(item.problem.table == tab for item in findings.problems(workbook)):
        findings.put_problems(workbook, tab, problems, app.clock.now(), again=again)


def _words(asked: Asked) -> str:
    return repr((asked.question, sorted(asked.typed.items())))
