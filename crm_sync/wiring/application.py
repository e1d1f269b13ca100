"""Configuration -> application."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, assert_never

from stamina.instrumentation import RetryDetails, get_on_retry_hooks, set_on_retry_hooks

from crm_sync.config import Config, GoogleWorkbook, LocalWorkbook, check_known
from crm_sync.config.own_fields import OwnField
from crm_sync.config.report_terms import RfmSettings, SleepSettings
from crm_sync.core.automatic import Policy
from crm_sync.core.keeping import KeepRule
from crm_sync.core.limits import Limits
from crm_sync.core.looks import Protection
from crm_sync.core.values import N_
from crm_sync.errors import StoreError
from crm_sync.messages import Messages
from crm_sync.model import LEDGERS, LISTS, TABLES
from crm_sync.model.scope import Scope
from crm_sync.reports.names import tab_of
from crm_sync.services.application import AccessRule, Application, BoundWorkbook, FieldRules
from crm_sync.store import SqliteStore, is_whole, open_store, usual_backups
from crm_sync.templates import (
    default_statuses,
    fingerprint,
    generated_titles,
    load_language,
    load_tabs,
)
from crm_sync.templates.own_columns import OwnColumn, with_columns, with_fields
from crm_sync.wiring.workbooks import ConfiguredWorkbooks

if TYPE_CHECKING:
    from crm_sync.reports.followup_groups import ListTerms


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


class StoreUse(Enum):
    """What is to happen when there is no store yet.

    `MAKE`: it is made. `KNOWN`: that is an error. `TRIAL`: an empty one does for the moment, and
    nothing of it stays. `STAND_IN`: an empty one stands in for it, also where it is damaged, until
    a backup takes its place.
    """

    MAKE = "make"
    KNOWN = "known"
    TRIAL = "trial"
    STAND_IN = "stand-in"


@contextmanager
def open_application(config: Config, use: StoreUse = StoreUse.MAKE) -> Iterator[Application]:
    """The application of a configuration. Raises StoreError and its kin if the store will not
    open, ConfigError if two workbooks are one spreadsheet, as the store knows.
    """
    kept = tuple(item for item in LISTS if item.name in config.reports.lists)
    added = tuple(_own_column(item) for item in config.columns)
    known = load_language(config.language)
    grown = with_fields((*TABLES, *kept), added)
    tabs = with_columns(load_tabs(config.language, grown), added, known)
    titles = generated_titles(config.language)
    chosen = (*config.reports.tabs, "problems", "conflicts")
    with ExitStack() as stack:
        store = _open_store(config, use, added, stack)
        if len(config.workbooks) > 1 and not all(item.id for item in config.workbooks):
            bindings = store.bases.bindings()
            check_known(config, {name: each.spreadsheet_id for name, each in bindings.items()})
        workbooks = ConfiguredWorkbooks(config, stack)
        yield Application(
            store=store,
            workbooks=workbooks,
            feeds=workbooks,
            clock=SystemClock(),
            bound={item.name: _bound(config, item.name) for item in config.workbooks},
            tabs=tabs,
            titles={tab_of(name): title for name, title in titles.items() if name in chosen},
            fingerprint=f"{fingerprint(tabs)} {' '.join(chosen)}{_of_reports(config)}",
            zone=config.zone,
            language=config.language,
            locale=known.locale,
            currency=config.currency,
            region=config.phone_region,
            backup_rule=_backup_rule(config),
            limits=Limits(**config.limits.model_dump()),
            policies=_policies(config),
            statuses=default_statuses(),
            protection=Protection(config.protection),
            say=Messages(config.language).text,
            lists=(*LISTS, *LEDGERS),
            all_titles=titles,
            year_begins=config.reports.year_begins,
            terms=lambda: _terms(config),
            closed_until=config.closed_until,
            run_minutes=config.requests.run_minutes,
        )


def _open_store(
    config: Config, use: StoreUse, added: Sequence[OwnColumn], stack: ExitStack
) -> SqliteStore:
    store = open_store(
        _store_path(config, use, stack),
        with_fields((*TABLES, *LISTS, *LEDGERS), added),
        backups=config.backup.folder,
        recipient=config.backup.recipient,
        place=config.store.path if use is StoreUse.STAND_IN else None,
    )
    stack.callback(store.close)
    return store


def _terms(config: Config) -> ListTerms:
    # Most commands make no report: they need not load what makes them.
    from crm_sync.wiring.report_terms import list_terms

    return list_terms(config.sleep, config.rfm)


def _of_reports(config: Config) -> str:
    """What reports go by, if it is not the usual: with other thresholds they are made anew."""
    told = config.reports.year_begins, config.sleep, config.rfm
    usual = type(config.reports)().year_begins, SleepSettings(), RfmSettings()
    return "" if told == usual else f" {told!r}"


def _own_column(item: OwnField) -> OwnColumn:
    return OwnColumn(item.table, item.named(), item.headings, item.width, item.note)


def _store_path(config: Config, use: StoreUse, stack: ExitStack) -> Path:
    path = config.store.path
    if use is not StoreUse.STAND_IN:
        _refuse_lost(config)
    if use is StoreUse.MAKE or (is_whole(path) if use is StoreUse.STAND_IN else path.exists()):
        return path
    if use is StoreUse.TRIAL or use is StoreUse.STAND_IN:
        folder = stack.enter_context(TemporaryDirectory(prefix="crm-sync-"))
        return Path(folder, path.name)
    if use is StoreUse.KNOWN:
        raise StoreError(
            N_("There is no store {path} yet."),
            N_("Type crm-sync sync to make it, or correct its path in {config}."),
            path=path,
            config=config.file,
        )
    assert_never(use)


def _refuse_lost(config: Config) -> None:
    """Raises StoreError if the store is gone and its backups are not: a new one would begin with
    new workbooks, and its own backups would soon be the newest.
    """
    path = config.store.path
    backups = config.backup.folder or usual_backups(path)
    if not path.exists() and any(backups.glob("crm-*.db*")):
        raise StoreError(
            N_("The store {path} is gone, and its backups are in {folder}."),
            N_(
                "Put the newest one in its place: crm-sync backup restore. To begin anew instead, "
                "move that folder away."
            ),
            path=path,
            folder=backups,
        )


def _backup_rule(config: Config) -> KeepRule | None:
    settings = config.backup
    if not settings.before_runs:
        return None
    return KeepRule(
        hourly=settings.hourly,
        daily=settings.daily,
        weekly=settings.weekly,
        monthly=settings.monthly,
    )


def _policies(config: Config) -> dict[tuple[str, str], Policy]:
    conflicts = config.conflicts
    return {
        place: policy
        for policy, names in (
            (Policy.SHEET, conflicts.sheet),
            (Policy.STORE, conflicts.store),
            (Policy.NEWEST, conflicts.newest),
        )
        for place in _fields(names)
    }


def _bound(config: Config, name: str) -> BoundWorkbook:
    item = config.workbook(name)
    title = item.title if isinstance(item, LocalWorkbook) else None
    scope = Scope(**item.scope.model_dump()) if item.scope else Scope()
    rules = FieldRules(_fields(item.read_only), _fields(item.masked), _fields(item.hidden))
    title = title or f"CRM {name}"
    access = AccessRule(config.access.allow) if _is_audited(config, name) else None
    return BoundWorkbook(name, title, item.id or "", item.keep_extra, scope, rules, access)


def _is_audited(config: Config, name: str) -> bool:
    """A workbook at Google always is; one of our own server only where a list says who may."""
    return config.access.allow is not None or isinstance(config.workbook(name), GoogleWorkbook)


def _fields(names: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((table, name) for table, _, name in (text.partition(".") for text in names))


@contextmanager
def waiting_told(tell: Callable[[float], object]) -> Iterator[None]:
    """While inside, `tell` is told how many seconds a run waits before it asks a server again, in
    the place of a line in the log.
    """

    def hook(details: RetryDetails) -> None:
        tell(details.wait_for)

    before = get_on_retry_hooks()
    set_on_retry_hooks((hook,))
    try:
        yield
    finally:
        set_on_retry_hooks(before)
