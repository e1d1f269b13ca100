"""All tables, references before what refers to them: the order in which a run merges them."""

from __future__ import annotations

from crm_sync.core.schema import Table
from crm_sync.model.agreement import Agreement
from crm_sync.model.client import Client
from crm_sync.model.company_lists import (
    BonusTerms,
    CalendarDay,
    KpiRule,
    PaidBonus,
    Rate,
    SalesPlan,
    Standard,
)
from crm_sync.model.contact import Contact
from crm_sync.model.reference import Branch, Campaign, Employee, ProductGroup, Status
from crm_sync.model.row import Row, table_of

MODELS: tuple[type[Row], ...] = (
    Status,
    Branch,
    Employee,
    ProductGroup,
    Campaign,
    Client,
    Agreement,
    Contact,
)

TABLES: tuple[Table, ...] = tuple(table_of(model) for model in MODELS)

LISTS: tuple[Table, ...] = tuple(
    table_of(model) for model in (Rate, CalendarDay, SalesPlan, KpiRule, BonusTerms, Standard)
)
"""The company's lists that reports go by; a workbook shows those that the configuration names."""

LEDGERS: tuple[Table, ...] = (table_of(PaidBonus),)
"""What the program keeps for reports and no workbook shows."""


def table(name: str) -> Table:
    """The table of this name. Raises KeyError for any other."""
    for item in (*TABLES, *LISTS, *LEDGERS):
        if item.name == name:
            return item
    raise KeyError(name)
