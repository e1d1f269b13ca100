"""Takes over a workbook that staff made by themselves: their sheets become the tabs of records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm_sync.core.adoption import Fit, Told, fit
from crm_sync.core.binding import places_in
from crm_sync.core.grid import TabRead, column_letter
from crm_sync.core.headings import heading_key
from crm_sync.core.looks import (
    Dressing,
    HeadingsLook,
    ListLook,
    Place,
    RoomLook,
    dressings,
)
from crm_sync.core.plan import CellWrite, Op, TabPlan
from crm_sync.core.values import N_, Cell, is_blank, same_cell
from crm_sync.errors import NotFound, ShapeError, UnknownOutcome, Unreachable
from crm_sync.ports import Binding, Outline, Workbook
from crm_sync.services.access import check_access
from crm_sync.services.application import UNREAD, Application
from crm_sync.services.dry_run import made_up_ids
from crm_sync.services.identity import check_identity
from crm_sync.services.planning import plan_workbook
from crm_sync.services.reading import Reading, read_workbook
from crm_sync.services.result import RunResult
from crm_sync.services.setup import open_workbook
from crm_sync.services.statuses import first_statuses
from crm_sync.services.sync import sync
from crm_sync.services.views import for_workbook, with_own_headings
from crm_sync.services.world import load_world

SPARE_ROWS = 200
"""How many rows below the last one get the formula that joins the parts of a name."""


@dataclass(frozen=True)
class Asked:
    """What somebody said beforehand: headings and titles of sheets (as keys) -> field or table, ""
    for what is to stay as it is.
    """

    columns: Told = field(default_factory=dict)
    sheets: Told = field(default_factory=dict)


@dataclass(frozen=True)
class Left:
    """A sheet that is left alone; `rival` is the sheet that is the tab already, "" if it is like no
    tab.
    """

    title: str
    table: str = ""
    rival: str = ""


@dataclass(frozen=True)
class Adoption:
    """How the sheets of a workbook fit, before anything is done."""

    workbook: str
    outline: Outline
    fits: tuple[Fit, ...]
    left: tuple[Left, ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Rehearsal:
    """What taking over would do with one sheet: records that come in, rows that wait for what they
    lack, the plan with all problems, and the cells whose text would be written anew.
    """

    table: str
    records: int
    plan: TabPlan
    rewritten: tuple[CellWrite, ...] = ()


def look_over(
    app: Application,
    name: str,
    spreadsheet_id: str,
    synonyms: Mapping[str, Mapping[str, Sequence[str]]],
    asked: Asked,
) -> Adoption:
    """How the sheets of a workbook fit the templates; writes nothing. Raises NotFound for an
    unknown workbook, ShapeError for one that is in sync already, has no sheet that fits, or whose
    headings do not tell its columns apart.
    """
    workbook, _ = _open(app, name, spreadsheet_id)
    app = for_workbook(app, name)
    outline = workbook.outline()
    ids = [sheet.sheet_id for sheet in outline.sheets if sheet.title not in UNREAD]
    reads = workbook.read([number for number in ids if number in _grids(outline)])
    found: list[Fit] = []
    left: list[Left] = []
    for sheet in outline.sheets:
        read = reads.get(sheet.sheet_id)
        if read is None or not any(read.rows):
            continue
        best = _best(app, read, synonyms, asked)
        if best is None:
            left.append(Left(sheet.title))
        else:
            found.append(best)
    chosen = _chosen(found, asked)
    left.extend(
        Left(item.read.title, item.table, chosen[item.table].read.title)
        for item in sorted(found, key=lambda item: -item.score)
        if item is not chosen[item.table]
    )
    if not chosen:
        raise ShapeError(
            N_("No sheet of “{workbook}” looks like clients, contacts or agreements."),
            N_(
                "Name the sheet and its columns: crm-sync adopt {workbook} "
                '--tab "SHEET=clients" --map "HEADING=full_name"'
            ),
            workbook=name,
        )
    order = [tab.table.name for tab in app.tabs]
    fits = tuple(sorted(chosen.values(), key=lambda item: order.index(item.table)))
    adoption = Adoption(name, outline, fits, tuple(left), workbook.address)
    _check_headings(with_own_headings(app, _binding(adoption)), fits)
    return adoption


def rehearse(app: Application, adoption: Adoption) -> tuple[Rehearsal, ...]:
    """What the first run after taking over would do, sheet by sheet; writes nothing. Raises what
    `take_over` raises for a workbook that no run may go on with.
    """
    binding = _binding(adoption)
    app = with_own_headings(for_workbook(app, adoption.workbook), binding)
    workbook = app.workbooks.open(adoption.workbook, binding.spreadsheet_id)
    reading = _read(app, workbook, binding)
    grown = {item.table: _grown(app, item) for item in adoption.fits}
    reading = replace(
        reading,
        reads={**reading.reads, **grown},
        bases={tab.table.name: {} for tab in app.tabs},
    )
    world = load_world(app, binding)
    world.apply(first_statuses(app, world, reading, made_up_ids))
    planned = plan_workbook(app, world, reading, made_up_ids, frozenset())
    plans = {plan.table: plan for plan in planned.plan.tabs}
    return tuple(
        Rehearsal(
            item.table,
            sum(change.op is Op.CREATE for change in plans[item.table].changes),
            plans[item.table],
            tuple(_rewritten(plans[item.table], grown[item.table])),
        )
        for item in adoption.fits
    )


def take_over(app: Application, adoption: Adoption) -> RunResult:
    """Takes the sheets over:

    1.  check    it is open to nobody else, and no copy or workbook of another store
    2.  bind     the store learns which sheet is which tab, and which heading which field
    3.  dress    the columns that are missing are put at the right end: the id, what records need
    4.  sync     a usual run takes the rows in and gives each its id

    A death between them leaves a workbook that can be taken over again.
    """
    binding = _binding(adoption)
    seen = for_workbook(app, adoption.workbook)
    with app.store.lease():
        workbook = app.workbooks.open(adoption.workbook, binding.spreadsheet_id)
        _read(with_own_headings(seen, binding), workbook, binding)
        with app.store.transaction():
            app.store.bases.bind(binding)
        looks = [look for item in adoption.fits for look in _looks(seen, item)]
        try:
            workbook.dress(looks)
        except UnknownOutcome as exc:
            raise Unreachable(
                N_("The answer to the last write to “{workbook}” was lost."),
                N_("Nothing is lost. Run crm-sync adopt again."),
                workbook=adoption.workbook,
            ) from exc
    return sync(app, adoption.workbook)


def _check_headings(app: Application, fits: Sequence[Fit]) -> None:
    """Raises ShapeError if a run, which knows columns by their headings alone, would take others
    than those that are taken here.
    """
    faults = {item.read.title: found for item in fits if (found := dict(_mistaken(app, item)))}
    if not faults:
        return
    for item in fits:
        heading = app.tab(item.table).by_field[app.tab(item.table).table.label].heading
        letters = faults.get(item.read.title, {}).get(heading)
        if item.joined and letters:
            raise ShapeError(
                N_("“{heading}” (column {letters}) is a part of the name, and the name's heading."),
                N_("In the spreadsheet, rename it: “First name”, say. Then adopt it again."),
                heading=heading,
                letters=letters,
            )
    several = len(faults) > 1
    raise ShapeError(
        N_("These headings do not tell which column is which: {headings}."),
        N_(
            "In the spreadsheet, rename all columns of each but the right one. Then adopt it again."
        ),
        headings="; ".join(
            f"“{heading}” ({f'{title}: ' if several else ''}{letters})"
            for title, found in faults.items()
            for heading, letters in found.items()
        ),
    )


def _mistaken(app: Application, item: Fit) -> Iterator[tuple[str, str]]:
    """The headings whose columns a run would mistake, each with the columns that bear it now."""
    tab, added = app.tab(item.table), _added_columns(item)
    wanted = {**item.taken, **added}
    places, _ = places_in(tab, _grown(app, item).rows[item.header_row])
    for name, column in tab.by_field.items():
        found = places.get(name, [])
        if found != ([wanted[name]] if name in wanted else []):
            now = {*found, *([wanted[name]] if name in wanted else [])} - {*added.values()}
            yield column.heading, ", ".join(column_letter(at) for at in sorted(now))


def _read(app: Application, workbook: Workbook, binding: Binding) -> Reading:
    """The workbook as the first run reads it. Raises what that run would."""
    check_access(app, binding.workbook, workbook)
    reading = read_workbook(app, workbook, binding, frozenset())
    check_identity(app, binding, reading)
    return reading


def _open(app: Application, name: str, spreadsheet_id: str) -> tuple[Workbook, Binding]:
    known = app.store.bases.binding(name) if name in app.bound else None
    if known is not None and known.fingerprint:
        raise ShapeError(
            N_("The workbook “{workbook}” is in sync already."),
            N_(
                "crm-sync sync goes on with it; crm-sync template check says what it lacks. To take"
                " a sheet of it over all the same, give the workbook another name in config.toml,"
                ' then: crm-sync adopt NAME --dry-run --tab "SHEET=clients" --tab "{tab}="'
            ),
            workbook=name,
            tab=app.tab("clients").title,
        )
    if known is None and name in app.bound and spreadsheet_id:
        return app.workbooks.open(name, spreadsheet_id), Binding(name, spreadsheet_id)
    if known is None and name in app.bound and not app.bound[name].spreadsheet_id:
        raise NotFound(
            N_("There is no workbook “{workbook}” yet that could be taken over."),
            N_("Name the spreadsheet by its id or its address: crm-sync adopt ADDRESS"),
            workbook=name,
        )
    return open_workbook(app, name)


def _grids(outline: Outline) -> set[int]:
    # A sheet that is one large chart has no cells.
    return {sheet.sheet_id for sheet in outline.sheets if sheet.row_count}


def _best(
    app: Application,
    read: TabRead,
    synonyms: Mapping[str, Mapping[str, Sequence[str]]],
    asked: Asked,
) -> Fit | None:
    title = heading_key(read.title)
    said = asked.sheets.get(title)
    generated = {heading_key(app.titles[name]) for name in app.generated}
    if said == "" or (said is None and title in generated):
        return None
    fits = (
        fit(tab, synonyms.get(tab.table.name, {}), read, asked.columns)
        for tab in app.tabs
        if said in (None, tab.table.name)
    )
    # A price list has a name and a sum, too: unasked, a sheet must hold all that records need.
    found = [item for item in fits if item is not None and (said or _is_whole(item))]
    return max(found, key=lambda item: item.score, default=None)


def _chosen(found: Sequence[Fit], asked: Asked) -> dict[str, Fit]:
    """The sheet of each table: one that somebody named goes before one that looks more like it."""
    said = {title for title, table in asked.sheets.items() if table}
    chosen: dict[str, Fit] = {}
    for item in sorted(
        found, key=lambda item: (heading_key(item.read.title) not in said, -item.score)
    ):
        chosen.setdefault(item.table, item)
    return chosen


def _is_whole(item: Fit) -> bool:
    return not item.lacking and len(item.taken) + bool(item.joined) > 1


def _binding(adoption: Adoption) -> Binding:
    return Binding(
        adoption.workbook,
        adoption.outline.spreadsheet_id,
        sheets={item.table: item.read.sheet_id for item in adoption.fits},
        locale=adoption.outline.locale,
        headings={item.table: item.headings for item in adoption.fits},
    )


def _added_columns(item: Fit) -> dict[str, int]:
    """The columns of the fields that are put right of all that is filled."""
    width = max((len(row) for row in item.read.rows), default=0)
    return {name: width + at for at, name in enumerate(item.added)}


def _grown(app: Application, item: Fit) -> TabRead:
    """The sheet as it will stand with the columns that are added."""
    added = _added_columns(item)
    tab = app.tab(item.table)
    rows: list[tuple[Cell, ...]] = []
    for number, row in enumerate(item.read.rows):
        cells = [*row, *[None] * (item.read.column_count + len(added) - len(row))]
        for name, column in added.items():
            if number == item.header_row:
                cells[column] = tab.by_field[name].heading
            elif name == "full_name" and item.joined and number > item.header_row:
                parts = (str(item.read.cell(number, part) or "").strip() for part in item.joined)
                cells[column] = " ".join(part for part in parts if part) or None
        rows.append(tuple(cells))
    return replace(item.read, rows=tuple(rows), column_count=item.read.column_count + len(added))


def _looks(app: Application, item: Fit) -> Iterator[Dressing]:
    """What makes the added columns, as a new tab would have them."""
    added = _added_columns(item)
    if not added:
        return
    sheet_id, tab = item.read.sheet_id, app.tab(item.table)
    place = Place(sheet_id, item.read.title, item.header_row, added)
    yield RoomLook(sheet_id, min(added.values()), len(added))
    wardrobe = replace(app.wardrobe, lists={})
    for look in dressings(tab, place, wardrobe, added):
        yield replace(look, written=True) if isinstance(look, HeadingsLook) else look
    if item.joined:
        last = min(len(item.read.rows) + SPARE_ROWS, item.read.row_count)
        for row in range(item.header_row + 1, last):
            parts = '&" "&'.join(f"{column_letter(part)}{row + 1}" for part in item.joined)
            yield ListLook(sheet_id, row, added["full_name"], f"=TRIM({parts})")


def _rewritten(plan: TabPlan, read: TabRead) -> Iterator[CellWrite]:
    for write in plan.every_write:
        before = read.cell(write.row, write.column)
        if not is_blank(before) and not same_cell(before, write.after):
            yield write
