"""Small worlds for the planner: a store, a sheet and bases as values, and what carries a plan out.

The interpreter knows nothing of merging: it does what a plan says, as store and sheet would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product

from crm_sync.core.binding import Binding, bind
from crm_sync.core.codecs import codec_for
from crm_sync.core.codecs.codec import Conventions
from crm_sync.core.grid import TabRead
from crm_sync.core.limits import Limits
from crm_sync.core.merging import TabWork
from crm_sync.core.plan import Op, TabPlan
from crm_sync.core.planner import plan_tab, survey
from crm_sync.core.records import AWAITED, Base, Record
from crm_sync.core.rows import read_rows
from crm_sync.core.schema import Column, Field, Kind, Tab, Table
from crm_sync.core.values import Cell, Scalar

FIELDS = ("colour", "shape")
TABLE = Table("things", "T", 6, "colour", tuple(Field(name) for name in FIELDS))
TAB = Tab(
    TABLE,
    "Things",
    (
        Column(Field("id", Kind.ID), "ID"),
        Column(TABLE.by_name["colour"], "Colour"),
        Column(TABLE.by_name["shape"], "Shape"),
    ),
)
CODECS = {column.field.name: codec_for(column, Conventions(), {}) for column in TAB.columns}
NO_LIMITS = Limits(1000, 1.0, 1000, 1.0)
HEADINGS: tuple[Cell, ...] = ("ID", "Colour", "Shape", "Mine")
IDS = ("T-000018", "T-000026")
NEW_IDS = tuple(f"T-0001{number:02}" for number in range(20))

Pair = tuple[Scalar, Scalar]
Values = Mapping[str, Scalar]


@dataclass(frozen=True)
class Row:
    """A row of the sheet. `mine` is the staff's own cell by which it is known whatever happens."""

    id: str
    cells: Pair
    mine: str


@dataclass(frozen=True)
class World:
    """The three states of which a plan is made; `history` holds every value that the store had."""

    store: Mapping[str, Record] = field(default_factory=dict)
    bases: Mapping[str, Base] = field(default_factory=dict)
    sheet: tuple[Row, ...] = ()
    history: frozenset[tuple[str, str, Scalar]] = frozenset()
    minted: int = 0


def values(pair: Pair) -> dict[str, Scalar]:
    return dict(zip(FIELDS, pair, strict=True))


def record(record_id: str, pair: Pair, *, archived: bool = False) -> Record:
    return Record(record_id, values(pair), 2, archived)


def base(record_id: str, pair: Pair, version: int = 1) -> Base:
    return Base(record_id, values(pair), values(pair), version)


def read_of(world: World) -> TabRead:
    """The sheet as a run reads it: a blank row between the headings and the rest."""
    rows: list[tuple[Cell, ...]] = [HEADINGS, ()]
    rows += [(row.id or None, *row.cells, row.mine) for row in world.sheet]
    return TabRead(1, TAB.title, 1000, len(HEADINGS), tuple(rows))


@cache
def _binding() -> Binding:
    binding = bind(TAB, read_of(World()))
    assert isinstance(binding, Binding)
    return binding


def plan_of(world: World) -> TabPlan:
    """The plan of a world."""
    read = read_of(world)
    binding = _binding()
    work = TabWork(
        TAB,
        binding,
        read,
        tuple(read_rows(TAB, binding, read)),
        world.bases,
        world.store,
        CODECS,
        lambda after, before: (),
    )
    found = survey(work)
    ids = NEW_IDS[world.minted :][: len(found.newcomers)]
    return plan_tab(work, found, ids, NO_LIMITS)


def carried_out(world: World, plan: TabPlan) -> World:
    """The world after store and sheet did what the plan says and the bases moved."""
    store, history = dict(world.store), set(world.history)
    for change in plan.changes:
        old = store.get(change.record_id)
        held = {**(old.values if old else dict.fromkeys(FIELDS)), **change.values}
        history |= {(change.record_id, name, value) for name, value in held.items()}
        archived = change.op is Op.ARCHIVE or (
            old is not None and old.archived and change.op is not Op.RESTORE
        )
        if old is not None:
            history |= {(old.id, name, value) for name, value in old.values.items()}
            assert change.version == old.version
        version = (old.version if old else 0) + 1
        store[change.record_id] = Record(change.record_id, held, version, archived)
    sheet = _written(world.sheet, plan)
    bases = {key: value for key, value in world.bases.items() if key not in plan.dropped}
    minted = world.minted + sum(change.op is Op.CREATE for change in plan.changes)
    return World(store, {**bases, **plan.bases}, sheet, frozenset(history), minted)


def _written(sheet: tuple[Row, ...], plan: TabPlan) -> tuple[Row, ...]:
    rows: list[Row | None] = list(sheet)
    for write in plan.every_write:
        number = write.row - 2
        row = rows[number]
        assert row is not None
        stands = (row.id, *row.cells)[write.column]
        assert (write.before or None) == (stands or None)
        if write.column == 0:
            rows[number] = replace(row, id=str(write.after or ""))
        else:
            cells = list(row.cells)
            cells[write.column - 1] = write.after or None
            rows[number] = replace(row, cells=(cells[0], cells[1]))
    for delete in plan.deletes:
        rows[delete.row - 2] = None
    kept = [row for row in rows if row is not None]
    for insert in plan.inserts:
        cells = insert.cells
        kept.append(Row(str(cells[0]), (cells.get(1), cells.get(2)), f"of {insert.record_id}"))
    return tuple(kept)


def store_states(record_id: str, pairs: tuple[Pair, ...]) -> Iterator[Record | None]:
    """No record, a live one, an archived one."""
    yield None
    for pair in pairs:
        yield record(record_id, pair)
        yield record(record_id, pair, archived=True)


def base_states(record_id: str, pairs: tuple[Pair, ...]) -> Iterator[Base | None]:
    """No base, a base, one of a record that a dead run has just made of a row, and one of a record
    whose row a dead run was to add.
    """
    yield None
    for pair in pairs:
        yield base(record_id, pair)
    for version in (0, AWAITED):
        for pair in pairs:
            yield replace(base(record_id, pair, version), unsettled=True)


def sheet_states(record_id: str, pairs: tuple[Pair, ...]) -> Iterator[tuple[Row, ...]]:
    """No row; a row with its id, without it, with nonsense in its place, saying that it is new; a
    row with its id alone; a row and its copy, edited or not.
    """
    yield ()
    for pair in pairs:
        for text in (record_id, "", "X", "new"):
            yield (Row(text, pair, f"{record_id} a"),)
    for one, other in product(pairs, pairs):
        yield (Row(record_id, one, f"{record_id} a"), Row(record_id, other, f"{record_id} b"))


def worlds_of_one(pairs: tuple[Pair, ...]) -> Iterator[World]:
    """Every world with one record."""
    record_id = IDS[0]
    for ours, agreed in product(store_states(record_id, pairs), base_states(record_id, pairs)):
        store = {record_id: ours} if ours else {}
        bases = {record_id: in_step(agreed, ours)} if agreed else {}
        for theirs in sheet_states(record_id, pairs):
            yield World(store, bases, theirs)


def in_step(agreed: Base, ours: Record | None) -> Base:
    """The base with the version that the record had when it held these values."""
    if agreed.version > 0 and ours and ours.values == agreed.values:
        return replace(agreed, version=ours.version - ours.archived)
    return agreed


def joined(one: World, other: World, *, swapped: bool = False) -> World:
    """Two worlds of one record each in one sheet; `swapped` puts the second one's rows first."""
    sheet = (*other.sheet, *one.sheet) if swapped else (*one.sheet, *other.sheet)
    return World({**one.store, **other.store}, {**one.bases, **other.bases}, sheet)


def renamed(world: World) -> World:
    """The same world with the second id in place of the first."""
    first, second = IDS
    store = [(second, replace(item, id=second)) for item in world.store.values()]
    bases = [(second, replace(item, record_id=second)) for item in world.bases.values()]
    sheet = (
        Row(second if row.id == first else row.id, row.cells, row.mine.replace(first, second))
        for row in world.sheet
    )
    return World(dict(store), dict(bases), tuple(sheet))
