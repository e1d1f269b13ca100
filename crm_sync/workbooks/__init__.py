"""Workbooks in Google Sheets or in the local server, which differ in nothing but their address."""

from crm_sync.workbooks.connection import Connection, load_key
from crm_sync.workbooks.factory import GoogleWorkbooks
from crm_sync.workbooks.google import GoogleWorkbook
from crm_sync.workbooks.http_client import SheetsClient

__all__ = ["Connection", "GoogleWorkbook", "GoogleWorkbooks", "SheetsClient", "load_key"]
