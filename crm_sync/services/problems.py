"""Decides problems: accepts them, merges duplicates, or lets the other side's value stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crm_sync.core.duplicates import duplicates
from crm_sync.core.findings import Notice, OpenProblem, Side
from crm_sync.core.values import N_
from crm_sync.errors import NotFound, UserError
from crm_sync.ports import Binding
from crm_sync.reports.decisions import Decision, choices_for
from crm_sync.services.application import Application
from crm_sync.services.entry import Author
from crm_sync.services.setup import without_version
from crm_sync.services.uniting import Choice, merge, plan_merge
from crm_sync.services.world import World, load_world

_SIDES = {Decision.STORE: Side.STORE, Decision.SHEET: Side.SHEET}


@dataclass(frozen=True)
class Settled:
    """A problem and what became of it: the `decision`, a `notice` of what was done at once, or the
    reason why it could not be decided so.
    """

    found: OpenProblem
    decision: Decision
    notice: Notice | None = None
    refused: UserError | None = None


def find_problem(app: Application, number: int) -> OpenProblem:
    """The open problem with this number. Raises NotFound."""
    for item in app.store.findings.problems():
        if item.id == number:
            return item
    raise NotFound(
        N_("There is no open problem number {number}."),
        N_("crm-sync problems list shows those that are open."),
        number=number,
    )


def settle_problems(
    app: Application,
    choose: Callable[[], Sequence[tuple[OpenProblem, Decision]]],
    *,
    dry_run: bool = False,
) -> tuple[Settled, ...]:
    """Decides the chosen problems, each as far as it may be decided so; the next run carries it
    out. Raises RunInProgress while a run works, and what `choose` raises.
    """
    with app.store.lease():
        return tuple(_settled(app, item, wanted, dry_run) for item, wanted in choose())


def _settled(app: Application, found: OpenProblem, decision: Decision, dry_run: bool) -> Settled:
    offered = choices_for(found.problem)
    if decision not in offered:
        return Settled(found, decision, refused=_not_offered(found, offered))
    if dry_run:
        return Settled(found, decision)
    notice = None
    try:
        if decision is Decision.MERGE:
            world = load_world(app, Binding("", ""))
            notice = merge_duplicates(app, found, world, source="cli")
    except UserError as exc:
        return Settled(found, decision, refused=exc)
    with app.store.transaction():
        if decision is Decision.ACCEPT:
            app.store.findings.accept_problem(found.id)
        elif decision in _SIDES:
            app.store.findings.decide_problem(found.id, _SIDES[decision])
        binding = app.store.bases.binding(found.workbook)
        if binding is not None:
            app.store.bases.bind(without_version(binding))
    return Settled(found, decision, notice)


def merge_duplicates(
    app: Application, found: OpenProblem, world: World, *, source: str
) -> Notice | None:
    """Makes one record of the two that a problem names: the older one stays. None if they share
    nothing any more. Raises UserError for more than two, and for another one than it named.
    """
    problem = found.problem
    tables = {tab.table.name: tab.table for tab in app.whole}
    table = tables[problem.table]
    shared = duplicates(table, world.records[table.name]).get(problem.record_id)
    if shared is None:
        return None
    pair = sorted({problem.record_id, *shared[2]})
    if len(pair) != 2:
        raise UserError(
            N_("More than two records share it: correct or accept them one by one."),
        )
    if problem.params.get("one") not in pair:
        raise UserError(
            N_("It is shared with another one now than when that was chosen: nothing was merged."),
            N_("Choose anew."),
        )
    kept, gone = (world.records[table.name][each] for each in pair)
    # Whoever wants to choose field by field merges by the command of this name.
    plan = plan_merge(app, table, kept, (gone,), Choice(usual=kept.id))
    merge(app, plan, Author("", source))
    facts = {
        "gone": f"{world.name(table.name, pair[1])} ({pair[1]})",
        "kept": f"{world.name(table.name, pair[0])} ({pair[0]})",
    }
    template = N_("{gone} was merged into {kept}; its row goes, its history stays.")
    return Notice(table.name, "V10", template, facts)


def _not_offered(found: OpenProblem, offered: Sequence[Decision]) -> UserError:
    if offered:
        return UserError(
            N_("Problem {number} cannot be decided so."),
            N_("What can be done: {choices}; or mend the cell."),
            number=found.id,
            choices=", ".join(f"--take {item.value}" for item in offered),
        )
    return UserError(
        N_("Problem {number} is mended in its cell alone."),
        N_("crm-sync problems show {number} says what would be right."),
        number=found.id,
    )
