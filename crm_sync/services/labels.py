"""Looks behind the headings of tabs that cannot be told by their text alone."""

from __future__ import annotations

from collections.abc import Mapping

from crm_sync.core.batch import Label
from crm_sync.core.binding import Binding as Columns
from crm_sync.core.binding import bind
from crm_sync.core.findings import Stop
from crm_sync.core.grid import TabRead
from crm_sync.ports import Binding, Workbook
from crm_sync.services.application import Application
from crm_sync.services.views import away_names, known_names

Labels = Mapping[str, Mapping[str, int]]
"""The column that bears a field's name out of sight, by table and field."""


def labels_if_needed(
    app: Application, workbook: Workbook, binding: Binding, reads: Mapping[str, TabRead]
) -> Labels | None:
    """The labels of all tabs, in one request; None if every heading is where it is looked for, in
    tabs that were seen before.
    """
    if not any(_in_doubt(app, binding, name, read) for name, read in reads.items()):
        return None
    tables = {read.sheet_id: name for name, read in reads.items()}
    found: dict[str, dict[str, int]] = {name: {} for name in reads}
    for label in workbook.labels():
        if label.sheet_id in tables:
            found[tables[label.sheet_id]][label.field] = label.column
    return found


def _in_doubt(app: Application, binding: Binding, name: str, read: TabRead) -> bool:
    tab = next((item for item in app.tabs if item.table.name == name), None)
    if tab is None:
        return False
    if name not in binding.fields:
        return True
    columns = bind(tab, read)
    if isinstance(columns, Stop):
        return True
    before = binding.fields[name]
    # A column that came back lost its label with the old one.
    return bool(away_names(before)) or not set(known_names(before)).isdisjoint(columns.missing)


def labels_of(labels: Labels | None, name: str) -> Mapping[str, int]:
    """Those of one tab; none if they were not asked for."""
    return labels.get(name, {}) if labels is not None else {}


def lacking(labels: Labels | None, name: str, read: TabRead, columns: Columns) -> list[Label]:
    """The columns of a tab that lack a label: those that this run adds and, if labels were asked,
    those that are known by their text.
    """
    known = labels.get(name) if labels is not None else None
    return [
        Label(read.sheet_id, index, field)
        for field, index in columns.columns.items()
        if field in columns.added or (known is not None and field not in known)
    ]
