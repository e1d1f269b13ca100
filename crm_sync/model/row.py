"""The base of all models, and how a model's fields say what their cells hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from crm_sync.core.schema import Field, FilledBy, Kind, Table


@dataclass(frozen=True)
class Spec:
    """What a field's cells hold: the annotation of a model's field, a `core.schema.Field` without
    its name.
    """

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

    def named(self, name: str) -> Field:
        """The same as a field of a table."""
        return Field(name=name, **{key: getattr(self, key) for key in self.__dataclass_fields__})


class Row(BaseModel):
    """A record as a typed object. Values are canonical ones (`core.values.Scalar`), read by
    pydantic into dates, decimals and booleans; an empty field is None. Unknown fields are
    refused.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    TABLE: ClassVar[str]
    PREFIX: ClassVar[str]
    DIGITS: ClassVar[int] = 6
    LABEL: ClassVar[str]
    GROUPS: ClassVar[tuple[tuple[str, ...], ...]] = ()
    SEARCHED: ClassVar[bool] = False

    id: str


def table_of(model: type[Row]) -> Table:
    """The table of a model: its fields in the order in which the class names them, the id apart."""
    fields = []
    for name, info in model.model_fields.items():
        specs = [item for item in info.metadata if isinstance(item, Spec)]
        if specs:
            fields.append(specs[0].named(name))
        elif name != "id":
            raise TypeError(f"{model.__name__}.{name} has no Spec")
    return Table(
        model.TABLE,
        model.PREFIX,
        model.DIGITS,
        model.LABEL,
        tuple(fields),
        model.GROUPS,
        model.SEARCHED,
    )


TEXT = Spec()
REQUIRED_TEXT = Spec(required=True, max_length=200)
NOTE = Spec(max_length=5000, prose=True)
DATE = Spec(Kind.DATE)
DATETIME = Spec(Kind.DATETIME)
BOOLEAN = Spec(Kind.BOOLEAN)
MONEY = Spec(Kind.DECIMAL)
CURRENCY = Spec(max_length=3)


def reference(table: str, *, required: bool = False, entity: str | None = None) -> Spec:
    """A reference to a record of another table (for `statuses`: to a key of that entity)."""
    return Spec(Kind.REFERENCE, required=required, refers_to=table, entity=entity)


def required(spec: Spec) -> Spec:
    """The same spec, to be filled in each row."""
    return replace(spec, required=True)


def engine(spec: Spec) -> Spec:
    """The same spec, filled by the engine (a grey column)."""
    return replace(spec, filled_by=FilledBy.ENGINE)


def derived(spec: Spec) -> Spec:
    """The same spec, worked out by the engine in each run and not stored (a grey column)."""
    return replace(engine(spec), derived=True)
