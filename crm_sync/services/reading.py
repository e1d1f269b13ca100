"""Reads the tabs of a workbook and prepares each for the merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime

from crm_sync.core.automatic import ASK_ALL, Automatic
from crm_sync.core.batch import NewTab
from crm_sync.core.binding import Binding as Columns
from crm_sync.core.binding import bind
from crm_sync.core.codecs.dates import DateCodec
from crm_sync.core.findings import Problem, Side, Stop
from crm_sync.core.grid import TabRead
from crm_sync.core.limits import empty_tab
from crm_sync.core.merged_cells import Merge, with_merges
from crm_sync.core.merging import TabWork
from crm_sync.core.new_columns import with_new_columns, without_retired
from crm_sync.core.plan import CellWrite
from crm_sync.core.records import AWAITED, ROW, Base, Record
from crm_sync.core.redacting import redacted_rows
from crm_sync.core.repairs import CellRepair, Repair, with_repairs
from crm_sync.core.rows import SheetRow, read_rows
from crm_sync.core.schema import Tab
from crm_sync.core.seeing import News
from crm_sync.core.shown_cells import Shown, as_shown
from crm_sync.core.stamp import NO_STAMP, Stamp, read_stamp
from crm_sync.core.swap import RowRepair
from crm_sync.core.values import Cell, cell_text, is_blank
from crm_sync.core.verifying import in_place, to_return
from crm_sync.errors import ShapeError
from crm_sync.ports import Binding, Touched, Workbook
from crm_sync.services.application import JOURNAL, UNREAD, Application
from crm_sync.services.erased import with_erased
from crm_sync.services.labels import Labels, labels_if_needed, labels_of
from crm_sync.services.policies import automatic_for, modified_if_needed
from crm_sync.services.setup import Attached, attach, blank_read, gone_stop, laid_out
from crm_sync.services.views import (
    Scoping,
    away_names,
    bases_for,
    bases_of_rows,
    known_names,
    scoping,
)
from crm_sync.services.world import World

_MOMENTS = DateCodec(with_time=True)


@dataclass(frozen=True)
class Part:
    """The part of a tab that a run looks at: its `rows` and the records `asked` for, what is new in
    the tab, and how many `others` there are of bases that were not loaded.
    """

    rows: tuple[int, ...]
    asked: Set[str]
    news: News
    others: int


@dataclass(frozen=True)
class Reading:
    """A workbook as it stood at one moment: the tabs by table or generated name, the bases by
    table, what earlier writes of ours are to put right, whose value staff chose (by table, record
    id and field), the stamp of the last write, and when anyone last changed the workbook (None:
    nobody asked). `locale` is the workbook's at that moment ("": nobody asked). `parts` are those
    of a run that looks at a part of each tab; the bases are then of these parts. `touched` is what
    changed in the store since the last run, None if that cannot be said or another day has begun.
    `merges` are the merged cells, `shown` what numbers show, by sheet id, where asked for.
    `approved` are new rows in a closed period that the owner lets through, by table; `missed` the
    records there whose row was gone already in the last run.
    """

    attached: Attached
    reads: Mapping[str, TabRead]
    bases: Mapping[str, Mapping[str, Base]] = field(default_factory=dict)
    repairs: tuple[Repair, ...] = ()
    known_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    decided: Mapping[str, Mapping[tuple[str, str], Pending]] = field(default_factory=dict)
    stamp: Stamp = NO_STAMP
    modified: datetime | None = None
    locale: str = ""
    labels: Labels | None = None
    scoping: Scoping = field(default_factory=Scoping)
    parts: Mapping[str, Part] = field(default_factory=dict)
    touched: Mapping[str, Mapping[str, Touched]] | None = None
    merges: Mapping[int, tuple[Merge, ...]] = field(default_factory=dict)
    shown: Mapping[int, Shown] = field(default_factory=dict)
    approved: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    missed: Mapping[str, Set[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Pending:
    """Whose value is to stand in a cell, decided while it held what was `typed`."""

    side: Side
    typed: str


@dataclass(frozen=True)
class TabReading:
    """One tab of records, bound and with its rows read. `headings` are those of columns that the
    template gained; `retired` the columns of fields that are hidden from now on.
    """

    tab: Tab
    read: TabRead
    columns: Columns
    rows: tuple[SheetRow, ...]
    bases: Mapping[str, Base]
    revived: tuple[RowRepair, ...] = field(default=())
    headings: tuple[CellWrite, ...] = field(default=())
    sides: Mapping[tuple[str, str], Side] = field(default_factory=dict)
    retired: Mapping[str, int] = field(default_factory=dict)
    part: Part | None = None
    automatic: Automatic = ASK_ALL
    problems: tuple[Problem, ...] = field(default=())
    shown: Shown = field(default_factory=dict)
    approved: frozenset[tuple[str, str]] = frozenset()


def read_workbook(
    app: Application, workbook: Workbook, binding: Binding, allowed: frozenset[str]
) -> Reading:
    """The workbook's tabs, in one request; a second look at its outline only when it or its locale
    is new to us, or a tab is gone.
    """
    needed = {tab.table.name for tab in app.tabs} | {*app.titles, *UNREAD}
    if needed <= binding.sheets.keys() and binding.locale:
        try:
            return _read(app, workbook, binding, Attached(binding.sheets))
        except ShapeError:
            pass
    outline = workbook.outline()
    reading = _read(app, workbook, binding, attach(app, binding, outline, allowed))
    return replace(reading, locale=outline.locale)


def read_as(binding: Binding, reading: Reading) -> Binding:
    """The binding with the locale in which the texts of a reading are to be read."""
    return replace(binding, locale=reading.locale or binding.locale)


def unread_workbook(attached: Attached) -> Reading:
    """The reading of a workbook of which nothing exists yet."""
    reads = {}
    for new in attached.new_tabs:
        if new.tab is not None:
            reads[new.tab.table.name] = blank_read(new.tab, new)
    return Reading(attached, reads)


def _read(app: Application, workbook: Workbook, binding: Binding, attached: Attached) -> Reading:
    made = {new.sheet_id: new for new in attached.new_tabs}
    wanted = {
        name: sheet_id
        for name, sheet_id in attached.sheets.items()
        if name not in UNREAD and sheet_id not in made and name not in attached.gone
    }
    stands = JOURNAL in attached.sheets and attached.sheets[JOURNAL] not in made
    journals = (attached.sheets[JOURNAL],) if stands else ()
    found = workbook.read(tuple(wanted.values()), journals) if wanted else {}
    reads = {name: found[sheet_id] for name, sheet_id in wanted.items()}
    blank: list[NewTab] = []
    for tab in app.tabs:
        name = tab.table.name
        new = made.get(attached.sheets.get(name, -1))
        if new is None and name in reads and not any(reads[name].rows):
            new = laid_out(app, name, reads[name])
            blank.append(new)
        if new is not None:
            reads[name] = replace(
                blank_read(tab, new), column_count=max(new.columns, len(tab.columns))
            )
    fresh = {*made, *(new.sheet_id for new in blank)}
    standing = {name: read for name, read in reads.items() if read.sheet_id not in fresh}
    tops = [found[number].rows[:1] for number in journals if number in found]
    stamp = read_stamp(tops[0][0]) if tops and tops[0] else NO_STAMP
    return Reading(
        replace(attached, new_tabs=(*attached.new_tabs, *blank)),
        reads,
        stamp=stamp,
        modified=modified_if_needed(app, workbook),
        labels=labels_if_needed(app, workbook, binding, standing),
    )


def read_tab(
    app: Application, tab: Tab, reading: Reading, allowed: frozenset[str]
) -> TabReading | Stop:
    """The rows of one tab with earlier slips of ours put right, or the reason to leave it alone."""
    name = tab.table.name
    if name not in reading.reads:
        return gone_stop(app, name)
    read, part = reading.reads[name], reading.parts.get(name)
    bases = {} if name in reading.attached.gone else reading.bases.get(name, {})
    seen = _seen(bases, reading.missed.get(name, frozenset()), part)
    if seen and reading.attached.is_new(name) and (stop := empty_tab(tab, seen, allowed)):
        return stop
    columns = bind(tab, read, labels_of(reading.labels, name))
    if isinstance(columns, Stop):
        return columns
    before = reading.known_fields.get(name, ())
    columns = replace(columns, returned=away_names(before) & columns.columns.keys())
    columns, headings = with_new_columns(tab, columns, read, known_names(before))
    columns, retired = without_retired(tab, _whole(app, tab), columns, known_names(before))
    mine = [item for item in reading.repairs if item.table == name]
    rows = _mended(tab, columns, read, part, mine)
    bases = bases_of_rows(rows, bases_for(tab, bases, before), columns.returned)
    bases = with_erased(app, name, bases, rows)
    wanted = [item for item in mine if isinstance(item, RowRepair)]
    if (
        seen
        and not rows
        and not (part and any(part.news.ids))
        and (stop := empty_tab(tab, seen, allowed))
    ):
        return stop
    merges, shown = reading.merges.get(read.sheet_id, ()), reading.shown.get(read.sheet_id, {})
    rows, problems = with_merges(tab, columns, rows, bases, merges)
    return TabReading(
        tab,
        read,
        columns,
        rows,
        bases,
        tuple(to_return(wanted, read.rows[columns.header_row])),
        headings,
        _still_meant(rows, columns, shown, reading.decided.get(name, {})),
        retired,
        part,
        automatic_for(app, name, reading.modified),
        problems,
        shown,
        reading.approved.get(name, frozenset()),
    )


def _seen(bases: Mapping[str, Base], missed: Set[str], part: Part | None) -> int:
    """How many rows of records stood in a tab after the last run."""
    stood = sum(base.version != AWAITED for key, base in bases.items() if key not in missed)
    return stood + (part.others if part else 0)


def _mended(
    tab: Tab, columns: Columns, read: TabRead, part: Part | None, mine: Sequence[Repair]
) -> tuple[SheetRow, ...]:
    """The rows with the cells that writes of ours have hit put right."""
    hit = [item for item in mine if isinstance(item, CellRepair)]
    cells = in_place(hit, read.rows[columns.header_row]) if hit else []
    fields = {index: field for field, index in columns.columns.items()}
    numbers = part.rows if part else None
    return with_repairs(tuple(read_rows(tab, columns, read, numbers)), cells, read, fields)


def _still_meant(
    rows: Sequence[SheetRow],
    columns: Columns,
    shown: Shown,
    decided: Mapping[tuple[str, str], Pending],
) -> dict[tuple[str, str], Side]:
    """The decisions about cells that hold what they held when it was decided."""
    if not decided:
        return {}
    named = {row.id: row for row in rows}
    found = {}
    for (record_id, name), each in decided.items():
        if name == ROW:
            # It is about a row that is gone: as long as that is so, nothing in it can change.
            found[record_id, name] = each.side
            continue
        row = named.get(record_id)
        if row is None or name not in row.cells:
            continue
        seen = shown.get((row.number, columns.columns[name]))
        if each.typed in (*_texts(row.cells[name]), *([seen.text] if seen else ())):
            found[record_id, name] = each.side
    return found


def _texts(cell: Cell) -> tuple[str, ...]:
    """What a problem may quote of a cell: a day is quoted as such, not as its number."""
    number = isinstance(cell, (int, float)) and not isinstance(cell, bool)
    day = _MOMENTS.parse(cell) if number else None
    return (cell_text(cell), str(day)) if isinstance(day, str) else (cell_text(cell),)


def _whole(app: Application, tab: Tab) -> Tab:
    return next(item for item in app.whole if item.table.name == tab.table.name)


def tab_work(reading: TabReading, world: World) -> TabWork:
    """All that the merge of a tab needs. Records whose row is being put back stay out of it, unless
    another row bears their id meanwhile.
    """
    tab = reading.tab
    ids = {row.id for row in reading.rows}
    returning = {item.row_id for item in reading.revived} - ids
    records: Mapping[str, Record] = world.records[tab.table.name]
    bases = reading.bases
    if (part := reading.part) is not None:
        asked = sorted(part.asked, key=lambda key: (len(key), key))
        records = {key: found for key in asked if (found := records.get(key)) is not None}
    if returning:
        records = {key: value for key, value in records.items() if key not in returning}
        bases = {key: value for key, value in bases.items() if key not in returning}
    codecs = world.codecs(tab)
    return TabWork(
        tab,
        reading.columns,
        reading.read,
        redacted_rows(
            tab,
            as_shown(tab, reading.columns, reading.rows, reading.shown, codecs),
            bases,
            records,
            codecs,
        ),
        bases,
        records,
        codecs,
        world.check(tab),
        reading.sides,
        others=part.others if part else 0,
        skipped=part.news.ids if part else (),
        automatic=reading.automatic,
        approved=reading.approved,
        unnamed_returns=any(
            (item.row_id not in reading.bases or item.row_id in ids)
            and not all(map(is_blank, item.cells))
            for item in reading.revived
        ),
        suspects=world.suspects(tab),
        archiving=world.archiving(tab),
    )


def is_changed(
    app: Application, binding: Binding, version: int, fingerprint: str | None = None
) -> bool:
    """True if either side has changed since the last run that found everything settled. The
    `fingerprint` is that of the application as its workbook sees it, unless it is given.
    """
    return not (
        binding.version == version
        and binding.sequence == app.store.records.sequence()
        and binding.day == app.local_now().date().isoformat()
        and binding.fingerprint == (app.fingerprint if fingerprint is None else fingerprint)
    )


def with_bases(app: Application, workbook: str, reading: Reading) -> Reading:
    """The reading with what the workbook and the store last agreed on."""
    bases = {tab.table.name: app.store.bases.all(workbook, tab.table.name) for tab in app.tabs}
    known = app.store.bases.binding(workbook)
    fields = known.fields if known else {}
    told = scoping(app, workbook)
    return replace(reading, bases=bases, known_fields=fields, scoping=told)


def touched_since(app: Application, workbook: str) -> dict[str, dict[str, Touched]] | None:
    """What changed in the store since the last run over this workbook; None if that left anything
    to be done, or if the day or the configuration is another one.
    """
    known = app.store.bases.binding(workbook)
    if known is None or known.version is None or known.sequence is None:
        return None
    last = replace(known, sequence=app.store.records.sequence())
    if is_changed(app, last, known.version):
        return None
    return app.store.records.touched(known.sequence)
