"""Reference tables: the company's own lists, each a tab that the owner edits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from crm_sync.core.schema import OWN_ID, Kind
from crm_sync.model.row import (
    BOOLEAN,
    CURRENCY,
    DATE,
    MONEY,
    REQUIRED_TEXT,
    TEXT,
    Row,
    Spec,
    reference,
)

ENTITIES = ("client", "contact", "agreement", "reason", "lost_reason")


class Status(Row):
    """A value that a status, a reason or a lost reason may have. `allowed_next` and
    `required_fields` list keys of the same entity and names of fields, joined by "; ".
    """

    TABLE: ClassVar[str] = "statuses"
    PREFIX: ClassVar[str] = "S"
    DIGITS: ClassVar[int] = 3
    LABEL: ClassVar[str] = "key"

    entity: Annotated[str | None, Spec(Kind.CHOICE, required=True, choices=ENTITIES)] = None
    key: Annotated[str | None, Spec(max_length=40, default=OWN_ID)] = None
    ru: Annotated[str | None, Spec(max_length=100)] = None
    en: Annotated[str | None, Spec(max_length=100)] = None
    type: Annotated[
        str | None,
        Spec(Kind.CHOICE, choices=("open", "on_hold", "won", "lost"), default="open"),
    ] = None
    sort_order: Annotated[int | None, Spec(Kind.INTEGER)] = None
    colour: Annotated[str | None, Spec(max_length=7)] = None
    probability: Annotated[
        int | None, Spec(Kind.INTEGER, minimum=Decimal(0), maximum=Decimal(100))
    ] = None
    final: Annotated[bool | None, BOOLEAN] = None
    no_back: Annotated[bool | None, BOOLEAN] = None
    allowed_next: Annotated[str | None, Spec(max_length=500)] = None
    required_fields: Annotated[str | None, Spec(max_length=500)] = None
    max_days: Annotated[int | None, Spec(Kind.INTEGER, minimum=Decimal(0))] = None
    active: Annotated[bool | None, BOOLEAN] = None


class Employee(Row):
    """Someone on the staff."""

    TABLE: ClassVar[str] = "employees"
    PREFIX: ClassVar[str] = "E"
    DIGITS: ClassVar[int] = 3
    LABEL: ClassVar[str] = "name"

    name: Annotated[str | None, Spec(required=True, max_length=200, key=True)] = None
    email: Annotated[str | None, Spec(Kind.EMAIL, key=True)] = None
    phone_ext: Annotated[str | None, Spec(max_length=20)] = None
    role: Annotated[
        str | None,
        Spec(
            Kind.CHOICE,
            choices=("owner", "director", "dept_head", "branch_head", "manager", "viewer"),
            default="manager",
        ),
    ] = None
    branch: Annotated[str | None, reference("branches")] = None
    manager: Annotated[str | None, reference("employees")] = None
    hired: Annotated[date | None, DATE] = None
    left: Annotated[date | None, DATE] = None
    active: Annotated[bool | None, BOOLEAN] = None


class Branch(Row):
    """A branch of the company. `timezone` is an IANA name; empty means the company's own."""

    TABLE: ClassVar[str] = "branches"
    PREFIX: ClassVar[str] = "B"
    DIGITS: ClassVar[int] = 3
    LABEL: ClassVar[str] = "name"

    name: Annotated[str | None, Spec(required=True, max_length=200, key=True)] = None
    timezone: Annotated[str | None, TEXT] = None
    parent: Annotated[str | None, reference("branches")] = None
    currency: Annotated[str | None, CURRENCY] = None
    opened: Annotated[date | None, DATE] = None
    head: Annotated[str | None, reference("employees")] = None


class ProductGroup(Row):
    """A group of products or services that sales are compared by."""

    TABLE: ClassVar[str] = "product_groups"
    PREFIX: ClassVar[str] = "G"
    DIGITS: ClassVar[int] = 3
    LABEL: ClassVar[str] = "name"

    name: Annotated[str | None, Spec(required=True, max_length=200, key=True)] = None
    parent: Annotated[str | None, reference("product_groups")] = None
    sleep_after_days: Annotated[int | None, Spec(Kind.INTEGER, minimum=Decimal(1))] = None
    active: Annotated[bool | None, BOOLEAN] = None


class Campaign(Row):
    """An offer or an advertising campaign that sales are counted for."""

    TABLE: ClassVar[str] = "campaigns"
    PREFIX: ClassVar[str] = "P"
    DIGITS: ClassVar[int] = 3
    LABEL: ClassVar[str] = "name"

    name: Annotated[str | None, REQUIRED_TEXT] = None
    type: Annotated[
        str | None,
        Spec(
            Kind.CHOICE,
            choices=("ad", "discount", "offer", "event", "reactivation"),
            default="offer",
        ),
    ] = None
    start: Annotated[date | None, DATE] = None
    end: Annotated[date | None, DATE] = None
    budget: Annotated[Decimal | None, MONEY] = None
    currency: Annotated[str | None, CURRENCY] = None
    audience: Annotated[str | None, Spec(max_length=500)] = None
    plan_count: Annotated[int | None, Spec(Kind.INTEGER, minimum=Decimal(0))] = None
    plan_sum: Annotated[Decimal | None, MONEY] = None
    owner: Annotated[str | None, reference("employees")] = None
