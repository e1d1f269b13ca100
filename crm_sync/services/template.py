"""Templates and workbooks: what a workbook lacks of its template, and giving it that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from crm_sync.core.binding import bind
from crm_sync.core.drift import Drift, FoundTab, Lack, list_drift, tab_drift
from crm_sync.core.findings import Stop
from crm_sync.core.looks import Dressing, ListLook, LocaleLook, Place, list_cells
from crm_sync.core.values import N_
from crm_sync.errors import UnknownOutcome, Unreachable
from crm_sync.ports import Binding, Outline, Workbook
from crm_sync.services.access import check_access
from crm_sync.services.application import JOURNAL, LISTS, Application
from crm_sync.services.labels import labels_if_needed, labels_of
from crm_sync.services.result import RunResult
from crm_sync.services.setup import attach, known_binding, without_version
from crm_sync.services.sync import sync
from crm_sync.services.views import for_workbook, known_names


@dataclass(frozen=True)
class Checkup:
    """What one workbook lacks of its template; `made` is False while there is no such workbook."""

    workbook: str
    drift: tuple[Drift, ...] = ()
    made: bool = True
    address: str = ""

    @property
    def clean(self) -> bool:
        """True if nothing is lacking."""
        return self.made and not self.drift


@dataclass(frozen=True)
class Repaired:
    """What a repair mended, and what it has to leave to people; `run` is the sync that brought back
    tabs and columns, None if none was needed.
    """

    workbook: str
    mended: tuple[Drift, ...] = ()
    left: tuple[Drift, ...] = ()
    run: RunResult | None = None
    address: str = ""


_BY_A_RUN = frozenset({Lack.TAB, Lack.COLUMN, Lack.LISTS})
"""What the engine brings back, with the values that belong there."""


def check(app: Application, name: str) -> Checkup:
    """Compares a workbook with its template; writes nothing, reads no records. Raises NotFound for
    an unknown workbook and what a `ports.Workbook` raises.
    """
    binding = known_binding(app, name)
    spreadsheet_id = binding.spreadsheet_id if binding else app.bound[name].spreadsheet_id
    if not spreadsheet_id:
        return Checkup(name, made=False)
    app = for_workbook(app, name)
    workbook = app.workbooks.open(name, spreadsheet_id)
    outline = workbook.outline()
    known = binding or Binding(name, spreadsheet_id)
    drift = tuple(_drift(app, workbook, known, outline))
    return Checkup(name, drift, address=workbook.address)


def repair(app: Application, name: str, *, dry_run: bool = False) -> Repaired:
    """Gives a workbook what it lacks, and touches nothing else:

    1.  check    what is lacking
    2.  dress    formats, drop-downs, protection, colours, notes: one request
    3.  forget   what is known of tabs and columns that are gone, so that they count as new
    4.  sync     brings those back, filled from the store

    What is mended already is not written again. Raises as `check` and `sync` do.
    """
    checkup = check(app, name)
    mended = tuple(item for item in checkup.drift if item.mends or item.lack in _BY_A_RUN)
    left = tuple(item for item in checkup.drift if item not in mended)
    if dry_run or not mended:
        return Repaired(name, mended, left, address=checkup.address)
    binding = known_binding(app, name)
    with app.store.lease():
        looks = tuple(look for item in mended for look in item.mends)
        spreadsheet_id = binding.spreadsheet_id if binding else app.bound[name].spreadsheet_id
        workbook = app.workbooks.open(name, spreadsheet_id)
        check_access(app, name, workbook)
        _dress(workbook, name, looks)
        by_run = [item for item in mended if item.lack in _BY_A_RUN and not item.mends]
        if binding is not None:
            _forget(app, binding, by_run)
    run = None
    if by_run:
        gone = {item.table for item in by_run if item.lack is Lack.TAB}
        run = sync(app, name, allowed=frozenset(f"{table}:new-tab" for table in gone))
    return Repaired(name, mended, left, run, checkup.address)


def apply(app: Application, name: str, *, dry_run: bool = False) -> tuple[RunResult, Repaired]:
    """Makes a workbook, or fits out one that exists: a run makes the tabs that are missing, a
    repair gives those that were there their looks.
    """
    run = sync(app, name, dry_run=dry_run)
    if dry_run and not _is_made(app, name):
        return run, Repaired(name)
    return run, repair(app, name, dry_run=dry_run)


def _is_made(app: Application, name: str) -> bool:
    return bool(known_binding(app, name) or app.bound[name].spreadsheet_id)


def _drift(
    app: Application, workbook: Workbook, binding: Binding, outline: Outline
) -> Iterator[Drift]:
    wanted = binding.locale or outline.locale
    if outline.locale != wanted:
        mend = LocaleLook(wanted)
        yield Drift(Lack.LOCALE, found=outline.locale, wanted=wanted, mends=(mend,))
    attached = attach(app, binding, outline, frozenset())
    made = {new.sheet_id for new in attached.new_tabs}
    standing = {
        name: sheet_id
        for name, sheet_id in attached.sheets.items()
        if sheet_id not in made and name not in attached.gone
    }
    for name in attached.sheets:
        if name not in standing and name not in (JOURNAL, LISTS):
            yield Drift(Lack.TAB, name, _title(app, name))
    tabs = [tab.table.name for tab in app.tabs if tab.table.name in standing]
    ids = {standing[name] for name in tabs}
    found = workbook.looks([sheet for sheet in outline.sheets if sheet.sheet_id in ids])
    places: dict[str, Place] = {}
    reads = {name: found.tabs[standing[name]].read for name in tabs}
    # A column whose heading staff renamed is no missing one.
    labels = labels_if_needed(app, workbook, binding, reads)
    for name in tabs:
        known = labels_of(labels, name)
        yield from _tab_drift(app, name, found.tabs[standing[name]], known, places)
    yield from _list_drift(app, workbook, standing, places)


def _tab_drift(
    app: Application,
    name: str,
    looks: FoundTab,
    known: Mapping[str, int],
    places: dict[str, Place],
) -> Iterator[Drift]:
    """The drift of one tab; its place is noted among `places` when its headings are in order."""
    tab, sheet_id, title = app.tab(name), looks.read.sheet_id, looks.read.title
    columns = bind(tab, looks.read, known)
    if isinstance(columns, Stop):
        yield Drift(Lack.HEADINGS, name, title, stop=columns)
        return
    place = Place(sheet_id, title, columns.header_row, columns.columns, columns.doubled)
    places[name] = place
    yield from tab_drift(tab, place, looks, app.wardrobe)


def _list_drift(
    app: Application,
    workbook: Workbook,
    standing: Mapping[str, int],
    places: Mapping[str, Place],
) -> Iterator[Drift]:
    if LISTS not in standing:
        yield Drift(Lack.LISTS, LISTS, LISTS)
        return
    sheet_id = standing[LISTS]
    lacking = list_drift(
        list_cells(app.tabs, places, app.language), workbook.read([sheet_id])[sheet_id]
    )
    if lacking:
        mends = tuple(
            ListLook(sheet_id, row, column, cell) for (row, column), cell in sorted(lacking.items())
        )
        yield Drift(Lack.LISTS, LISTS, LISTS, mends=mends)


def _dress(workbook: Workbook, name: str, looks: tuple[Dressing, ...]) -> None:
    try:
        workbook.dress(looks)
    except UnknownOutcome as exc:
        raise Unreachable(
            N_("The answer to the last write to “{workbook}” was lost."),
            N_("Nothing is lost. Run crm-sync template repair again."),
            workbook=name,
        ) from exc


def _forget(app: Application, binding: Binding, drift: list[Drift]) -> None:
    """Lets tabs and columns that are gone count as new ones in the next run: a column that comes
    back blank would else say that staff emptied all its cells.
    """
    sheets = dict(binding.sheets)
    fields = dict(binding.fields)
    columns: dict[str, set[str]] = {}
    for item in drift:
        if item.lack is Lack.COLUMN:
            columns.setdefault(item.table, set()).add(item.field)
        elif item.table not in {tab.table.name for tab in app.tabs}:
            sheets.pop(item.table, None)
    with app.store.transaction():
        for table, names in columns.items():
            bases = app.store.bases.all(binding.workbook, table)
            app.store.bases.put(
                binding.workbook,
                table,
                {key: base.without(names) for key, base in bases.items()},
            )
            known = fields.get(table, ())
            named = zip(known, known_names(known), strict=True)
            fields[table] = tuple(each for each, name in named if name not in names)
        app.store.bases.bind(without_version(replace(binding, sheets=sheets, fields=fields)))


def _title(app: Application, name: str) -> str:
    return app.titles.get(name) or next(
        (tab.title for tab in app.tabs if tab.table.name == name), name
    )
