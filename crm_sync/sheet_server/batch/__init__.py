"""The requests of spreadsheets.batchUpdate: see `runner.run_requests`."""

from crm_sync.sheet_server.batch.context import Batch
from crm_sync.sheet_server.batch.runner import run_requests
from crm_sync.sheet_server.guard import Caller

__all__ = ["Batch", "Caller", "run_requests"]
