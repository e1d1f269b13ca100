"""`[[columns]]`: columns that a company adds to the tabs, without any code."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictFloat, StrictInt

from crm_sync.core.schema import Field as TableField
from crm_sync.core.schema import Kind
from crm_sync.core.values import N_
from crm_sync.messages.faults import Wrong
from crm_sync.model import table

_TAKEN: Final = frozenset(
    {"id", "created_at", "created_by", "updated_at", "updated_by", "updated_source", "external_id"}
    | {"version", "archived_at", "rowid", "oid"}
)


def _name(name: str) -> str:
    plain = name.isascii() and name.replace("_", "a").isalnum() and name[0].isalpha()
    if not (name and plain and name == name.lower()) or name in _TAKEN:
        raise Wrong(
            N_(
                "“{typed}” cannot be a field: it has small Latin letters, digits and _, and is no "
                "word of the store's own."
            ),
            typed=name,
        )
    return name


Words = Annotated[str, Field(min_length=1, max_length=200)]
Number = StrictInt | StrictFloat


class OwnField(BaseModel):
    """One `[[columns]]`: a field of a table with its headings by language. `choices` are the words
    of a closed list, shown as they are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: Literal[
        "clients",
        "contacts",
        "agreements",
        "employees",
        "branches",
        "product_groups",
        "campaigns",
    ]
    field: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_name)]
    headings: Annotated[dict[str, Words], Field(min_length=1)]
    kind: Literal[
        "text",
        "digits",
        "phone",
        "email",
        "integer",
        "decimal",
        "date",
        "datetime",
        "boolean",
        "choice",
    ] = "text"
    minimum: Number | None = None
    maximum: Number | None = None
    choices: tuple[Words, ...] = ()
    width: Annotated[StrictInt, Field(ge=20, le=2000)] = 120
    note: str = ""

    def fault(self) -> str:
        """What is wrong with it as a whole, "" for nothing."""
        numbers = self.kind in ("integer", "decimal")
        if self.field in table(self.table).by_name:
            return N_("{table} has a field {field} already. Choose another name.")
        if (self.kind == "choice") != bool(self.choices):
            return N_('{field}: choices belong to kind = "choice", and to no other.')
        if not numbers and (self.minimum is not None or self.maximum is not None):
            return N_("{field}: only numbers have a minimum and a maximum.")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            return N_("{field}: the minimum is larger than the maximum.")
        return ""

    def named(self) -> TableField:
        """The field as tables have it."""
        return TableField(
            self.field,
            Kind(self.kind),
            choices=self.choices,
            minimum=None if self.minimum is None else Decimal(str(self.minimum)),
            maximum=None if self.maximum is None else Decimal(str(self.maximum)),
            max_length=5000 if self.kind == "text" else None,
        )
