"""Tables, fields, tabs and columns as values: what the model and the templates say, without
either.

The model gives tables (`model.tables`), a template gives the tab in one language
(`templates.load_tabs`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from crm_sync.core.headings import heading_key

OWN_ID = "{id}"
"""The default of a field that takes its record's own id when it is left empty."""


class Kind(StrEnum):
    """What a field's cells hold; each kind has one codec (`core.codecs`)."""

    ID = "id"
    TEXT = "text"
    DIGITS = "digits"
    PHONE = "phone"
    EMAIL = "email"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    REFERENCE = "reference"


class FilledBy(StrEnum):
    """Who fills a column: staff (white heading), the engine (grey), the system (blue, the id)."""

    STAFF = "staff"
    ENGINE = "engine"
    SYSTEM = "system"


@dataclass(frozen=True)
class Field:
    """One named value of a record.

    `many` marks a list kept as text, its items joined by "; ". `choices` are the keys of a closed
    list. A reference names its table; a reference to `statuses` names the entity too and holds
    the status's key, every other holds the record's id. `key` marks fields that tell one record
    from all others when their value is unique. Decimal fields have at most `places` digits after
    the point. A `derived` field is worked out from other records in each run; the store has no
    column for it. Edits of both sides in different places of a long text (`prose`) are merged.
    """

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    filled_by: FilledBy = FilledBy.STAFF
    many: bool = False
    choices: tuple[str, ...] = ()
    refers_to: str | None = None
    entity: str | None = None
    key: bool = False
    max_length: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    places: int = 2
    default: str | None = None
    derived: bool = False
    prose: bool = False


@dataclass(frozen=True)
class Table:
    """One kind of record: `prefix` begins its ids ("C" for C-000123), `label` names the field
    that people call it by. Fields of one of the `groups` belong together (an amount and its
    currency): edits of both sides within one are a conflict. People look for records of a table
    that is `searched` by their words.
    """

    name: str
    prefix: str
    digits: int
    label: str
    fields: tuple[Field, ...]
    groups: tuple[tuple[str, ...], ...] = ()
    searched: bool = False

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Fields by name, without the id."""
        return {item.name: item for item in self.fields}

    @cached_property
    def staff_fields(self) -> tuple[Field, ...]:
        """The fields that people fill and that are merged."""
        return tuple(item for item in self.fields if item.filled_by is FilledBy.STAFF)

    @cached_property
    def staff_names(self) -> tuple[str, ...]:
        """The names of those fields."""
        return tuple(item.name for item in self.staff_fields)

    @cached_property
    def required_fields(self) -> tuple[Field, ...]:
        """The fields without which there is no record."""
        return tuple(item for item in self.fields if item.required)

    @property
    def stored_fields(self) -> tuple[Field, ...]:
        """The fields that have a column in the store, whoever fills them."""
        return tuple(item for item in self.fields if not item.derived)


@dataclass(frozen=True)
class Column:
    """A column of a tab: the field under its heading. `aliases` are other headings read as this
    one; `labels` show a choice's key in the workbook's language; `pattern` is a number format of
    Sheets.
    """

    field: Field
    heading: str
    aliases: tuple[str, ...] = ()
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    pattern: str | None = None
    width: int = 120
    note: str = ""
    hidden: bool = False
    dropdown: bool = False


@dataclass(frozen=True)
class Highlight:
    """A colour that a cell of `field` takes by itself. `when` is a formula of Sheets for one row in
    which {name} stands for the row's cell of a field; `colour` is "#RRGGBB".
    """

    name: str
    field: str
    when: str
    colour: str


@dataclass(frozen=True)
class Tab:
    """A tab of records in one language. The id column is `columns[0]`, its field has kind ID."""

    table: Table
    title: str
    columns: tuple[Column, ...]
    highlights: tuple[Highlight, ...] = ()

    @cached_property
    def by_field(self) -> Mapping[str, Column]:
        """Columns by the name of their field."""
        return {column.field.name: column for column in self.columns}

    @cached_property
    def by_heading(self) -> Mapping[str, str]:
        """The names of the fields by `heading_key` of their headings and aliases."""
        return {
            heading_key(heading): column.field.name
            for column in self.columns
            for heading in (*column.aliases, column.heading)
        }
