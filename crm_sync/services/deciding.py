"""Decides many conflicts at once: all that pass a filter, or those that a file names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from crm_sync.core.both import both
from crm_sync.core.codecs.cleaning import fold
from crm_sync.core.findings import Clash, OpenConflict, Side
from crm_sync.core.values import N_, Scalar
from crm_sync.errors import NotFound, UserError
from crm_sync.services.application import Application
from crm_sync.services.around import look_around
from crm_sync.services.review import decide_side, decide_value, value_of
from crm_sync.services.world import World


class Take(StrEnum):
    """Whose value is to stay: one side's, both in one, or another one."""

    SHEET = "sheet"
    STORE = "store"
    BOTH = "both"
    VALUE = "value"


@dataclass(frozen=True)
class Wanted:
    """A conflict and what is to become of it; `value` as it is typed in the sheet."""

    found: OpenConflict
    take: Take
    value: str = ""


@dataclass(frozen=True)
class Judged:
    """A conflict with its decision: the value that stands, or why it could not be decided so."""

    found: OpenConflict
    take: Take
    stands: Scalar = None
    refused: UserError | None = None


@dataclass(frozen=True)
class Filter:
    """Which findings are meant; "" stands for all. Tab and column by title, heading or key."""

    workbook: str = ""
    tab: str = ""
    column: str = ""

    def __bool__(self) -> bool:
        return bool(self.workbook or self.tab or self.column)


class Worlds:
    """The records as decisions need them, kept from one to the next while nothing changes."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._known: dict[str, World] = {}
        self._sequence = -1

    def of(self, wanted: Wanted) -> World:
        """The records now, with what the workbook's locale means by a typed value."""
        sequence = self._app.store.records.sequence()
        if sequence != self._sequence:
            self._known.clear()
            self._sequence = sequence
        name = wanted.found.workbook if wanted.take is Take.VALUE else ""
        if name not in self._known:
            binding = self._app.store.bases.binding(name) if name else None
            world = look_around(self._app)
            if binding is not None and binding.locale:
                world.conventions = replace(world.conventions, locale=binding.locale)
            self._known[name] = world
        return self._known[name]


def decide_all(
    app: Application,
    choose: Callable[[], Sequence[Wanted]],
    *,
    dry_run: bool = False,
    worlds: Worlds | None = None,
) -> tuple[Judged, ...]:
    """Decides what `choose` gives, all in one transaction; what cannot be decided so is told and
    left open. A dry run tells the same and decides nothing. Raises RunInProgress while a run works.
    """
    with app.store.lease():
        wanted = choose()
        if not wanted:
            return ()
        return _decided(app, wanted, worlds or Worlds(app), dry_run)


def _decided(
    app: Application, wanted: Sequence[Wanted], worlds: Worlds, dry_run: bool
) -> tuple[Judged, ...]:
    done: set[int] = set()
    judged = []
    with app.store.transaction():
        for each in wanted:
            if each.found.id in done:
                # Its fields belong to one that was decided before: they are decided alike.
                judged.append(Judged(each.found, each.take, _stands(each)))
                continue
            try:
                stands, settled = _decide(app, each, worlds.of(each), dry_run)
            except UserError as exc:
                judged.append(Judged(each.found, each.take, refused=exc))
                continue
            done.update(item.id for item in settled)
            judged.append(Judged(each.found, each.take, stands))
    return tuple(judged)


def _decide(
    app: Application, wanted: Wanted, world: World, dry_run: bool
) -> tuple[Scalar, Sequence[OpenConflict]]:
    found, conflict = wanted.found, wanted.found.conflict
    if wanted.take in (Take.VALUE, Take.BOTH):
        typed = wanted.value if wanted.take is Take.VALUE else _both(app, found)
        value = value_of(app, found, typed, world)
        if dry_run:
            return value, (found,)
        return value, decide_value(app, found, typed, world, source="cli")
    side = Side(wanted.take.value)
    if dry_run and not (side is Side.STORE and conflict.clash is Clash.FORMULA):
        return _stands(wanted), (found,)
    return _stands(wanted), decide_side(app, found, side, world)


def _both(app: Application, found: OpenConflict) -> str:
    merged = both_of(app, found)
    if merged is None:
        raise UserError(
            N_("Conflict {number}: there is no value that holds both."),
            N_("Take one side, or type another value."),
            number=found.id,
        )
    return merged


def both_of(app: Application, found: OpenConflict) -> str | None:
    """Both sides in one value, None if there is no such value."""
    conflict = found.conflict
    if not conflict.field:
        return None
    return both(app.tab(conflict.table).table.by_name[conflict.field], conflict)


def _stands(wanted: Wanted) -> Scalar:
    conflict = wanted.found.conflict
    return conflict.ours if wanted.take is Take.STORE else conflict.theirs


def passing(app: Application, wanted: Filter) -> Callable[[str, str, str], bool]:
    """Whether a finding (workbook, table, field) passes. Raises NotFound for names that there are
    not.
    """
    if wanted.workbook and wanted.workbook not in app.bound:
        raise NotFound(
            N_("The configuration has no workbook named “{name}”."),
            N_("It names: {names}."),
            name=wanted.workbook,
            names=", ".join(app.bound),
        )
    tabs = {
        tab.table.name: tab
        for tab in app.tabs
        if not wanted.tab or fold(wanted.tab) in {fold(tab.title), tab.table.name}
    }
    if not tabs:
        raise NotFound(
            N_("There is no tab “{tab}”."),
            N_("There are: {tabs}."),
            tab=wanted.tab,
            tabs=", ".join(tab.title for tab in app.tabs),
        )
    fields = {
        (table, column.field.name)
        for table, tab in tabs.items()
        for column in tab.columns
        if fold(wanted.column) in {fold(column.heading), column.field.name}
    }
    if wanted.column and not fields:
        raise NotFound(
            N_("No tab has a column “{column}”."),
            N_("{tab} has: {columns}."),
            column=wanted.column,
            tab=next(iter(tabs.values())).title,
            columns=", ".join(item.heading for item in next(iter(tabs.values())).columns),
        )

    def passes(workbook: str, table: str, field: str) -> bool:
        return (
            (not wanted.workbook or workbook == wanted.workbook)
            and (not wanted.tab or table in tabs)
            and (not wanted.column or (table, field) in fields)
        )

    return passes
