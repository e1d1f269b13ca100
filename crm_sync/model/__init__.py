"""The pydantic models of every table, and the rules that bind their fields."""

from crm_sync.model.agreement import Agreement
from crm_sync.model.client import Client
from crm_sync.model.contact import Contact
from crm_sync.model.reference import Branch, Campaign, Employee, ProductGroup, Status
from crm_sync.model.tables import LEDGERS, LISTS, TABLES, table

__all__ = [
    "LEDGERS",
    "LISTS",
    "TABLES",
    "Agreement",
    "Branch",
    "Campaign",
    "Client",
    "Contact",
    "Employee",
    "ProductGroup",
    "Status",
    "table",
]
