"""Sees to it that a workbook and the store belong together as they did at the last run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from crm_sync.core.ids import number_of
from crm_sync.core.stamp import Stamp, Standing, standing
from crm_sync.core.values import N_
from crm_sync.errors import OtherStore, StoreOlder, UserError, WorkbookOlder, WrongWorkbook
from crm_sync.ports import Binding
from crm_sync.services.application import Application
from crm_sync.services.reading import Reading


def own_stamp(app: Application, binding: Binding) -> Stamp:
    """The stamp of a write made now, but for its operation."""
    moment = app.clock.now().astimezone(UTC).isoformat(timespec="milliseconds")
    return Stamp("", app.store.identity, binding.spreadsheet_id, moment)


def how_it_stands(app: Application, binding: Binding, reading: Reading) -> Standing:
    """How the workbook as read and the store stand to each other. A workbook without a stamp whose
    rows bear ids that a store gave, though this one has never seen the workbook, is another's.
    """
    found = standing(
        reading.stamp,
        store=app.store.identity,
        file=binding.spreadsheet_id,
        last=binding.operation,
        number=app.store.journal.number,
    )
    if found is Standing.UNSTAMPED and _bears_foreign_ids(app, binding, reading):
        return Standing.OTHER_STORE
    return found


def check_identity(app: Application, binding: Binding, reading: Reading) -> None:
    """Raises WrongWorkbook for a copy, OtherStore, WorkbookOlder, StoreOlder: nothing may be
    merged until a person has said what the workbook is.
    """
    found = how_it_stands(app, binding, reading)
    if found not in (Standing.TOGETHER, Standing.UNSTAMPED):
        raise told(app, binding.workbook, found, reading.stamp)


def told(app: Application, name: str, found: Standing, stamp: Stamp) -> UserError:
    """The error for a standing in which no run may go on."""
    kind, message, hint = _TOLD[found]
    return kind(message, hint, name=name, file=stamp.file, when=written_at(app, stamp))


_TOLD: Mapping[Standing, tuple[type[UserError], str, str]] = {
    Standing.COPY: (
        WrongWorkbook,
        N_("The workbook “{name}” is a copy of another file ({file}); it bears its ids."),
        N_(
            "Correct the id in config.toml, or let the copy be a workbook of its own: "
            "crm-sync recover {name}"
        ),
    ),
    Standing.OTHER_STORE: (
        OtherStore,
        N_("The workbook “{name}” is synced by another store (last write: {when})."),
        N_(
            "Two stores must not share a workbook. If the other one is gone for good, this "
            "one takes over, and all ids stay: crm-sync recover {name}"
        ),
    ),
    Standing.BOOK_OLD: (
        WorkbookOlder,
        N_("The workbook “{name}” went back to an older state, that of {when}."),
        N_(
            "Nothing was changed. To bring it up to date: crm-sync recover {name}. To keep "
            "the older state: crm-sync recover {name} --take sheet. What either would do: "
            "add --dry-run."
        ),
    ),
    Standing.STORE_OLD: (
        StoreOlder,
        N_(
            "The store is older than the workbook “{name}”, which it last wrote to on "
            "{when}: it was put back from a backup, or a copy of it is at work elsewhere."
        ),
        N_(
            "Make sure that one store alone is in use. Then this one catches up with what "
            "the workbook holds: crm-sync recover {name}"
        ),
    ),
}


def written_at(app: Application, stamp: Stamp) -> str:
    """When a stamp was made, in local time; "?" for one that does not say."""
    try:
        moment = datetime.fromisoformat(stamp.at)
    except ValueError:
        return "?"
    return moment.astimezone(app.zone).strftime("%Y-%m-%d %H:%M")


def _bears_foreign_ids(app: Application, binding: Binding, reading: Reading) -> bool:
    if binding.fields:
        return False
    for tab in app.tabs:
        read = reading.reads.get(tab.table.name)
        cells = (cell for row in (read.rows if read else ()) for cell in row)
        if any(number_of(tab.table, cell) is not None for cell in cells) and not (
            app.store.records.all(tab.table)
        ):
            return True
    return False
