"""The local Sheets server: Google's REST for spreadsheets on loopback, on one SQLite file."""

from crm_sync.sheet_server.accounts import create_service_account
from crm_sync.sheet_server.faults import FaultKind, StaffAction, When
from crm_sync.sheet_server.server import (
    DataFileBusy,
    SheetServer,
    StaffActionFailed,
    running_url,
)

__all__ = [
    "DataFileBusy",
    "FaultKind",
    "SheetServer",
    "StaffAction",
    "StaffActionFailed",
    "When",
    "create_service_account",
    "running_url",
]
