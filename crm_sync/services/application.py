"""All that the use cases work with, put together once by `wiring.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crm_sync.core.automatic import Policy
from crm_sync.core.batch import JOURNAL_TITLE
from crm_sync.core.keeping import KeepRule
from crm_sync.core.limits import Limits
from crm_sync.core.looks import LISTS_TITLE, Protection, Wardrobe, list_columns
from crm_sync.core.schema import Column, Tab, Table
from crm_sync.core.values import Scalar
from crm_sync.model.scope import Scope
from crm_sync.ports import Clock, Feeds, Store, Workbooks
from crm_sync.reports.names import REPORTS, tab_of

if TYPE_CHECKING:
    from crm_sync.reports.followup_groups import ListTerms

GENERATED = (*map(tab_of, REPORTS), "problems", "conflicts")
"""The generated tabs that there are, in the order in which they stand in a workbook."""

JOURNAL = JOURNAL_TITLE
"""The name of the journal tab among a workbook's sheets."""

LISTS = LISTS_TITLE
"""The name of the tab with the lists for drop-downs among a workbook's sheets."""

UNREAD = frozenset({JOURNAL, LISTS})
"""The tabs of ours that hold nothing for a run to read."""


FieldName = tuple[str, str]
"""A field by its table and its name."""


@dataclass(frozen=True)
class FieldRules:
    """What the people of a workbook may not fill (`read_only`), see in full (`masked`), or see at
    all (`hidden`).
    """

    read_only: frozenset[FieldName] = frozenset()
    masked: frozenset[FieldName] = frozenset()
    hidden: frozenset[FieldName] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.read_only or self.masked or self.hidden)


@dataclass(frozen=True)
class AccessRule:
    """Who may open a workbook (`core.access.strangers`); None: everybody but all the world."""

    allow: tuple[str, ...] | None = None


@dataclass(frozen=True)
class BoundWorkbook:
    """A workbook as the configuration names it; with `keep_extra` the staff's own columns are
    kept in the store too. `spreadsheet_id` is "" for a local one that is yet to be made with this
    `title`. `scope` holds names or ids as a person wrote them.
    """

    name: str
    title: str
    spreadsheet_id: str = ""
    keep_extra: bool = False
    scope: Scope = field(default_factory=Scope)
    rules: FieldRules = field(default_factory=FieldRules)
    access: AccessRule | None = None


def _usual() -> ListTerms | None:
    return None


@dataclass(frozen=True)
class Application:
    """The store, the way to workbooks, the clock, and the company's settings.

    `tabs` come in the order in which a run merges them; a run over a workbook that does not show
    all fields has its own in their place; `whole_tabs` are then those with all fields. `titles` are
    those of the generated tabs that workbooks have, `all_titles` those of all that there are;
    `lists` are the tables that reports go by and that may have no tab; `statuses` the rows that a
    new statuses tab begins with; `backup_rule` says which backups to keep (None: runs make none);
    `policies` say by table and field whose value stays in a conflict; `say` gives a message in the
    language; `locale` is that of a workbook made in it; `terms` gives the thresholds of reports,
    and is called when one is made.
    After `run_minutes` a go over several workbooks begins no further run.
    `memo` is what services keep from one run to the next: each key belongs to one module.
    What lies in the period up to `closed_until` is not changed from a sheet.
    """

    store: Store
    workbooks: Workbooks
    clock: Clock
    bound: Mapping[str, BoundWorkbook]
    tabs: tuple[Tab, ...]
    titles: Mapping[str, str]
    fingerprint: str
    zone: ZoneInfo
    language: str = "en"
    locale: str = "en_US"
    currency: str = "RUB"
    region: str = "RU"
    limits: Limits = field(default_factory=Limits)
    backup_rule: KeepRule | None = None
    statuses: tuple[Mapping[str, Scalar], ...] = ()
    protection: Protection = Protection.WARN
    say: Callable[..., str] = field(default=str.format)
    lists: tuple[Table, ...] = ()
    all_titles: Mapping[str, str] = field(default_factory=dict)
    year_begins: int = 1
    terms: Callable[[], ListTerms | None] = _usual
    whole_tabs: tuple[Tab, ...] = ()
    feeds: Feeds | None = None
    policies: Mapping[tuple[str, str], Policy] = field(default_factory=dict)
    closed_until: date | None = None
    run_minutes: int = 15
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def whole(self) -> tuple[Tab, ...]:
        """The tabs with all their fields, whatever a workbook shows of them."""
        return self.whole_tabs or self.tabs

    def local_now(self) -> datetime:
        """The present moment in the company's time zone."""
        return self.clock.now().astimezone(self.zone)

    def tab(self, table: str) -> Tab:
        """The tab of a table. Raises KeyError for an unknown one."""
        for item in self.tabs:
            if item.table.name == table:
                return item
        raise KeyError(table)

    def column(self, table: str, field_name: str) -> Column:
        """A column, also one that the workbook of this run hides."""
        whole = next(item for item in self.whole if item.table.name == table)
        return whole.by_field[field_name]

    @property
    def wardrobe(self) -> Wardrobe:
        """What the looks of tabs need to know."""
        return Wardrobe(list_columns(self.tabs), self.protection)

    @property
    def generated(self) -> tuple[str, ...]:
        """The generated tabs of a workbook, in the order in which they stand in it."""
        return tuple(name for name in GENERATED if name in self.titles)
