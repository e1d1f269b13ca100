"""A trading company's clients, agreements and contacts, to try crm-sync on.

Made from the public Northwind sample database (Microsoft, Ms-PL) by `convert`; `load` gives it
with its dates moved to the present.
"""

from crm_sync.demo_data.load import DemoData, DemoRow, load

__all__ = ["DemoData", "DemoRow", "load"]
