"""The safety limits: nothing large happens by accident."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crm_sync.core.findings import Stop
from crm_sync.core.plan import Op, TabPlan
from crm_sync.core.schema import Tab
from crm_sync.core.values import N_


@dataclass(frozen=True)
class Limits:
    """A run stops a tab when both a number and a share (of the rows known before) are passed."""

    delete_rows: int = 5
    delete_share: float = 0.05
    column_rows: int = 10
    column_share: float = 0.30


UNLIMITED = Limits(delete_rows=2**31, column_rows=2**31)
"""For a run that carries out what a person has decided about the whole of a workbook."""


def over_limits(
    tab: Tab,
    plan: TabPlan,
    known: int,
    limits: Limits,
    allowed: frozenset[str],
    *,
    scope_changed: bool = False,
) -> Stop | None:
    """Why the plan must not be carried out unasked, or None. `known` is the number of rows that
    both sides agreed on before; `allowed` holds arguments such as "clients:delete:12". Rows may
    come in without limit unless the scope of the workbook was changed. With a plan that is
    stopped anyhow all is told at once; one command goes ahead.
    """
    stops = (
        *_deletes(tab, plan, known, limits, allowed),
        *_scope(tab, plan, known, limits, entering=scope_changed),
        *_columns(tab, plan, known, limits),
    )
    # The command goes ahead only if it lets pass what was let pass until here, too.
    passed = [stop.allow for stop in stops if stop.allow in allowed]
    waiting = [stop for stop in stops if stop.allow not in allowed]
    if plan.stop is not None:
        waiting.insert(0, plan.stop)
    if not waiting:
        return None
    first, *beside = waiting
    commands = {
        name: " --allow ".join((*passed, first.params[name], *(stop.allow for stop in beside)))
        for name in ("allow", "back")
        if name in first.params
    }
    return replace(first, params={**first.params, **commands}, beside=tuple(beside))


def empty_tab(tab: Tab, known: int, allowed: frozenset[str]) -> Stop | None:
    """The stop for a tab that held `known` rows and holds none; None if a person allowed it."""
    allow = f"{tab.table.name}:delete:{known}"
    if allow in allowed:
        return None
    return Stop(
        tab.table.name,
        "E-EMPTY",
        N_("The tab “{tab}” is empty; {known} records were there at the last sync."),
        N_(
            "If that is meant: crm-sync sync --allow {allow}. If not, undo it; "
            "nothing was changed in this tab."
        ),
        allow,
        {"tab": tab.title, "known": str(known), "allow": allow},
    )


def _deletes(
    tab: Tab, plan: TabPlan, known: int, limits: Limits, allowed: frozenset[str]
) -> Iterator[Stop]:
    if f"{tab.table.name}:delete:{known}" in allowed:
        # All of them may go: of some, whose records changed meanwhile, it is asked by a conflict.
        return
    archived = sum(change.op is Op.ARCHIVE for change in plan.changes)
    for count, message in (
        (archived, N_("{count} of {known} rows are gone from the tab “{tab}”.")),
        (
            len(plan.deletes) - len(plan.left),
            N_("{count} of {known} rows would be taken out of the tab “{tab}”."),
        ),
    ):
        allow = f"{tab.table.name}:delete:{count}"
        if count > limits.delete_rows and count > limits.delete_share * known:
            yield Stop(
                tab.table.name,
                "E-MANY-DELETES",
                message,
                N_(
                    "If that is meant: crm-sync sync --allow {allow}. If not, undo it; "
                    "nothing was changed in this tab."
                ),
                allow,
                {"tab": tab.title, "count": str(count), "known": str(known), "allow": allow},
            )


def _scope(
    tab: Tab, plan: TabPlan, known: int, limits: Limits, *, entering: bool
) -> Iterator[Stop]:
    """Rows that leave or come in because the scope shows other records than before."""
    for name, count, message in (
        (
            "leave",
            len(plan.left) + len(plan.waiting),
            N_(
                "{count} of {known} rows would leave the tab “{tab}”: this workbook is not to show "
                "them any more. Their records stay in the store."
            ),
        ),
        (
            "enter",
            len(plan.inserts) if entering else 0,
            N_(
                "{count} rows would come into the tab “{tab}”, which holds {known}: the scope of "
                "this workbook was changed."
            ),
        ),
    ):
        allow = f"{tab.table.name}:{name}:{count}"
        if count > limits.delete_rows and count > limits.delete_share * known:
            yield Stop(
                tab.table.name,
                "E-SCOPE-LIMIT",
                message,
                N_(
                    "If that is meant: crm-sync sync --allow {allow}. If not, put the scope in "
                    "config.toml or the owners right; nothing was changed in this tab."
                ),
                allow,
                {"tab": tab.title, "count": str(count), "known": str(known), "allow": allow},
            )


def _columns(tab: Tab, plan: TabPlan, known: int, limits: Limits) -> Iterator[Stop]:
    # A value that gives way is a change more of the same cell.
    changed = {
        (change.record_id, name)
        for change in plan.changes
        if change.op is Op.UPDATE
        for name in change.values
    }
    by_staff = Counter(name for _, name in changed)
    staff = {item.name for item in tab.table.staff_fields}
    newcomers = {change.record_id for change in plan.changes if change.op is not Op.UPDATE}
    by_store = Counter(
        write.field
        for write in plan.writes
        if write.field in staff and write.record_id not in newcomers and not write.renames
    )
    for counted in (by_staff, by_store):
        for name, count in sorted(counted.items()):
            allow = f"{tab.table.name}:{name}:{count}"
            if count > limits.column_rows and count > limits.column_share * known:
                yield Stop(
                    tab.table.name,
                    "E-MANY-CHANGES",
                    N_("{count} of {known} rows of the tab “{tab}” changed in “{heading}”."),
                    N_(
                        "If that is meant: crm-sync sync --allow {allow}. If not, undo it; "
                        "nothing was changed in this tab."
                    ),
                    allow,
                    {
                        "tab": tab.title,
                        "heading": tab.by_field[name].heading,
                        "count": str(count),
                        "known": str(known),
                        "allow": allow,
                    },
                )
