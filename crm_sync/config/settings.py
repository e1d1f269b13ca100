"""What may stand in config.toml: its sections, keys, defaults, and what each key may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    Strict,
    StrictBool,
    StrictInt,
    model_validator,
)

from crm_sync.config.codes import currency, language, phone_region, timezone
from crm_sync.config.field_rules import field_faults, field_of_tab, policy_faults
from crm_sync.config.own_fields import OwnField
from crm_sync.config.parts import FolderPath, Section, name_of
from crm_sync.config.report_terms import RfmSettings, SleepSettings
from crm_sync.config.surroundings import Access, Metrics, Notify
from crm_sync.core.values import N_
from crm_sync.errors import NotFound
from crm_sync.messages import Phrase
from crm_sync.messages.faults import AllWrong, Wrong, not_empty
from crm_sync.messages.toml_file import Place

_LONGEST_NAME: Final = 60


def server_address(url: str) -> str:
    """The address of a Sheets server."""
    if not _is_server_address(url):
        example = "http://127.0.0.1:8765"
        template = N_("“{typed}” is no address. Write it like {example}.")
        # What stands before an @ may be a password.
        raise Wrong(template, typed=url.rpartition("@")[2], example=example)
    return url.rstrip("/")


def _recipient(key: str) -> str:
    """A public key of age: https://github.com/C2SP/C2SP/blob/main/age.md"""
    if key and not re.fullmatch(r"age1[02-9ac-hj-np-z]{58}", key):
        raise Wrong(
            N_("“{typed}” is no public key of age. It begins with age1 and has 62 characters."),
            typed=key if key.startswith("age1") else "…",
        )
    return key


def _is_server_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    # A name or a password in an address would end up in logs.
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and port != 0
        and not parts.username
    )


def spreadsheet_id(value: str) -> str:
    """The id, also out of a whole address of a spreadsheet."""
    text = value.strip()
    if "/d/e/" in text:
        raise Wrong(N_("this is a published page. Open the spreadsheet itself, copy its address."))
    found = re.search(r"/d/([\w-]+)", text) or re.search(r"[?&]id=([\w-]+)", text)
    identity = found[1] if found else text
    if not re.fullmatch(r"[A-Za-z0-9_-]{20,}", identity):
        raise Wrong(N_("“{typed}” is neither a spreadsheet's id nor its address."), typed=value)
    return identity


def _one_or_more(value: object) -> object:
    """One name may stand without brackets. An empty list would leave everything out."""
    if value == []:
        raise Wrong(N_("the list is empty: it would show nothing. Leave the part out."))
    return [value] if isinstance(value, str) else value


Share: TypeAlias = Annotated[float, Strict(), Field(ge=0, le=1, allow_inf_nan=False)]
Seconds: TypeAlias = Annotated[float, Strict(), Field(gt=0, le=3600, allow_inf_nan=False)]
Name: TypeAlias = Annotated[str, Field(max_length=_LONGEST_NAME), AfterValidator(name_of)]
ScopeNames: TypeAlias = Annotated[tuple[Name, ...], BeforeValidator(_one_or_more)]
FieldNames: TypeAlias = tuple[Annotated[str, AfterValidator(field_of_tab)], ...]
SpreadsheetId: TypeAlias = Annotated[str, AfterValidator(spreadsheet_id)]


ReportTab: TypeAlias = Literal[
    "followups",
    "summary",
    "comparison",
    "seasonality",
    "plans",
    "kpi",
    "customers",
    "campaigns",
]
CompanyList: TypeAlias = Literal[
    "rates", "calendar", "sales_plan", "kpi_rules", "bonus_terms", "standards"
]


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    for number, name in enumerate(names):
        if name in names[:number]:
            raise Wrong(N_("“{typed}” stands here twice."), typed=name)
    return names


class StoreSettings(Section):
    """`[store]`: where the store lies."""

    path: FolderPath = Path("crm.db")


class Limits(Section):
    """`[limits]`: a run that would do more of a tab stops before it writes.

    Deletes: more than `delete_rows` rows and more than `delete_share` of the tab. Changes: more
    than `column_rows` cells of one column and more than `column_share` of its rows.
    """

    delete_rows: Annotated[StrictInt, Field(ge=0)] = 5
    delete_share: Share = 0.05
    column_rows: Annotated[StrictInt, Field(ge=0)] = 10
    column_share: Share = 0.30


class BackupSettings(Section):
    """`[backup]`: copies of the store, made before each run that changes anything.

    Without `folder` they lie beside the store, in `backups`. Of the last `hourly` hours, `daily`
    days and so on the newest of each is kept. `recipient`, a public key of age, encrypts them.
    """

    folder: FolderPath | None = None
    before_runs: StrictBool = True
    hourly: Annotated[StrictInt, Field(ge=0)] = 24
    daily: Annotated[StrictInt, Field(ge=0)] = 14
    weekly: Annotated[StrictInt, Field(ge=0)] = 8
    monthly: Annotated[StrictInt, Field(ge=0)] = 12
    recipient: Annotated[str, AfterValidator(_recipient)] = ""


class Conflicts(Section):
    """`[conflicts]`: fields of which one side's value stays when both have changed it; `newest` is
    the store's when it is surely the later one. All other fields ask.
    """

    sheet: FieldNames = ()
    store: FieldNames = ()
    newest: FieldNames = ()

    @model_validator(mode="after")
    def _check_fields_together(self) -> Self:
        lists = {"sheet": self.sheet, "store": self.store, "newest": self.newest}
        faults = list(policy_faults(lists))
        if faults:
            raise AllWrong(faults)
        return self


class Reports(Section):
    """`[reports]`: which generated tabs a workbook has beside Problems and Conflicts, and which of
    the company's lists staff keep in it. The year of reports begins in the month `year_begins`.
    """

    tabs: Annotated[tuple[ReportTab, ...], AfterValidator(_each_once)] = (
        "followups",
        "summary",
        "comparison",
        "seasonality",
        "customers",
    )
    lists: Annotated[tuple[CompanyList, ...], AfterValidator(_each_once)] = ()
    year_begins: Annotated[StrictInt, Field(ge=1, le=12)] = 1


GOOGLE_PER_MINUTE: Final = 60
"""Reads, and writes, that Google allows one account in a minute:
https://developers.google.com/workspace/sheets/api/limits
"""


class Requests(Section):
    """`[requests]`: how long a server may take, in seconds, and how much is asked of it. `budget`
    is for one run with all its repetitions; `per_minute` are the reads, and the writes, of one
    account (None: as many as Google allows one user, as many as it takes of a local server). After
    `run_minutes` a run over several workbooks begins no further one.
    """

    connect_timeout: Seconds = 10
    read_timeout: Seconds = 60
    budget: Seconds = 300
    per_minute: Annotated[StrictInt, Field(ge=1)] | None = None
    run_minutes: Annotated[StrictInt, Field(ge=1)] = 15

    @property
    def timeout(self) -> tuple[float, float]:
        """Seconds to connect and to wait for an answer, as requests takes them."""
        return self.connect_timeout, self.read_timeout


class Rows(Section):
    """`scope`: which clients a workbook shows, with their contacts and agreements. Names or ids;
    the store knows whether they exist. A client must pass every part that is there.
    """

    branch: ScopeNames = ()
    employee: ScopeNames = ()
    kind: ScopeNames = ()
    status: ScopeNames = ()

    @model_validator(mode="after")
    def _says_something(self) -> Rows:
        if not (self.branch or self.employee or self.kind or self.status):
            example = 'scope = { employee = "Anna Ivanova" }'
            template = N_("it filters nothing. Leave it out, or write it like {example}.")
            raise Wrong(template, example=example)
        return self


class _Shown(Section):
    """What a workbook shows, and what its people may fill: the same for every kind of workbook."""

    scope: Rows | None = None
    read_only: FieldNames = ()
    masked: FieldNames = ()
    hidden: FieldNames = ()

    @model_validator(mode="after")
    def _check_fields_together(self) -> Self:
        faults = list(field_faults(self.read_only, self.masked, self.hidden))
        if faults:
            raise AllWrong(faults)
        return self


class LocalWorkbook(_Shown):
    """`[[workbooks]]` with kind "local": a workbook on this computer, behind the local server.

    With `url` the server runs already, and `key` is a key file that it gave out; without, a run
    starts one on the file `data`. `title` is that of a workbook that is made anew; without `id`
    the store remembers which one it made.
    """

    kind: Literal["local"]
    name: Name
    data: FolderPath = Path("workbook.db")
    url: Annotated[str, AfterValidator(server_address)] | None = None
    id: SpreadsheetId | None = None
    key: FolderPath | None = None
    title: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    keep_extra: StrictBool = False


class GoogleWorkbook(_Shown):
    """`[[workbooks]]` with kind "google": a Google spreadsheet shared with a service account."""

    kind: Literal["google"]
    name: Name
    id: SpreadsheetId
    key: FolderPath = Path("service-account.json")
    keep_extra: StrictBool = False


Workbook: TypeAlias = Annotated[LocalWorkbook | GoogleWorkbook, Field(discriminator="kind")]


class Config(Section):
    """The whole configuration. All paths are absolute."""

    language: Annotated[str, AfterValidator(language)]
    timezone: Annotated[str, AfterValidator(timezone)]
    currency: Annotated[str, AfterValidator(currency)]
    phone_region: Annotated[str, AfterValidator(phone_region)]
    protection: Literal["warn", "lock", "none"] = "warn"
    closed_until: date | None = None
    store: StoreSettings = Field(default={}, validate_default=True)
    limits: Limits = Limits()
    conflicts: Conflicts = Conflicts()
    reports: Reports = Reports()
    sleep: SleepSettings = SleepSettings()
    rfm: RfmSettings = RfmSettings()
    requests: Requests = Requests()
    backup: BackupSettings = BackupSettings()
    access: Access = Access()
    notify: Notify = Notify()
    metrics: Metrics = Metrics()
    columns: tuple[OwnField, ...] = ()
    workbooks: Annotated[tuple[Workbook, ...], AfterValidator(not_empty)]
    _file: Path = PrivateAttr(default=Path("config.toml"))

    @property
    def file(self) -> Path:
        """The file that this was read from."""
        return self._file

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone: what "today" is."""
        return ZoneInfo(self.timezone)

    @cached_property
    def _by_name(self) -> dict[str, LocalWorkbook | GoogleWorkbook]:
        return {item.name: item for item in self.workbooks}

    def workbook(self, name: str) -> LocalWorkbook | GoogleWorkbook:
        """The workbook of this name. Raises NotFound."""
        if name in self._by_name:
            return self._by_name[name]
        raise NotFound(
            N_("There is no workbook “{name}” in {file}."),
            N_("There are: {names}."),
            name=name,
            file=self.file,
            names=", ".join(item.name for item in self.workbooks),
        )

    @model_validator(mode="after")
    def _check_workbooks_together(self) -> Config:
        faults = list(self._faults())
        if faults:
            raise AllWrong(faults)
        return self

    def _faults(self) -> Iterator[tuple[Place, Phrase]]:
        named: set[tuple[str, str]] = set()
        for index, column in enumerate(self.columns):
            fault = column.fault()
            if (column.table, column.field) in named:
                fault = N_("{table} has a field {field} already. Choose another name.")
            named.add((column.table, column.field))
            if fault:
                facts = {"table": column.table, "field": column.field}
                yield ("columns", index, "field"), Phrase(fault, facts)
        names: set[str] = set()
        for index, item in enumerate(self.workbooks):
            if item.name.casefold() in names:
                template = N_("another workbook is called “{name}” already. Choose another name.")
                yield ("workbooks", index, "name"), Phrase(template, {"name": item.name})
            names.add(item.name.casefold())
            if isinstance(item, LocalWorkbook) and item.data == self.store.path:
                template = N_("the store is this file already. A workbook needs a file of its own.")
                yield ("workbooks", index, "data"), Phrase(template)
        yield from self.doubled({})

    def doubled(self, known: Mapping[str, str]) -> Iterator[tuple[Place, Phrase]]:
        """The workbooks that are the spreadsheet of another one, and where to say so. `known` are
        the ids of those that name none here, by the workbook's name.
        """
        names: dict[str, str] = {}
        # To blame is the id that was written, not the workbook that was there without one.
        for index, item in sorted(enumerate(self.workbooks), key=lambda each: bool(each[1].id)):
            identity = item.id or known.get(item.name)
            if identity in names:
                template = N_("the workbook “{name}” is this spreadsheet already.")
                yield ("workbooks", index, "id"), Phrase(template, {"name": names[identity]})
            elif identity:
                names[identity] = item.name
