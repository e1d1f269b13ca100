"""Opens a workbook and finds its tabs; makes those that are missing the first time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from crm_sync.core.batch import NewTab
from crm_sync.core.findings import Stop
from crm_sync.core.grid import TabRead
from crm_sync.core.headings import heading_key
from crm_sync.core.schema import Tab
from crm_sync.core.values import N_
from crm_sync.errors import NotFound, WrongWorkbook
from crm_sync.ports import Binding, Outline, Workbook
from crm_sync.services.application import JOURNAL, LISTS, UNREAD, Application

FIRST_SHEET = 7_100_001
"""Sheet ids of tabs that we make are counted from here: a request sent twice then fails, not
doubles.
"""

DAILY = ("clients", "contacts", "agreements")
"""The tables that staff work in every day; the others are small and rarely change."""

RECORD_ROWS = 1000
GENERATED_ROWS = 200
GENERATED_COLUMNS = 26


@dataclass(frozen=True)
class Attached:
    """Where the tabs of a workbook stand. `sheets` is sheet id by table, generated tab or journal;
    `new_tabs` are to be made by the first write; `gone` tabs of records were deleted by someone.
    """

    sheets: Mapping[str, int]
    new_tabs: tuple[NewTab, ...] = ()
    gone: tuple[str, ...] = ()

    def is_new(self, name: str) -> bool:
        """True for a tab that the first write makes."""
        return any(item.sheet_id == self.sheets.get(name) for item in self.new_tabs)


def known_binding(app: Application, name: str) -> Binding | None:
    """What the store knows of this workbook. Raises NotFound for a name that the configuration
    lacks, WrongWorkbook if the configuration now names another file.
    """
    if name not in app.bound:
        raise NotFound(
            N_("The configuration has no workbook named “{name}”."),
            N_("It names: {names}."),
            name=name,
            names=", ".join(app.bound),
        )
    known = app.store.bases.binding(name)
    wanted = app.bound[name].spreadsheet_id
    if known is not None and wanted and known.spreadsheet_id != wanted:
        raise WrongWorkbook(
            N_(
                "The workbook “{name}” was synced with the file {known}; the configuration now "
                "names {wanted}."
            ),
            N_(
                "Put the old id back in config.toml. To begin with another file, give it a "
                "name of its own there."
            ),
            name=name,
            known=known.spreadsheet_id,
            wanted=wanted,
        )
    return known


def open_workbook(app: Application, name: str) -> tuple[Workbook, Binding]:
    """The workbook and what is known of it. A local one that does not exist yet is made, and
    noted at once, so that a crash does not leave a second one behind.
    """
    known = known_binding(app, name)
    bound = app.bound[name]
    spreadsheet_id = known.spreadsheet_id if known else bound.spreadsheet_id
    if spreadsheet_id:
        workbook = app.workbooks.open(name, spreadsheet_id)
        return workbook, known or Binding(name, spreadsheet_id)
    first = app.tab("clients").title
    workbook = app.workbooks.create(
        name, bound.title, locale=app.locale, time_zone=app.zone.key, first_tab=first
    )
    binding = Binding(name, workbook.spreadsheet_id, locale=app.locale)
    with app.store.transaction():
        app.store.bases.bind(binding)
    return workbook, binding


def attach(
    app: Application, binding: Binding, outline: Outline | None, allowed: frozenset[str]
) -> Attached:
    """Where each tab stands: by the sheet id known from before, else by its title, else new.
    `outline` is None when the known sheet ids need no second look.
    """
    if outline is None:
        return Attached(binding.sheets)
    by_id = {sheet.sheet_id: sheet for sheet in outline.sheets}
    by_title = {heading_key(sheet.title): sheet for sheet in outline.sheets}
    sheets: dict[str, int] = {}
    new_tabs: list[NewTab] = []
    gone: list[str] = []
    taken = by_id.keys() | set(binding.sheets.values())
    free = (number for number in range(FIRST_SHEET, 2**31 - 1) if number not in taken)
    for name, title in _titles(app):
        known = by_id.get(binding.sheets.get(name, -1))
        found = known or by_title.get(heading_key(title))
        if found is not None:
            sheets[name] = found.sheet_id
        elif name in binding.sheets and _is_record_tab(app, name):
            gone.append(name)
            sheets[name] = binding.sheets[name]
            if f"{name}:new-tab" in allowed:
                sheets[name] = next(free)
                new_tabs.append(_new_tab(app, name, title, sheets[name]))
        else:
            sheets[name] = next(free)
            new_tabs.append(_new_tab(app, name, title, sheets[name]))
    return Attached(sheets, tuple(new_tabs), tuple(gone))


def _titles(app: Application) -> Iterable[tuple[str, str]]:
    """Names and titles in the order in which the tabs stand in a workbook that we make."""
    for name in DAILY:
        yield name, app.tab(name).title
    for name in app.generated:
        yield name, app.titles[name]
    for tab in app.tabs:
        if tab.table.name not in DAILY:
            yield tab.table.name, tab.title
    yield LISTS, LISTS
    yield JOURNAL, JOURNAL


def _is_record_tab(app: Application, name: str) -> bool:
    return any(tab.table.name == name for tab in app.tabs)


def _new_tab(app: Application, name: str, title: str, sheet_id: int) -> NewTab:
    if _is_record_tab(app, name):
        tab = app.tab(name)
        return NewTab(sheet_id, title, tab, RECORD_ROWS, len(tab.columns), wardrobe=app.wardrobe)
    hidden = name in UNREAD
    return NewTab(sheet_id, title, None, GENERATED_ROWS, GENERATED_COLUMNS, hidden)


def laid_out(app: Application, table: str, read: TabRead) -> NewTab:
    """The layout for a tab of records that stands in the workbook but holds nothing at all."""
    new = _new_tab(app, table, read.title, read.sheet_id)
    return replace(new, rows=read.row_count, exists=True)


def blank_read(tab: Tab, new: NewTab) -> TabRead:
    """A tab of records as it will stand once it is made: its headings and nothing below."""
    headings = tuple(column.heading for column in tab.columns)
    return TabRead(new.sheet_id, new.title, new.rows, new.columns, (headings,))


def gone_stop(app: Application, table: str) -> Stop:
    """The stop for a tab of records that someone deleted."""
    return Stop(
        table,
        "E-TAB-GONE",
        N_("The tab “{tab}” is gone from the workbook. Its records are safe in the store."),
        N_(
            "Undo it in the sheet (File, Version history), or make it anew from the store: "
            "crm-sync sync --allow {allow}"
        ),
        f"{table}:new-tab",
        {"tab": app.tab(table).title, "allow": f"{table}:new-tab"},
    )


def without_version(binding: Binding) -> Binding:
    """The binding such that the next run looks at everything."""
    return replace(binding, version=None, sequence=None)
