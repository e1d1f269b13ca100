"""Records added and changed in the store by hand: read as the cells of a tab are read, and bound by
the same rules. The next run carries them to the sheets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from crm_sync.core.codecs import Codec
from crm_sync.core.duplicates import DUPLICATE, parts_of, strong_fields
from crm_sync.core.findings import HELD, Finding, Problem, Severity
from crm_sync.core.merging import Check
from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.records import Record
from crm_sync.core.schema import OWN_ID, Column, Field, FilledBy, Kind, Tab, Table
from crm_sync.core.values import N_, Cell, Scalar, Unreadable, cell_text
from crm_sync.errors import NotFound, StoreMoved
from crm_sync.services.application import Application
from crm_sync.services.around import look_around, meant
from crm_sync.services.world import World

ROUNDS = 3
"""How often an entry is read anew because another program changed its record meanwhile."""


@dataclass(frozen=True)
class Author:
    """Who enters something, and through what."""

    by: str
    source: str = "cli"


@dataclass(frozen=True)
class Read:
    """What was typed, by field: the values that differ from those that stand, and all that is wrong
    with it. Nothing is entered while a problem is of severity REJECT.
    """

    values: Mapping[str, Scalar]
    problems: tuple[Problem, ...] = ()

    @property
    def is_fit(self) -> bool:
        """True if it may be entered."""
        return all(item.severity is not Severity.REJECT for item in self.problems)


@dataclass(frozen=True)
class Entered:
    """What became of an entry: the record before it (None for a new one) and the change, None if
    there was nothing to change or something will not do. `is_done`: it stands in the store.
    """

    table: str
    before: Record | None
    change: StoreChange | None
    problems: tuple[Problem, ...] = ()
    is_done: bool = False

    @property
    def is_fit(self) -> bool:
        """True if nothing stands in its way."""
        return all(item.severity is not Severity.REJECT for item in self.problems)


def add(
    app: Application, table: str, typed: Mapping[str, Cell], author: Author, *, dry_run: bool
) -> Entered:
    """A new record with these values, by name of field or heading."""
    tab = tab_of(app, table)
    world = look_around(app)
    read = Form(world, tab).read(by_field(tab, typed), None)
    problems = (*read.problems, *alike(app, tab, "", read.values))
    if not read.is_fit:
        return Entered(table, None, None, problems)
    new = "" if dry_run else app.store.records.mint(tab.table, 1)[0]
    change = StoreChange(Op.CREATE, table, new, dict(read.values))
    if not dry_run:
        _write(app, change, author)
    return Entered(table, None, change, problems, is_done=not dry_run)


def edit(
    app: Application,
    table: str,
    named: str,
    typed: Mapping[str, Cell],
    author: Author,
    *,
    dry_run: bool,
) -> Entered:
    """The record that is named, with these values in the place of those that stood there. Raises
    NotFound, Ambiguous, StoreMoved if other programs give it no rest.
    """
    tab = tab_of(app, table)
    wanted = by_field(tab, typed)
    for rounds_left in reversed(range(ROUNDS)):
        world = look_around(app)
        record = meant(world, table, named)
        read = Form(world, tab).read(wanted, record)
        problems = (*read.problems, *alike(app, tab, record.id, read.values))
        if not read.is_fit or not read.values:
            return Entered(table, record, None, problems)
        change = StoreChange(Op.UPDATE, table, record.id, dict(read.values), record.version)
        if dry_run:
            return Entered(table, record, change, problems)
        try:
            _write(app, change, author)
        except StoreMoved:
            if not rounds_left:
                raise
            continue
        return Entered(table, record, change, problems, is_done=True)
    raise StoreMoved


def tab_of(app: Application, table: str) -> Tab:
    """The tab of a table with all its fields."""
    return next(tab for tab in app.whole if tab.table.name == table)


def by_field(tab: Tab, typed: Mapping[str, Cell]) -> dict[str, Cell]:
    """What was typed, by the names of the fields. Raises NotFound for a column that there is not,
    or that crm-sync fills by itself.
    """
    found = {}
    for name, cell in typed.items():
        column = named_column(tab, name)
        if column.field.filled_by is not FilledBy.STAFF:
            raise NotFound(
                N_("“{column}” is filled by crm-sync itself."),
                N_("There are: {columns}."),
                column=column.heading,
                columns=", ".join(item.name for item in fillable(tab)),
            )
        found[column.field.name] = cell
    return found


def fillable(tab: Tab) -> Iterator[Field]:
    """The fields that people fill."""
    return (item for item in tab.table.staff_fields if item.kind is not Kind.ID)


def named_column(tab: Tab, name: str) -> Column:
    """The same as `column_of`. Raises NotFound."""
    column = column_of(tab, name)
    if column is None:
        raise no_column(tab, name, fillable(tab))
    return column


def no_column(tab: Tab, name: str, fields: Iterable[Field]) -> NotFound:
    """The error for a column that a tab has not; it lists these."""
    return NotFound(
        N_("{tab} has no column “{column}”."),
        N_("There are: {columns}."),
        tab=tab.title,
        column=name,
        columns=", ".join(item.name for item in fields),
    )


def column_of(tab: Tab, name: str) -> Column | None:
    """The column of a field that is named as in the store or by a heading, in any case."""
    wanted = name.strip().casefold()
    for column in tab.columns:
        known = (column.field.name, column.heading.casefold(), *map(str.casefold, column.aliases))
        if wanted in known or wanted.replace("-", "_") == column.field.name:
            return column
    return None


@dataclass(frozen=True)
class Form:
    """What is typed into one tab, read record by record."""

    world: World
    tab: Tab

    @cached_property
    def codecs(self) -> Mapping[str, Codec]:
        """What reads the values of each field."""
        return self.world.codecs(self.tab)

    @cached_property
    def check(self) -> Check:
        """The rules."""
        return self.world.check(self.tab)

    def read(self, typed: Mapping[str, Cell], record: Record | None) -> Read:
        """What was typed as values: of a new record with its defaults, of a known one those alone
        that differ. All problems are told at once.
        """
        about = record.id if record else ""
        values: dict[str, Scalar] = {}
        problems = []
        for name, cell in typed.items():
            value = self.codecs[name].parse(cell)
            if isinstance(value, Unreadable):
                problems.append(_unread(self.tab, about, name, value))
            else:
                values[name] = value
        before = self._standing(record) if record else None
        if before is None:
            values = self._with_defaults(values, typed)
        else:
            values = {name: value for name, value in values.items() if before.get(name) != value}
        if record is None or values:
            unread = {item.field for item in problems}
            problems += [
                _broken(self.tab, about, finding, typed)
                for finding in self.check({**(before or {}), **values}, before)
                if not unread & set(finding.fields)
                and (before is None or values.keys() & set(finding.fields))
            ]
        return Read(values, tuple(problems))

    def _standing(self, record: Record) -> dict[str, Scalar]:
        """The record's values in canonical form, as far as they can be read."""
        found: dict[str, Scalar] = {}
        for item in self.tab.table.staff_fields:
            stored = record.values.get(item.name)
            codec = self.codecs.get(item.name)
            value = codec.normal(stored) if codec else stored
            found[item.name] = None if isinstance(value, Unreadable) else value
        return found

    def _with_defaults(
        self, values: Mapping[str, Scalar], typed: Mapping[str, Cell]
    ) -> dict[str, Scalar]:
        found: dict[str, Scalar] = {}
        for item in self.tab.table.staff_fields:
            value = values.get(item.name)
            is_open = item.name not in typed or (item.name in values and value is None)
            if is_open and item.default is not None and item.default != OWN_ID:
                usual = self.codecs[item.name].normal(item.default)
                value = None if isinstance(usual, Unreadable) else usual
            found[item.name] = value
        return found


def alike(
    app: Application, tab: Tab, record_id: str, values: Mapping[str, Scalar]
) -> Iterator[Problem]:
    """A warning for each phone, e-mail or tax id that another record has, too."""
    table = tab.table
    for item in strong_fields(table):
        value = values.get(item.name)
        for part in sorted(parts_of(item, value)):
            ids = app.store.records.holders(table, item, {part})
            found = app.store.records.some(table, set(ids) - {record_id})
            others = [each for each in found.values() if not each.archived]
            if others:
                yield _known(table, record_id, item.name, part, others)


def _known(
    table: Table, record_id: str, name: str, value: str, others: Sequence[Record]
) -> Problem:
    named = ", ".join(f"{each.values.get(table.label) or '?'} ({each.id})" for each in others)
    return Problem(
        table.name,
        DUPLICATE,
        Severity.WARN,
        N_("{others} has “{value}”, too."),
        N_("If they are one: crm-sync merge {keep} {other}"),
        record_id,
        name,
        typed=value,
        params={
            "others": named,
            "value": value,
            "keep": others[0].id,
            "other": record_id or "ID",
        },
    )


def _unread(tab: Tab, about: str, name: str, unread: Unreadable) -> Problem:
    return Problem(
        tab.table.name,
        unread.code,
        Severity.REJECT,
        unread.reason,
        unread.remedy,
        about,
        name,
        typed=unread.typed,
        params=unread.params,
    )


def _broken(tab: Tab, about: str, finding: Finding, typed: Mapping[str, Cell]) -> Problem:
    if finding.code == "V02" and finding.severity is Severity.REJECT:
        (name,) = finding.fields
        message, remedy = N_("It must not be empty."), N_("Add --set {field}=VALUE.")
        facts = {"field": name}
        return Problem(
            tab.table.name, "V02", Severity.REJECT, message, remedy, about, name, params=facts
        )
    name = next((each for each in finding.fields if each in typed), "")
    name = name or (finding.fields[0] if finding.fields else "")
    message, remedy = finding.message, finding.remedy
    if finding.code == HELD:
        # What was typed into a cell waits there; what was typed here would wait nowhere.
        message = N_("The period up to {day} is closed: it is not changed from here.")
        remedy = N_(
            "Type it into the sheet: there it waits for the owner's word. Or use a date after "
            "{day}."
        )
    return Problem(
        tab.table.name,
        finding.code,
        finding.severity,
        message,
        remedy,
        about,
        name,
        typed=cell_text(typed.get(name)),
        params=finding.params,
    )


def _write(app: Application, change: StoreChange, author: Author) -> None:
    with app.store.transaction():
        app.store.records.apply([change], source=author.source, by=author.by, at=app.clock.now())
